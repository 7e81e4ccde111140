-- Who played both as a free and as a paying user, and what are they now?
SELECT u.user_id, u.first_name, u.last_name, u.level AS level_now,
       SUM(CASE WHEN p.level = 'free' THEN 1 ELSE 0 END) AS free_plays,
       SUM(CASE WHEN p.level = 'paid' THEN 1 ELSE 0 END) AS paid_plays
FROM songplays AS p
JOIN users AS u ON u.user_id = p.user_id
GROUP BY u.user_id, u.first_name, u.last_name, u.level
HAVING COUNT(DISTINCT p.level) > 1
ORDER BY u.user_id;
