-- How many plays, listeners and sessions are there in all?
SELECT COUNT(*) AS plays, COUNT(DISTINCT user_id) AS listeners, COUNT(DISTINCT session_id) AS sessions
FROM songplays;
