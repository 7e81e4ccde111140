-- A song lasts and was released in a year of recorded music, or in 0: not known.
SELECT song_id, title, year, duration
FROM songs
WHERE duration <= 0 OR duration IS NULL OR (year <> 0 AND year NOT BETWEEN 1900 AND 2100);
