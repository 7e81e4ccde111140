-- Which song each event means: equal title and artist name, durations within one second; the lowest song_id
-- if several match.
CREATE TEMP TABLE matched_events AS
SELECT event_id, song_id, artist_id
FROM (
    SELECT e.event_id, s.song_id, s.artist_id,
           ROW_NUMBER() OVER (PARTITION BY e.event_id ORDER BY s.song_id, s.artist_id) AS choice
    FROM staging_events AS e
    JOIN staging_songs AS s
      ON s.title = e.song AND s.artist_name = e.artist AND ABS(s.duration - e.length) <= 1
    WHERE e.page = 'NextSong'
) AS matches
WHERE choice = 1;

-- Songs that arrived after their plays: earlier plays get them now, so that the order in which files arrive
-- never matters.
UPDATE songplays
SET song_id = m.song_id, artist_id = m.artist_id
FROM matched_events AS m
WHERE songplays.songplay_id = m.event_id
  AND (songplays.song_id IS NULL OR songplays.song_id <> m.song_id OR songplays.artist_id <> m.artist_id);

-- One play for each new event. An event without a match is kept.
INSERT INTO songplays (
    songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent
)
SELECT e.event_id, TIMESTAMP 'epoch' + e.ts * INTERVAL '0.001 second', e.user_id, e.level,
       m.song_id, m.artist_id, e.session_id, e.location, e.user_agent
FROM staging_events AS e
LEFT JOIN matched_events AS m ON m.event_id = e.event_id
WHERE e.page = 'NextSong'
  AND NOT EXISTS (SELECT 1 FROM songplays AS p WHERE p.songplay_id = e.event_id);

DROP TABLE matched_events;
