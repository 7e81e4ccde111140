-- How do plays develop from week to week (ISO 8601)?
SELECT t.year, t.week, COUNT(*) AS plays, COUNT(DISTINCT p.user_id) AS listeners
FROM songplays AS p
JOIN time AS t ON t.start_time = p.start_time
GROUP BY t.year, t.week
ORDER BY t.year, t.week;
