-- How do free and paid plays develop from day to day?
SELECT CAST(start_time AS DATE) AS day, level, COUNT(*) AS plays, COUNT(DISTINCT session_id) AS sessions
FROM songplays
GROUP BY CAST(start_time AS DATE), level
ORDER BY day, level;
