-- On which day of the week is music played? 0 is Sunday.
SELECT t.weekday, COUNT(*) AS plays, COUNT(DISTINCT p.user_id) AS listeners
FROM songplays AS p
JOIN time AS t ON t.start_time = p.start_time
GROUP BY t.weekday
ORDER BY t.weekday;
