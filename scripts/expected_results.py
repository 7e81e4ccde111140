#!/usr/bin/env python3
"""Compute the expected results of a pipeline's queries with DuckDB, never with dwh.

    python3 scripts/expected_results.py LOG_DATA SONG_DATA OUT [--queries pipelines/sparkify/queries]

reads the raw JSON files below LOG_DATA and SONG_DATA, builds the star schema by rules written here on
their own, runs every query file on it, and writes OUT/<query>.csv, and OUT/input.csv, by which `dwh verify`
recognises the data set: objects and bytes of each load. NULL is written as an empty field.

Needs the Python package duckdb 1.5.
"""

import argparse
import csv
import pathlib

import duckdb

EVENT_KEYS = {
    "artist": "VARCHAR", "auth": "VARCHAR", "firstName": "VARCHAR", "gender": "VARCHAR",
    "itemInSession": "BIGINT", "lastName": "VARCHAR", "length": "DOUBLE", "level": "VARCHAR",
    "location": "VARCHAR", "method": "VARCHAR", "page": "VARCHAR", "registration": "DOUBLE",
    "sessionId": "BIGINT", "song": "VARCHAR", "status": "BIGINT", "ts": "BIGINT",
    "userAgent": "VARCHAR", "userId": "VARCHAR",
}
SONG_KEYS = {
    "num_songs": "BIGINT", "artist_id": "VARCHAR", "artist_latitude": "DOUBLE", "artist_longitude": "DOUBLE",
    "artist_location": "VARCHAR", "artist_name": "VARCHAR", "song_id": "VARCHAR", "title": "VARCHAR",
    "duration": "DOUBLE", "year": "BIGINT",
}

# The rules of the star schema in DuckDB's own words (arg_max, DISTINCT ON, list functions), so that a fault
# of the pipeline's SQL is not repeated here. Redshift ignores trailing blanks when it compares text.
STAR_SCHEMA = """
    CREATE TABLE plays AS
        SELECT row_number() OVER () AS songplay_id, * FROM staging_events WHERE page = 'NextSong';

    CREATE TABLE catalog_entries AS
        SELECT songplay_id, min({'song_id': s.song_id, 'artist_id': s.artist_id}) AS entry
        FROM plays
        JOIN staging_songs AS s
          ON rtrim(s.title, ' ') = rtrim(plays.song, ' ') AND rtrim(s.artist_name, ' ') = rtrim(plays.artist, ' ')
        WHERE abs(s.duration - plays.length) <= 1
        GROUP BY songplay_id;

    CREATE TABLE songplays AS
        SELECT songplay_id,
               make_timestamp(ts * 1000) AS start_time,
               CAST(nullif("userId", '') AS INTEGER) AS user_id,
               level,
               entry.song_id AS song_id,
               entry.artist_id AS artist_id,
               "sessionId" AS session_id,
               location,
               "userAgent" AS user_agent
        FROM plays LEFT JOIN catalog_entries USING (songplay_id);

    CREATE TABLE users AS
        SELECT CAST("userId" AS INTEGER) AS user_id, latest.first_name, latest.last_name, latest.gender, latest.level
        FROM (SELECT "userId",
                     arg_max({'first_name': "firstName", 'last_name': "lastName", 'gender': gender, 'level': level},
                             [ts, "sessionId", "itemInSession"]) AS latest
              FROM plays WHERE "userId" <> '' GROUP BY "userId");

    CREATE TABLE songs AS
        SELECT DISTINCT ON (song_id) song_id, title, artist_id, year, duration
        FROM staging_songs ORDER BY song_id, title, artist_id, year, duration;

    CREATE TABLE artists AS
        SELECT DISTINCT ON (artist_id) artist_id, artist_name AS name, artist_location AS location,
               artist_latitude AS latitude, artist_longitude AS longitude
        FROM staging_songs
        ORDER BY artist_id, artist_latitude IS NULL, rtrim(coalesce(artist_location, ''), ' ') = '', artist_name,
                 artist_location, artist_latitude, artist_longitude;

    CREATE TABLE time AS
        SELECT DISTINCT start_time, hour(start_time) AS hour, day(start_time) AS day,
               weekofyear(start_time) AS week, month(start_time) AS month, year(start_time) AS year,
               dayofweek(start_time) AS weekday
        FROM songplays;
"""


def objects(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def load(connection: duckdb.DuckDBPyConnection, table: str, files: list[pathlib.Path], keys: dict[str, str]) -> None:
    connection.execute(
        f"CREATE TABLE {table} AS SELECT * FROM read_json($files, format='newline_delimited', columns=$columns)",
        {"files": [str(path) for path in files], "columns": keys},
    )


def write_csv(path: pathlib.Path, columns: list[str], rows: list[tuple]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(["" if value is None else str(value) for value in row] for row in rows)


def main() -> None:
    default_queries = pathlib.Path(__file__).resolve().parent.parent / "pipelines/sparkify/queries"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log_data", type=pathlib.Path)
    parser.add_argument("song_data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--queries", type=pathlib.Path, default=default_queries)
    arguments = parser.parse_args()

    inputs = {"staging_events": objects(arguments.log_data), "staging_songs": objects(arguments.song_data)}
    connection = duckdb.connect()
    load(connection, "staging_events", inputs["staging_events"], EVENT_KEYS)
    load(connection, "staging_songs", inputs["staging_songs"], SONG_KEYS)
    connection.execute(STAR_SCHEMA)

    arguments.out.mkdir(parents=True, exist_ok=True)
    write_csv(
        arguments.out / "input.csv",
        ["load", "objects", "bytes"],
        [(name, len(files), sum(path.stat().st_size for path in files)) for name, files in inputs.items()],
    )
    for query in sorted(arguments.queries.glob("*.sql")):
        result = connection.execute(query.read_text(encoding="utf-8"))
        columns = [column[0] for column in result.description]
        write_csv(arguments.out / f"{query.stem}.csv", columns, result.fetchall())


if __name__ == "__main__":
    main()
