SELECT TOP 10 s.title, COUNT(*) AS plays
FROM songplays sp JOIN songs s ON sp.song_id = s.song_id
GROUP BY s.title ORDER BY plays DESC;
SELECT count(*), level FROM songplays GROUP BY 2;
SELECT t.weekday, t.hour, COUNT (*) FROM songplays sp JOIN time t USING (start_time) GROUP BY t.weekday, t.hour;
