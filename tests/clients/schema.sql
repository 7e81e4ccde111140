DROP TABLE IF EXISTS browse.plays;
DROP TABLE IF EXISTS browse.songs CASCADE;
DROP SCHEMA IF EXISTS browse CASCADE;
CREATE SCHEMA browse;
CREATE TABLE browse.songs (
    song_id VARCHAR(18) NOT NULL PRIMARY KEY DISTKEY,
    title VARCHAR(256) NOT NULL,
    year SMALLINT DEFAULT 0,
    duration NUMERIC(10,5) ENCODE az64
) SORTKEY (song_id);
CREATE TABLE browse.plays (
    play_id BIGINT IDENTITY(0,1) PRIMARY KEY,
    started TIMESTAMP NOT NULL,
    song_id VARCHAR(18) REFERENCES browse.songs (song_id),
    paid BOOLEAN
) DISTSTYLE EVEN SORTKEY (started);
COMMENT ON TABLE browse.songs IS 'the catalog of songs';
COMMENT ON COLUMN browse.songs.title IS 'as on the cover';
CREATE VIEW browse.titles AS SELECT title FROM browse.songs;
INSERT INTO browse.songs VALUES ('S1', 'One', 1999, 1.5);
