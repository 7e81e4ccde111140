"""A plain Python loop: open, json.loads, and the values of each record into a list, or into SQLite on disk.

The list is what a script would do at least, and the SQLite table what it would keep. Which one is told by
BENCH_KEEP, `a list` or `SQLite`.
"""

import json
import os
import pathlib
import sqlite3

from common import KEYS, Source, check_sql, main

TYPES = {"VARCHAR": "TEXT", "BIGINT": "INTEGER", "DOUBLE": "REAL"}


def records(source: Source, keys):
    for folder, _, names in os.walk(source.location):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                for line in file:
                    record = json.loads(line)
                    yield tuple(record.get(key) for key in keys)


def insert(path: str, table: str, rows) -> sqlite3.Connection:
    keys = KEYS[table]
    connection = sqlite3.connect(path)
    columns = ", ".join(f'"{key}" {TYPES[kind]}' for key, kind in keys.items())
    connection.execute(f"CREATE TABLE {table} ({columns})")
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(keys))})", rows)
    connection.commit()
    return connection


def load(table, target: pathlib.Path, source: Source) -> None:
    rows = records(source, KEYS[table])
    if os.environ["BENCH_KEEP"] == "SQLite":
        insert(str(target / "bench.sqlite"), table, rows).close()
    else:
        list(rows)


def check(table, target: pathlib.Path, source: Source):
    path = target / "bench.sqlite"
    if path.exists():
        connection = sqlite3.connect(path)
    else:
        connection = insert(":memory:", table, records(source, KEYS[table]))
    connection.create_function("byte_length", 1, lambda text: None if text is None else len(text.encode()))
    result = connection.execute(check_sql(table, "byte_length"))
    return dict(zip([column[0] for column in result.description], result.fetchone()))


main(load, check)
