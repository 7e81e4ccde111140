CREATE TABLE IF NOT EXISTS staging_songs (
    num_songs           INTEGER         NULL,
    artist_id           VARCHAR         NOT NULL SORTKEY DISTKEY,
    artist_latitude     VARCHAR         NULL,
    artist_longitude    VARCHAR         NULL,
    artist_location     VARCHAR(500)    NULL,
    artist_name         VARCHAR(500)    NULL,
    song_id             VARCHAR         NOT NULL,
    title               VARCHAR(500)    NULL,
    duration            DECIMAL(9)      NULL,
    year                INTEGER         NULL
);
