"""DuckDB: CREATE TABLE AS from read_json with the columns given, into a database on disk, and CHECKPOINT."""

import pathlib

import duckdb
from common import KEYS, Source, check_sql, main
from expected_results import STAR_SCHEMA


def connect(target, source: Source) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(target / "bench.duckdb"))
    if source.is_s3:
        import duckdb_extension_httpfs

        folder = pathlib.Path(duckdb_extension_httpfs.__file__).parent
        connection.execute(f"LOAD '{next(folder.rglob('httpfs.duckdb_extension'))}'")
        connection.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{source.key}', SECRET '{source.secret}', REGION 'us-west-2', "
            f"ENDPOINT '{source.endpoint.removeprefix('http://')}', URL_STYLE 'path', USE_SSL false)"
        )
    return connection


def load_table(connection: duckdb.DuckDBPyConnection, name: str, keys: dict[str, str], glob: str) -> None:
    connection.execute(
        f"CREATE TABLE {name} AS SELECT * FROM read_json($glob, format='newline_delimited', columns=$keys)",
        {"glob": glob, "keys": keys},
    )


def load(table, target, source: Source) -> None:
    connection = connect(target, source)
    if table == "etl":
        for name, folder, keys in [("events", "log_data", "events"), ("songs", "song_data", "songs")]:
            load_table(connection, f"staging_{name}", KEYS[keys], f"{source.location}/{folder}/**/*.json")
        # Steps on the way need not be kept.
        star_schema = STAR_SCHEMA
        for step in ["plays", "catalog_entries"]:
            star_schema = star_schema.replace(f"CREATE TABLE {step} ", f"CREATE TEMP TABLE {step} ")
        connection.execute(star_schema)
    else:
        load_table(connection, table, KEYS[table], source.glob)
    connection.execute("CHECKPOINT")
    connection.close()


def check(table, target, _source):
    with duckdb.connect(str(target / "bench.duckdb"), read_only=True) as connection:
        result = connection.execute(check_sql(table, "strlen"))
        return dict(zip([column[0] for column in result.description], result.fetchone()))


main(load, check)
