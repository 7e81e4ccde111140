import configparser

config = configparser.ConfigParser()
config.read('dwh.cfg')

staging_events_table_drop = "drop table if exists stagingEvents;"
staging_songs_table_drop = "drop table if exists stagingSongs;"
songplay_table_drop = "drop table if exists songplays;"
user_table_drop = "drop table if exists users;"
song_table_drop = "drop table if exists songs;"
artist_table_drop = "drop table if exists artists;"
time_table_drop = "drop table if exists time;"

staging_events_table_create = """
create table if not exists stagingEvents (
    artist varchar, auth varchar, firstName varchar, gender varchar, itemInSession varchar, lastName varchar,
    length varchar, level varchar, location varchar, method varchar, page varchar, registration varchar,
    sessionId varchar, song varchar, status varchar, ts varchar, userAgent varchar, userId varchar
);
"""

staging_songs_table_create = """
create table if not exists stagingSongs (
    num_songs varchar, artist_id varchar, artist_latitude varchar, artist_longitude varchar, artist_location varchar,
    artist_name varchar, song_id varchar, title varchar, duration varchar, year varchar
);
"""

songplay_table_create = """
create table if not exists songplays (
    songplay_id int identity(0,1), start_time bigint not null, user_id int not null, level varchar, song_id varchar,
    artist_id varchar, session_id int, location varchar, user_agent varchar,
    primary key (songplay_id), foreign key (artist_id) references artists (artist_id)
);
"""
user_table_create = "create table if not exists users (user_id int primary key, first_name varchar, last_name varchar, gender varchar, level varchar);"
song_table_create = "create table if not exists songs (song_id varchar primary key, title varchar, artist_id varchar, year int, duration float);"
artist_table_create = "create table if not exists artists (artist_id varchar primary key, name varchar, location varchar, latitude float, longitude float);"
time_table_create = "create table if not exists time (start_time bigint primary key, hour int, day int, week int, month int, year int, weekday int);"

staging_events_copy = ("""
copy stagingEvents from {} iam_role {} region 'us-west-2' json {};
""").format(config['S3']['LOG_DATA'], config['IAM_ROLE']['ARN'], config['S3']['LOG_JSONPATH'])

staging_songs_copy = ("""
copy stagingSongs from {} iam_role {} region 'us-west-2' json as 'auto';
""").format(config['S3']['SONG_DATA'], config['IAM_ROLE']['ARN'])

songplay_table_insert = """
insert into songplays (start_time, user_id, level, song_id, artist_id, session_id, location, user_agent)
select e.ts::bigint, e.userId::int, e.level, s.song_id, s.artist_id, cast(e.sessionId as int), e.location, e.userAgent
from stagingEvents e, stagingSongs s
where e.page = 'NextSong' and e.song = s.title and e.artist = s.artist_name and e.length = s.duration
union all
select e.ts::bigint, e.userId::int, e.level, null, null, cast(e.sessionId as int), e.location, e.userAgent
from stagingEvents e
where e.page = 'NextSong'
  and not exists (select 1 from stagingSongs s where e.song = s.title and e.artist = s.artist_name and e.length = s.duration);
"""

# Levels change over the month: the newest wins.
user_table_insert = """
create temp table newest as select userId, max(ts) as ts from stagingEvents where page = 'NextSong' group by userId;
insert into users
select distinct e.userId::int, e.firstName, e.lastName, e.gender, e.level
from stagingEvents e inner join newest n on n.userId = e.userId and n.ts = e.ts
where e.page = 'NextSong';
drop table newest;
"""

song_table_insert = """
insert into songs select distinct song_id, title, artist_id, year::int, duration::float from stagingSongs;
"""

artist_table_insert = """
insert into artists (artist_id, name, location, latitude, longitude)
select artist_id, min(artist_name), max(nullif(artist_location, '')), max(artist_latitude::float), max(artist_longitude::float)
from stagingSongs group by 1;
"""

time_table_insert = """
insert into time (start_time, hour, day, week, month, year, weekday)
select ts, extract(hour from t), extract(day from t), extract(week from t), extract(month from t), extract(year from t),
       extract(dow from t)
from (select distinct start_time as ts, dateadd(ms, start_time % 1000, dateadd(second, start_time / 1000, '1970-01-01'::timestamp)) as t
      from songplays);
"""

create_table_queries = [staging_events_table_create, staging_songs_table_create, user_table_create, song_table_create,
                        artist_table_create, time_table_create, songplay_table_create]
drop_table_queries = [staging_events_table_drop, staging_songs_table_drop, songplay_table_drop, user_table_drop,
                      song_table_drop, artist_table_drop, time_table_drop]
copy_table_queries = [staging_events_copy, staging_songs_copy]
insert_table_queries = [songplay_table_insert, user_table_insert, song_table_insert, artist_table_insert, time_table_insert]
