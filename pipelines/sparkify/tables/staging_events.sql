-- One row for each event of the activity logs, as logged.
CREATE TABLE IF NOT EXISTS staging_events (
    event_id        BIGINT IDENTITY(0, 1) NOT NULL,
    artist          VARCHAR(1024),
    auth            VARCHAR(64),
    first_name      VARCHAR(256),
    gender          VARCHAR(16),
    item_in_session INTEGER,
    last_name       VARCHAR(256),
    length          DOUBLE PRECISION,
    level           VARCHAR(16),
    location        VARCHAR(1024),
    method          VARCHAR(16),
    page            VARCHAR(64) NOT NULL,
    registration    BIGINT,
    session_id      BIGINT,
    song            VARCHAR(1024),
    status          INTEGER,
    ts              BIGINT NOT NULL,
    user_agent      VARCHAR(1024),
    user_id         INTEGER,
    PRIMARY KEY (event_id)
)
DISTSTYLE EVEN
SORTKEY (ts);

COMMENT ON TABLE staging_events IS 'Activity logs: one row per event, as logged. Kept for good: facts are derived from it.';
COMMENT ON COLUMN staging_events.event_id IS 'Number given when the event is loaded; becomes the songplay_id of a play. Unique, with gaps';
COMMENT ON COLUMN staging_events.artist IS 'JSON artist: name of the artist played; null unless page is NextSong';
COMMENT ON COLUMN staging_events.auth IS 'JSON auth: Logged In or Logged Out';
COMMENT ON COLUMN staging_events.first_name IS 'JSON firstName: first name of the user; null when logged out';
COMMENT ON COLUMN staging_events.gender IS 'JSON gender: F or M; null when logged out';
COMMENT ON COLUMN staging_events.item_in_session IS 'JSON itemInSession: position of the event in its session, from 0';
COMMENT ON COLUMN staging_events.last_name IS 'JSON lastName: last name of the user; null when logged out';
COMMENT ON COLUMN staging_events.length IS 'JSON length: length of the song played, in seconds; null unless page is NextSong';
COMMENT ON COLUMN staging_events.level IS 'JSON level: free or paid at the time of the event';
COMMENT ON COLUMN staging_events.location IS 'JSON location: metropolitan area of the user; null when logged out';
COMMENT ON COLUMN staging_events.method IS 'JSON method: HTTP method of the request, GET or PUT';
COMMENT ON COLUMN staging_events.page IS 'JSON page: page requested; NextSong is a song play';
COMMENT ON COLUMN staging_events.registration IS 'JSON registration: when the user registered, in milliseconds since 1970 (UTC); null when logged out';
COMMENT ON COLUMN staging_events.session_id IS 'JSON sessionId: session of the user';
COMMENT ON COLUMN staging_events.song IS 'JSON song: title of the song played; null unless page is NextSong';
COMMENT ON COLUMN staging_events.status IS 'JSON status: HTTP status of the answer';
COMMENT ON COLUMN staging_events.ts IS 'JSON ts: when the event happened, in milliseconds since 1970 (UTC)';
COMMENT ON COLUMN staging_events.user_agent IS 'JSON userAgent: browser of the user; null when logged out';
COMMENT ON COLUMN staging_events.user_id IS 'JSON userId: the user; null when logged out (an empty string in the logs)';
