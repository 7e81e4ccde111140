INSERT INTO songs SELECT DISTINCT(song_id) AS song_id, title, artist_id, year, duration FROM staging_songs;
INSERT INTO artists (artist_id, name, location, latitude, longitude)
SELECT DISTINCT (artist_id), artist_name, artist_location, artist_latitude, artist_longitude
FROM staging_songs WHERE artist_id IS NOT NULL
ORDER BY year;
