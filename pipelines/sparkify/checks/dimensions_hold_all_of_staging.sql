-- Users, songs and artists are as many as the distinct keys of the staging tables.
SELECT table_name, table_rows, staged_keys
FROM (
    SELECT 'users' AS table_name, (SELECT COUNT(*) FROM users) AS table_rows,
           (SELECT COUNT(DISTINCT user_id) FROM staging_events WHERE page = 'NextSong') AS staged_keys
    UNION ALL
    SELECT 'songs', (SELECT COUNT(*) FROM songs), (SELECT COUNT(DISTINCT song_id) FROM staging_songs)
    UNION ALL
    SELECT 'artists', (SELECT COUNT(*) FROM artists), (SELECT COUNT(DISTINCT artist_id) FROM staging_songs)
) AS counts
WHERE table_rows <> staged_keys;
