-- How many plays and listeners are there by gender and level?
SELECT u.gender, p.level, COUNT(*) AS plays, COUNT(DISTINCT p.user_id) AS listeners
FROM songplays AS p
JOIN users AS u ON u.user_id = p.user_id
GROUP BY u.gender, p.level
ORDER BY u.gender, p.level;
