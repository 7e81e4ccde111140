-- The staging tables have as many rows as the ledger says were loaded.
SELECT load_name, rows_loaded, staged_rows
FROM (
    SELECT load_name, SUM(rows_loaded) AS rows_loaded,
           CASE load_name
               WHEN 'staging_events' THEN (SELECT COUNT(*) FROM staging_events)
               WHEN 'staging_songs' THEN (SELECT COUNT(*) FROM staging_songs)
           END AS staged_rows
    FROM dwh_loads
    WHERE pipeline = 'sparkify'
    GROUP BY load_name
) AS loads
WHERE rows_loaded <> staged_rows;
