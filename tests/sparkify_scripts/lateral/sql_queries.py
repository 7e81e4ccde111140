import configparser

config = configparser.ConfigParser()
config.read('dwh.cfg')


def unquoted(section, key):
    return config.get(section, key).strip('"')


schema = "CREATE SCHEMA IF NOT EXISTS sparkify; SET search_path TO sparkify;"

tables = ("staging_events", "staging_songs", "songplays", "users", "songs", "artists", "time")
drop_table_queries = [schema] + [f"drop table if exists {table} cascade" for table in tables]

create_table_queries = [schema, """
create table staging_events(
    artist text, auth text, firstname text, gender text, iteminsession int4, lastname text, length float8, level text,
    location text, method text, page text, registration float8, sessionid int4, song text, status int4, ts int8,
    useragent text, userid text)
""", """
create table staging_songs(
    song_id text, num_songs int4, title text, artist_name text, artist_latitude float8, year int4, duration float8,
    artist_id text, artist_longitude float8, artist_location text)
""", """
create table users(user_id int not null primary key, first_name text, last_name text, gender text, level text) diststyle all sortkey(user_id)
""", """
create table songs(song_id text not null distkey, title text, artist_id text, year int, duration float8, primary key(song_id)) sortkey(title)
""", """
create table artists(artist_id text not null primary key, name text, location text, latitude float8, longitude float8) diststyle auto
""", """
create table time(start_time timestamp not null primary key sortkey, hour int, day int, week int, month int, year int, weekday text)
""", """
create table songplays(
    songplay_id bigint identity(0, 1) primary key, start_time timestamp not null, user_id int not null, level text, song_id text,
    artist_id text, session_id int, location text, user_agent text) distkey(song_id) interleaved sortkey(user_id, session_id)
"""]

copy_table_queries = [schema, """
copy staging_events
from '{}'
credentials 'aws_iam_role={}'
json '{}' region 'us-west-2';
""".format(unquoted('S3', 'LOG_DATA'), unquoted('IAM_ROLE', 'ARN'), unquoted('S3', 'LOG_JSONPATH')), """
COPY staging_songs FROM '{}' IAM_ROLE '{}' FORMAT AS JSON 'auto' REGION AS 'us-west-2' ROUNDEC;
""".format(unquoted('S3', 'SONG_DATA'), unquoted('IAM_ROLE', 'ARN'))]

insert_table_queries = [schema, """
insert into songplays(start_time, user_id, level, song_id, artist_id, session_id, location, user_agent)
select timestamp 'epoch' + (e.ts / 1000) * interval '1 Second ' as start_time, cast(nullif(e.userid, '') as int) uid, e.level,
       s.song_id as song, s.artist_id, e.sessionid, trim(e.location), e.useragent
from staging_events e
left join staging_songs s on e.song = s.title and e.artist = s.artist_name and abs(e.length - s.duration) < 1
where e.page = 'NextSong' and uid is not null
order by e.sessionid, e.iteminsession
""", """
insert into users
select distinct userid::int, firstname, lastname, gender,
       last_value(level) over (partition by userid order by ts rows between unbounded preceding and unbounded following)
from staging_events
where page = 'NextSong'
""", """
insert into songs
select song_id, title, artist_id, year, duration from (
    select *, row_number() over (partition by song_id order by song_id) as rank from staging_songs
) where rank = 1
""", """
insert into artists(artist_id, name, location, latitude, longitude)
select artist_id, artist_name, artist_location, artist_latitude, artist_longitude
from (select artist_id, artist_name, artist_location, artist_latitude, artist_longitude,
             rank() over (partition by artist_id order by artist_latitude desc nulls last, song_id) as place
      from staging_songs)
where place = 1
""", """
insert into time
select distinct start_time, date_part(hour, start_time) as hour, date_part(day, start_time), date_part(week, start_time),
       date_part(month, start_time), date_part(year, start_time), to_char(start_time, 'Dy')
from (select timestamp 'epoch' + ts / 1000 * interval '1 second' as start_time from staging_events where page = 'NextSong')
"""]
