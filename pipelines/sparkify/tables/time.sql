CREATE TABLE IF NOT EXISTS time (
    start_time TIMESTAMP NOT NULL,
    hour       INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    week       INTEGER NOT NULL,
    month      INTEGER NOT NULL,
    year       INTEGER NOT NULL,
    weekday    INTEGER NOT NULL,
    PRIMARY KEY (start_time)
)
DISTSTYLE AUTO
SORTKEY (start_time);

COMMENT ON TABLE time IS 'Dimension: one row per moment at which a play started, to the millisecond, in UTC.';
COMMENT ON COLUMN time.start_time IS 'The moment';
COMMENT ON COLUMN time.hour IS 'Hour of the day, 0 to 23';
COMMENT ON COLUMN time.day IS 'Day of the month, 1 to 31';
COMMENT ON COLUMN time.week IS 'Week of the year by ISO 8601, 1 to 53';
COMMENT ON COLUMN time.month IS 'Month, 1 to 12';
COMMENT ON COLUMN time.year IS 'Year';
COMMENT ON COLUMN time.weekday IS 'Day of the week, 0 (Sunday) to 6';
