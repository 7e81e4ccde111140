-- songplay_id is the key of songplays.
SELECT songplay_id, COUNT(*) AS copies FROM songplays GROUP BY songplay_id HAVING COUNT(*) > 1;
