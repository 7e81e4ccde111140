import configparser

config = configparser.ConfigParser()
config.read("dwh.cfg")

ARN = config["IAM_ROLE"]["ARN"]
LOG_DATA = config["S3"]["LOG_DATA"]
SONG_DATA = config["S3"]["SONG_DATA"]
REGION = config["S3"]["REGION"]

drop_all = """
-- one statement for all of them
DROP TABLE IF EXISTS songplays, staging_events, staging_songs, users, songs, artists, "time" CASCADE;
"""

create_staging_events = """
CREATE TABLE IF NOT EXISTS "staging_events" (
    "event_id"      BIGINT IDENTITY(1, 1),
    "artist"        VARCHAR(500),
    "auth"          VARCHAR(20),
    "firstName"     VARCHAR(500),
    "gender"        VARCHAR(1),
    "itemInSession" SMALLINT,
    "lastName"      VARCHAR(500),
    "length"        DOUBLE PRECISION,
    "level"         VARCHAR(10) ENCODE lzo,
    "location"      VARCHAR(500),
    "method"        VARCHAR(10),
    "page"          VARCHAR(50),
    "registration"  VARCHAR(50),
    "sessionId"     BIGINT SORTKEY DISTKEY,
    "song"          VARCHAR(500),
    "status"        SMALLINT,
    "ts"            TIMESTAMP,
    "userAgent"     VARCHAR(500),
    "userId"        VARCHAR(50),
    PRIMARY KEY ("event_id")
);
"""

create_staging_songs = """
CREATE TABLE IF NOT EXISTS staging_songs (
    num_songs        INTEGER      NULL,
    artist_id        VARCHAR(100) NOT NULL SORTKEY DISTKEY,
    artist_latitude  VARCHAR(100) NULL,
    artist_longitude VARCHAR(100) NULL,
    artist_location  VARCHAR(500) NULL,
    artist_name      VARCHAR(500) NULL,
    song_id          VARCHAR(100) NOT NULL,
    title            VARCHAR(500) NULL,
    duration         DECIMAL(9)   NULL,
    year             INTEGER      NULL
);
"""

create_dimensions = """
CREATE TABLE users (
    user_id    VARCHAR(50) NOT NULL SORTKEY,
    first_name VARCHAR(80),
    last_name  VARCHAR(80),
    gender     VARCHAR(1),
    level      VARCHAR(10)
) DISTSTYLE ALL;
CREATE TABLE songs (
    song_id   VARCHAR(50) NOT NULL,
    title     VARCHAR(500),
    artist_id VARCHAR(50),
    year      INTEGER,
    duration  DECIMAL(9),
    PRIMARY KEY (song_id)
) SORTKEY (song_id);
CREATE TABLE artists (
    artist_id VARCHAR(50) NOT NULL SORTKEY,
    name      VARCHAR(500) DEFAULT 'unknown',
    location  VARCHAR(500),
    latitude  DECIMAL(9),
    longitude DECIMAL(9)
) DISTSTYLE ALL;
CREATE TABLE "time" (
    start_time TIMESTAMP NOT NULL DISTKEY SORTKEY PRIMARY KEY,
    hour SMALLINT, day SMALLINT, week SMALLINT, month SMALLINT, year SMALLINT, weekday SMALLINT
) DISTSTYLE KEY;;
"""

create_songplays = """
CREATE TABLE songplays (
    songplay_id INTEGER IDENTITY (1, 1) NOT NULL,
    start_time  TIMESTAMP NOT NULL,
    user_id     VARCHAR(50) NOT NULL,
    level       VARCHAR(10) NOT NULL,
    song_id     VARCHAR(50),
    artist_id   VARCHAR(50),
    session_id  BIGINT NOT NULL,
    location    VARCHAR(500),
    user_agent  VARCHAR(500),
    FOREIGN KEY (user_id) REFERENCES users (user_id),
    FOREIGN KEY (song_id) REFERENCES songs (song_id)
)
DISTKEY (start_time)
COMPOUND SORTKEY (start_time, session_id);
"""

copy_events = f"""
copy staging_events
from '{LOG_DATA}'
iam_role '{ARN}'
json 'auto ignorecase'
timeformat as 'epochmillisecs'
truncatecolumns blanksasnull emptyasnull
compupdate off statupdate off
maxerror 10
region '{REGION}';
"""

copy_songs = f"""
copy staging_songs from '{SONG_DATA}'
region '{REGION}' iam_role '{ARN}'
format json as 'auto'
acceptinvchars as '^' STATUPDATE ON;
"""

insert_users = """
INSERT INTO users
SELECT DISTINCT (userid) AS user_id, firstname, lastname, gender, level
FROM staging_events e1
WHERE userid IS NOT NULL
  AND page = 'NextSong'
  AND ts = (SELECT MAX(ts) FROM staging_events e2 WHERE e2.userid = e1.userid AND e2.page = 'NextSong');
"""

insert_songs = """
INSERT INTO songs (song_id, title, artist_id, year, duration)
SELECT DISTINCT (s.song_id), s.title, s.artist_id, CASE WHEN s.year <> 0 THEN s.year ELSE NULL END, s.duration
FROM staging_songs AS s
WHERE s.song_id NOT IN (SELECT song_id FROM songs);
"""

insert_artists = """
INSERT INTO artists (artist_id, name, location, latitude, longitude)
WITH numbered AS (
    SELECT artist_id, artist_name, artist_location, artist_latitude, artist_longitude,
           ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY year DESC, song_id) AS number
    FROM staging_songs
)
SELECT artist_id, artist_name, NVL(artist_location, ''), artist_latitude::decimal(9), CAST(artist_longitude AS DECIMAL(9))
FROM numbered
WHERE number = 1;
"""

insert_time = """
INSERT INTO "time"
(SELECT DISTINCT ts AS start_time,
        EXTRACT(h FROM start_time), EXTRACT(d FROM start_time), EXTRACT(w FROM start_time),
        DATE_PART(mon, start_time), DATE_PART('y', start_time), DATE_PART(dow, start_time)
 FROM staging_events
 WHERE page = 'NextSong');
"""

insert_songplays = """
INSERT INTO songplays (start_time, user_id, level, song_id, artist_id, session_id, location, user_agent)
SELECT events.ts, events.userId, events.level, songs.song_id, songs.artist_id, events.sessionId, events.location, events.userAgent
FROM staging_events AS events
LEFT OUTER JOIN (
    SELECT s.song_id, s.title, s.artist_id, a.name FROM songs s JOIN artists a USING (artist_id)
) AS songs ON (UPPER(events.song) = UPPER(songs.title) AND LOWER(events.artist) = LOWER(songs.name))
WHERE events.page LIKE 'NextSong';
"""

create_table_queries = [create_staging_events, create_staging_songs, create_dimensions, create_songplays]
drop_table_queries = [drop_all]
copy_table_queries = [copy_events, copy_songs]
insert_table_queries = [insert_users, insert_songs, insert_artists, insert_time, insert_songplays]
