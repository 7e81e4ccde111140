"""What the loaders share: their arguments, and the types of the JSON keys.

A loader is a program of its own, so that every run is a fresh process: `LOADER.py load|check TABLE TARGET
SOURCE` prints one line of JSON, the time of the load itself or the aggregates of what was loaded.
"""

import argparse
import json
import os
import pathlib
import sys
import time

PEERS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PEERS), str(PEERS.parent.parent / "scripts")]

import checks  # noqa: E402
from expected_results import EVENT_KEYS, SONG_KEYS  # noqa: E402

KEYS = {"events": EVENT_KEYS, "songs": SONG_KEYS}


class Source:
    """Where the objects of one table are: below a folder, or below a prefix of an S3-compatible store."""

    def __init__(self, location: str):
        self.is_s3 = location.startswith("s3://")
        self.location = location.rstrip("/")
        # Given by run.py for S3.
        self.endpoint = os.environ.get("AWS_ENDPOINT_URL_S3", "")
        self.key = os.environ.get("AWS_ACCESS_KEY_ID", "")
        self.secret = os.environ.get("AWS_SECRET_ACCESS_KEY", "")

    @property
    def glob(self) -> str:
        return f"{self.location}/**/*.json"


def main(load, check) -> None:
    """Runs `load(table, target, source)` and prints its time, or prints `check(table, target, source)`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["load", "check"])
    parser.add_argument("table", choices=["events", "songs", "etl"])
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("source", help="folder or s3:// prefix; of both log_data and song_data for etl")
    arguments = parser.parse_args()
    source = Source(arguments.source)
    if arguments.action == "check":
        print(json.dumps(check(arguments.table, arguments.target, source), default=str))
        return
    start = time.perf_counter()
    load(arguments.table, arguments.target, source)
    print(json.dumps({"load_seconds": time.perf_counter() - start}), flush=True)
    # Taking down what is in memory is not part of any load.
    os._exit(0)


def check_sql(table: str, bytes_function: str, relation: str | None = None) -> str:
    """The aggregates of a table whose columns are the JSON keys, or of the star schema."""
    text = {"events": checks.EVENTS, "songs": checks.SONGS, "etl": checks.STAR_SCHEMA}[table]
    return text.format(bytes=bytes_function, table=relation or table, **checks.JSON_KEY_COLUMNS)


def sync(path: pathlib.Path) -> None:
    """Makes a written file durable."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
