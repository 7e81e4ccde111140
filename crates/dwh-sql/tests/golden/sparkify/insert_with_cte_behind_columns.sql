INSERT INTO songplays (start_time, user_id)
WITH plays AS (SELECT ts, userid FROM staging_events WHERE page = 'NextSong')
SELECT TO_TIMESTAMP(ts, '9999-99-99 99:99:99'), userid FROM plays;
