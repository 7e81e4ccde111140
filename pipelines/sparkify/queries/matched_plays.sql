-- What share of the plays is matched to the catalog?
SELECT COUNT(*) AS plays, COUNT(song_id) AS matched_plays,
       CAST(ROUND(100.0 * COUNT(song_id) / COUNT(*), 2) AS DECIMAL(5, 2)) AS percent_matched
FROM songplays;
