-- At what hour of which day of the week (UTC) is music played? 0 is Sunday.
SELECT t.weekday, t.hour, COUNT(*) AS plays
FROM songplays AS p
JOIN time AS t ON t.start_time = p.start_time
GROUP BY t.weekday, t.hour
ORDER BY t.weekday, t.hour;
