-- How many rows does each table have?
SELECT 'artists' AS table_name, COUNT(*) AS row_count FROM artists
UNION ALL SELECT 'songplays', COUNT(*) FROM songplays
UNION ALL SELECT 'songs', COUNT(*) FROM songs
UNION ALL SELECT 'staging_events', COUNT(*) FROM staging_events
UNION ALL SELECT 'staging_songs', COUNT(*) FROM staging_songs
UNION ALL SELECT 'time', COUNT(*) FROM time
UNION ALL SELECT 'users', COUNT(*) FROM users
ORDER BY table_name;
