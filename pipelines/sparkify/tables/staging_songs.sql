-- One row for each file of the song catalog, as delivered.
CREATE TABLE IF NOT EXISTS staging_songs (
    num_songs        INTEGER,
    artist_id        VARCHAR(64) NOT NULL,
    artist_latitude  DOUBLE PRECISION,
    artist_longitude DOUBLE PRECISION,
    artist_location  VARCHAR(1024),
    artist_name      VARCHAR(1024),
    song_id          VARCHAR(64) NOT NULL,
    title            VARCHAR(1024),
    duration         DOUBLE PRECISION,
    year             INTEGER
)
DISTSTYLE EVEN;

COMMENT ON TABLE staging_songs IS 'Song catalog: one row per song file, as delivered; facts and dimensions are derived from it.';
COMMENT ON COLUMN staging_songs.num_songs IS 'JSON num_songs: songs in the file, always 1';
COMMENT ON COLUMN staging_songs.artist_id IS 'JSON artist_id: the artist; the same artist can come with different names and places';
COMMENT ON COLUMN staging_songs.artist_latitude IS 'JSON artist_latitude: degrees north, null if not known';
COMMENT ON COLUMN staging_songs.artist_longitude IS 'JSON artist_longitude: degrees east, null if not known';
COMMENT ON COLUMN staging_songs.artist_location IS 'JSON artist_location: place as free text, empty if not known';
COMMENT ON COLUMN staging_songs.artist_name IS 'JSON artist_name: name of the artist';
COMMENT ON COLUMN staging_songs.song_id IS 'JSON song_id: the song';
COMMENT ON COLUMN staging_songs.title IS 'JSON title: title of the song; some are numbers in the data';
COMMENT ON COLUMN staging_songs.duration IS 'JSON duration: length of the song, in seconds';
COMMENT ON COLUMN staging_songs.year IS 'JSON year: year of release, 0 if not known';
