-- Rebuilt from all of staging, so that the order in which files arrive never matters.
DELETE FROM songs;

INSERT INTO songs (song_id, title, artist_id, year, duration)
SELECT song_id, title, artist_id, year, duration
FROM (
    SELECT song_id, title, artist_id, year, duration,
           ROW_NUMBER() OVER (PARTITION BY song_id ORDER BY title, artist_id, year, duration) AS choice
    FROM staging_songs
) AS entries
WHERE choice = 1;
