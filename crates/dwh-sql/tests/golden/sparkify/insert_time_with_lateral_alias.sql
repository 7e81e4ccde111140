INSERT INTO time
SELECT DISTINCT TIMESTAMP 'epoch' + (ts / 1000) * INTERVAL '1 Second ' AS start_time,
       EXTRACT(HOUR FROM start_time) AS hour,
       EXTRACT(DAY FROM start_time) AS day,
       EXTRACT(WEEKS FROM start_time) AS week,
       EXTRACT(MONTH FROM start_time) AS month,
       EXTRACT(YEAR FROM start_time) AS year,
       DATE_PART(dow, start_time) AS weekday
FROM staging_events
WHERE ts IS NOT NULL AND start_time > '2018-11-01';
