CREATE VIEW v AS SELECT user_id, level FROM users;
CREATE OR REPLACE VIEW s.v (a, b) AS
  SELECT u.user_id, -- the key
         count(*) FROM s.users u GROUP BY 1
WITH NO SCHEMA BINDING;
CREATE VIEW w AS WITH x AS (SELECT 1 AS a) SELECT * FROM x
