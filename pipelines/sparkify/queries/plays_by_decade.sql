-- From which decade are the songs that are played? 0 is not known.
SELECT s.year - s.year % 10 AS decade, COUNT(*) AS plays, COUNT(DISTINCT s.song_id) AS songs
FROM songplays AS p
JOIN songs AS s ON s.song_id = p.song_id
GROUP BY 1
ORDER BY 1;
