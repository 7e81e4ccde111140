import configparser


# CONFIG
config = configparser.ConfigParser()
config.read('dwh.cfg')

# DROP TABLES

staging_events_table_drop = "DROP TABLE IF EXISTS staging_events"
staging_songs_table_drop = "DROP TABLE IF EXISTS staging_songs"
songplay_table_drop = "DROP TABLE IF EXISTS songplays"
user_table_drop = "DROP TABLE IF EXISTS users"
song_table_drop = "DROP TABLE IF EXISTS songs"
artist_table_drop = "DROP TABLE IF EXISTS artists"
time_table_drop = "DROP TABLE IF EXISTS time"

# CREATE TABLES

staging_events_table_create = ("""
CREATE TABLE IF NOT EXISTS staging_events
(
    artist          VARCHAR,
    auth            VARCHAR,
    firstName       VARCHAR,
    gender          CHAR(1),
    itemInSession   INT,
    lastName        VARCHAR,
    length          NUMERIC(10, 5),
    level           VARCHAR,
    location        VARCHAR,
    method          VARCHAR,
    page            VARCHAR,
    registration    FLOAT,
    sessionId       INT,
    song            VARCHAR,
    status          INT,
    ts              BIGINT,
    userAgent       VARCHAR(MAX),
    userId          INT
);
""")

staging_songs_table_create = ("""
CREATE TABLE IF NOT EXISTS staging_songs
(
    num_songs           INT,
    artist_id           VARCHAR,
    artist_latitude     FLOAT,
    artist_longitude    FLOAT,
    artist_location     VARCHAR(MAX),
    artist_name         VARCHAR(MAX),
    song_id             VARCHAR,
    title               VARCHAR(MAX),
    duration            NUMERIC(10, 5),
    year                INT
);
""")

songplay_table_create = ("""
CREATE TABLE IF NOT EXISTS songplays
(
    songplay_id INT IDENTITY(0,1) PRIMARY KEY,
    start_time  TIMESTAMP NOT NULL REFERENCES time (start_time) SORTKEY,
    user_id     INT NOT NULL REFERENCES users (user_id),
    level       VARCHAR,
    song_id     VARCHAR REFERENCES songs (song_id) DISTKEY,
    artist_id   VARCHAR REFERENCES artists (artist_id),
    session_id  INT,
    location    VARCHAR,
    user_agent  VARCHAR(MAX)
);
""")

user_table_create = ("""
CREATE TABLE IF NOT EXISTS users
(
    user_id     INT PRIMARY KEY SORTKEY,
    first_name  VARCHAR,
    last_name   VARCHAR,
    gender      CHAR(1),
    level       VARCHAR NOT NULL
) DISTSTYLE ALL;
""")

song_table_create = ("""
CREATE TABLE IF NOT EXISTS songs
(
    song_id     VARCHAR PRIMARY KEY DISTKEY,
    title       VARCHAR(MAX),
    artist_id   VARCHAR NOT NULL,
    year        INT,
    duration    NUMERIC(10, 5)
);
""")

artist_table_create = ("""
CREATE TABLE IF NOT EXISTS artists
(
    artist_id   VARCHAR PRIMARY KEY,
    name        VARCHAR(MAX),
    location    VARCHAR(MAX),
    latitude    FLOAT,
    longitude   FLOAT
) diststyle all;
""")

time_table_create = ("""
CREATE TABLE IF NOT EXISTS time
(
    start_time  TIMESTAMP PRIMARY KEY SORTKEY,
    hour        INT,
    day         INT,
    week        INT,
    month       INT,
    year        INT,
    weekday     INT
) DISTSTYLE ALL;
""")

# STAGING TABLES

staging_events_copy = ("""
    COPY staging_events FROM {}
    CREDENTIALS 'aws_iam_role={}'
    COMPUPDATE OFF REGION 'us-west-2'
    FORMAT AS JSON {};
""").format(config.get('S3', 'LOG_DATA'), config.get('IAM_ROLE', 'ARN').strip("'"), config.get('S3', 'LOG_JSONPATH'))

staging_songs_copy = ("""
    COPY staging_songs FROM {}
    CREDENTIALS 'aws_iam_role={}'
    COMPUPDATE OFF region 'us-west-2'
    FORMAT AS JSON 'auto' TRUNCATECOLUMNS;
""").format(config.get('S3', 'SONG_DATA'), config.get('IAM_ROLE', 'ARN').strip("'"))

# FINAL TABLES

songplay_table_insert = ("""
INSERT INTO songplays (start_time, user_id, level, song_id, artist_id, session_id, location, user_agent)
SELECT  TIMESTAMP 'epoch' + se.ts / 1000 * INTERVAL '1 second' AS start_time,
        se.userId,
        se.level,
        ss.song_id,
        ss.artist_id,
        se.sessionId,
        se.location,
        se.userAgent
FROM staging_events se
LEFT JOIN staging_songs ss
    ON se.song = ss.title AND se.artist = ss.artist_name AND se.length = ss.duration
WHERE se.page = 'NextSong';
""")

user_table_insert = ("""
INSERT INTO users (user_id, first_name, last_name, gender, level)
SELECT userId, firstName, lastName, gender, level
FROM (
    SELECT userId, firstName, lastName, gender, level,
           ROW_NUMBER() OVER (PARTITION BY userId ORDER BY ts DESC) AS latest
    FROM staging_events
    WHERE page = 'NextSong' AND userId IS NOT NULL
)
WHERE latest = 1;
""")

song_table_insert = ("""
INSERT INTO songs (song_id, title, artist_id, year, duration)
SELECT DISTINCT song_id, title, artist_id, year, duration FROM staging_songs WHERE song_id IS NOT NULL;
""")

artist_table_insert = ("""
INSERT INTO artists (artist_id, name, location, latitude, longitude)
SELECT artist_id, MAX(artist_name), MAX(artist_location), MAX(artist_latitude), MAX(artist_longitude)
FROM staging_songs
GROUP BY artist_id;
""")

time_table_insert = ("""
INSERT INTO time (start_time, hour, day, week, month, year, weekday)
SELECT  start_time,
        EXTRACT(hour FROM start_time),
        EXTRACT(day FROM start_time),
        EXTRACT(week FROM start_time),
        EXTRACT(month FROM start_time),
        EXTRACT(year FROM start_time),
        EXTRACT(weekday FROM start_time)
FROM (SELECT DISTINCT start_time FROM songplays) AS moments;
""")

# QUERY LISTS

create_table_queries = [staging_events_table_create, staging_songs_table_create, user_table_create, song_table_create,
                        artist_table_create, time_table_create, songplay_table_create]
drop_table_queries = [staging_events_table_drop, staging_songs_table_drop, songplay_table_drop, user_table_drop,
                      song_table_drop, artist_table_drop, time_table_drop]
copy_table_queries = [staging_events_copy, staging_songs_copy]
insert_table_queries = [songplay_table_insert, user_table_insert, song_table_insert, artist_table_insert, time_table_insert]
