-- How many users are active each day?
SELECT CAST(start_time AS DATE) AS day, COUNT(DISTINCT user_id) AS active_users, COUNT(*) AS plays
FROM songplays
GROUP BY CAST(start_time AS DATE)
ORDER BY day;
