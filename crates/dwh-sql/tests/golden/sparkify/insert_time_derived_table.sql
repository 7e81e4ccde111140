INSERT INTO time
SELECT a.start_time, DATEPART(h, a.start_time), DATE_PART('d', a.start_time), to_char(a.start_time, 'Day')
FROM (SELECT DATEADD(ms, ts::bigint, '1970-01-01') AS start_time FROM staging_events) a;
INSERT INTO time SELECT start_time, EXTRACT(hr FROM start_time)
FROM (SELECT DISTINCT DATE '1970-01-01' + ts * INTERVAL '0.001 seconds' AS start_time FROM staging_events WHERE page='NextSong');
