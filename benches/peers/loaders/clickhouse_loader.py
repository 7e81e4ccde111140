"""ClickHouse, as chdb: INSERT SELECT from file() or s3() into a MergeTree table on disk."""

import json
import os

from chdb import session
from common import KEYS, Source, check_sql, main

TYPES = {"VARCHAR": "String", "BIGINT": "Int64", "DOUBLE": "Float64"}
# MergeTree without sorting, written by all cores, and synced as the others sync.
ENGINE = "MergeTree ORDER BY tuple() SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def load(table, target, source: Source) -> None:
    columns = ", ".join(f"`{key}` Nullable({TYPES[kind]})" for key, kind in KEYS[table].items())
    if source.is_s3:
        url = source.glob.replace("s3:/", source.endpoint)
        function = f"s3({quoted(url)}, {quoted(source.key)}, {quoted(source.secret)}, 'JSONEachRow', {quoted(columns)})"
    else:
        function = f"file({quoted(source.glob)}, 'JSONEachRow', {quoted(columns)})"
    clickhouse = session.Session(str(target / "clickhouse"))
    clickhouse.query("CREATE DATABASE bench ENGINE = Atomic")
    clickhouse.query(f"CREATE TABLE bench.{table} ({columns}) ENGINE = {ENGINE}")
    clickhouse.query(
        f"INSERT INTO bench.{table} SELECT * FROM {function} SETTINGS max_insert_threads = {os.cpu_count()}"
    )


def check(table, target, _source):
    clickhouse = session.Session(str(target / "clickhouse"))
    result = clickhouse.query(
        check_sql(table, "length", f"bench.{table}") + " SETTINGS output_format_json_quote_64bit_integers = 0",
        "JSONEachRow",
    )
    return json.loads(str(result))


main(load, check)
