CREATE TABLE a (x, y) DISTKEY(x) SORTKEY(1, y) AS SELECT user_id, count(*) FROM songplays GROUP BY 1;
CREATE TEMPORARY TABLE b BACKUP NO DISTSTYLE EVEN AS (SELECT * FROM users);
create table c as with x as (select 1 as one) select * from x union all select 2;
