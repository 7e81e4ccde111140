-- How many sessions have one play, two to five, …?
SELECT CASE
           WHEN plays = 1 THEN '001'
           WHEN plays <= 5 THEN '002-005'
           WHEN plays <= 20 THEN '006-020'
           WHEN plays <= 50 THEN '021-050'
           ELSE '051-'
       END AS plays_in_session,
       COUNT(*) AS sessions, SUM(plays) AS plays
FROM (SELECT session_id, COUNT(*) AS plays FROM songplays GROUP BY session_id) AS sessions
GROUP BY 1
ORDER BY 1;
