CREATE TABLE IF NOT EXISTS songplays (
    songplay_id     INTEGER IDENTITY(0,1)   NOT NULL SORTKEY,
    start_time      TIMESTAMP               NOT NULL REFERENCES time(start_time),
    user_id         VARCHAR(50)             NOT NULL DISTKEY,
    level           VARCHAR(10)             NOT NULL,
    song_id         VARCHAR(40)             REFERENCES songs (song_id),
    artist_id       VARCHAR(50),
    session_id      VARCHAR(50)             NOT NULL,
    location        VARCHAR(100)            NULL,
    user_agent      VARCHAR(255)            NULL,
    PRIMARY KEY (songplay_id),
    FOREIGN KEY (artist_id) REFERENCES artists
);
