-- How do free and paid listening compare?
SELECT level, COUNT(*) AS plays, COUNT(DISTINCT user_id) AS listeners, COUNT(DISTINCT session_id) AS sessions,
       CAST(ROUND(100.0 * COUNT(*) / (SELECT COUNT(*) FROM songplays), 2) AS DECIMAL(5, 2)) AS percent_of_plays
FROM songplays
GROUP BY level
ORDER BY level;
