-- At what hour of the day (UTC) is music played?
SELECT t.hour, COUNT(*) AS plays, COUNT(DISTINCT p.user_id) AS listeners
FROM songplays AS p
JOIN time AS t ON t.start_time = p.start_time
GROUP BY t.hour
ORDER BY t.hour;
