-- Rebuilt from all of staging: the most complete entry of each artist.
DELETE FROM artists;

INSERT INTO artists (artist_id, name, location, latitude, longitude)
SELECT artist_id, artist_name, artist_location, artist_latitude, artist_longitude
FROM (
    SELECT artist_id, artist_name, artist_location, artist_latitude, artist_longitude,
           ROW_NUMBER() OVER (
               PARTITION BY artist_id
               ORDER BY CASE WHEN artist_latitude IS NULL THEN 1 ELSE 0 END,
                        CASE WHEN COALESCE(artist_location, '') = '' THEN 1 ELSE 0 END,
                        artist_name, artist_location, artist_latitude, artist_longitude
           ) AS choice
    FROM staging_songs
) AS entries
WHERE choice = 1;
