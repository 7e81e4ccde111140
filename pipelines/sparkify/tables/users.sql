CREATE TABLE IF NOT EXISTS users (
    user_id    INTEGER NOT NULL,
    first_name VARCHAR(256),
    last_name  VARCHAR(256),
    gender     VARCHAR(16),
    level      VARCHAR(16),
    PRIMARY KEY (user_id)
)
DISTSTYLE ALL
SORTKEY (user_id);

COMMENT ON TABLE users IS 'Dimension: one row per user who played a song, as of the latest play.';
COMMENT ON COLUMN users.user_id IS 'The user';
COMMENT ON COLUMN users.first_name IS 'First name';
COMMENT ON COLUMN users.last_name IS 'Last name';
COMMENT ON COLUMN users.gender IS 'F or M';
COMMENT ON COLUMN users.level IS 'free or paid at the latest play';
