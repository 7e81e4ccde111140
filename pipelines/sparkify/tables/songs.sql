CREATE TABLE IF NOT EXISTS songs (
    song_id   VARCHAR(64) NOT NULL,
    title     VARCHAR(1024),
    artist_id VARCHAR(64) NOT NULL REFERENCES artists (artist_id),
    year      INTEGER,
    duration  DOUBLE PRECISION,
    PRIMARY KEY (song_id)
)
DISTKEY (song_id)
SORTKEY (song_id);

COMMENT ON TABLE songs IS 'Dimension: one row per song of the catalog.';
COMMENT ON COLUMN songs.song_id IS 'The song';
COMMENT ON COLUMN songs.title IS 'Title, the lowest if the catalog has several';
COMMENT ON COLUMN songs.artist_id IS 'Its artist';
COMMENT ON COLUMN songs.year IS 'Year of release, 0 if not known';
COMMENT ON COLUMN songs.duration IS 'Length in seconds';
