-- Latitude and longitude are degrees.
SELECT artist_id, latitude, longitude
FROM artists
WHERE latitude NOT BETWEEN -90 AND 90 OR longitude NOT BETWEEN -180 AND 180;
