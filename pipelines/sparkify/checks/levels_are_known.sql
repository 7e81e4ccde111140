-- The level is free or paid.
SELECT 'songplays' AS table_name, level, COUNT(*) AS copies
FROM songplays WHERE level NOT IN ('free', 'paid') OR level IS NULL GROUP BY level
UNION ALL
SELECT 'users', level, COUNT(*)
FROM users WHERE level NOT IN ('free', 'paid') OR level IS NULL GROUP BY level;
