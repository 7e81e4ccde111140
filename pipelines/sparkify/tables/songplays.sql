CREATE TABLE IF NOT EXISTS songplays (
    songplay_id BIGINT NOT NULL,
    start_time  TIMESTAMP NOT NULL REFERENCES time (start_time),
    user_id     INTEGER REFERENCES users (user_id),
    level       VARCHAR(16),
    song_id     VARCHAR(64) REFERENCES songs (song_id),
    artist_id   VARCHAR(64) REFERENCES artists (artist_id),
    session_id  BIGINT,
    location    VARCHAR(1024),
    user_agent  VARCHAR(1024),
    PRIMARY KEY (songplay_id)
)
DISTKEY (song_id)
SORTKEY (start_time);

COMMENT ON TABLE songplays IS 'Fact: one row per song play, that is per event of page NextSong.';
COMMENT ON COLUMN songplays.songplay_id IS 'The play: the event_id of its event. It stays the same from run to run; a full refresh numbers anew';
COMMENT ON COLUMN songplays.start_time IS 'When the play started, to the millisecond, in UTC';
COMMENT ON COLUMN songplays.user_id IS 'Who played';
COMMENT ON COLUMN songplays.level IS 'free or paid at the time of the play';
COMMENT ON COLUMN songplays.song_id IS 'The song of the catalog with the same title, artist name and, within one second, duration; the lowest if several match, null if none does';
COMMENT ON COLUMN songplays.artist_id IS 'The artist of that song, null if none matches';
COMMENT ON COLUMN songplays.session_id IS 'Session of the user';
COMMENT ON COLUMN songplays.location IS 'Metropolitan area of the user at the time of the play';
COMMENT ON COLUMN songplays.user_agent IS 'Browser of the user';
