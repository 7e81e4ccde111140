-- Which sessions are the longest, by plays, and how long did they take from the first play to the last?
SELECT session_id, user_id, COUNT(*) AS plays, DATEDIFF('second', MIN(start_time), MAX(start_time)) AS seconds
FROM songplays
GROUP BY session_id, user_id
ORDER BY plays DESC, session_id, user_id
LIMIT 10;
