CREATE TABLE IF NOT EXISTS users (user_id INT PRIMARY KEY, first_name VARCHAR, last_name VARCHAR, gender CHAR(1), level VARCHAR(4)) DISTSTYLE ALL SORTKEY (user_id);
create table songs (song_id varchar(256) not null distkey primary key sortkey, title varchar(256) encode lzo, artist_id varchar(256), year int4, duration numeric(18,0));
CREATE TABLE artists (artist_id TEXT PRIMARY KEY, name TEXT, location TEXT, latitude FLOAT8, longitude FLOAT8)
diststyle all;
CREATE TABLE IF NOT EXISTS "time" ("start_time" TIMESTAMP NOT NULL, "hour" SMALLINT, "day" SMALLINT, "week" SMALLINT, "month" SMALLINT, "year" SMALLINT, "weekday" SMALLINT,
CONSTRAINT time_pkey PRIMARY KEY (start_time)) SORTKEY(start_time) DISTSTYLE KEY DISTKEY(start_time);
