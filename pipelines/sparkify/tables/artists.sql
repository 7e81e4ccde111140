CREATE TABLE IF NOT EXISTS artists (
    artist_id VARCHAR(64) NOT NULL,
    name      VARCHAR(1024),
    location  VARCHAR(1024),
    latitude  DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    PRIMARY KEY (artist_id)
)
DISTSTYLE ALL
SORTKEY (artist_id);

COMMENT ON TABLE artists IS 'Dimension: one row per artist of the catalog, its most complete entry (latitude known, then location not empty, then lowest name).';
COMMENT ON COLUMN artists.artist_id IS 'The artist';
COMMENT ON COLUMN artists.name IS 'Name of the artist';
COMMENT ON COLUMN artists.location IS 'Place as free text, empty if not known';
COMMENT ON COLUMN artists.latitude IS 'Degrees north, null if not known';
COMMENT ON COLUMN artists.longitude IS 'Degrees east, null if not known';
