"""Song play scripts as students write them (RS 10), run as they are against HOST=127.0.0.1 and S3 on loopback.

What must come out is counted here in the JSON files; for the public sample it is also what its README states.
"""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

SETS = Path(__file__).parents[1] / "sparkify_scripts"
BINARY = os.environ.get("DWH_BINARY", "dwh")


@pytest.fixture(scope="module")
def data():
    """The public sample, in DWH_TEST_DATA or in shared/data beside the repository or further up."""
    given = os.environ.get("DWH_TEST_DATA")
    folders = [Path(given)] if given else [up / "shared" / "data" for up in Path(__file__).resolve().parents]
    for folder in folders:
        if (folder / "sparkify").is_dir():
            return folder / "sparkify"
    pytest.skip("there is no sample data; name its folder in DWH_TEST_DATA")


@pytest.fixture(scope="module")
def bucket(s3, data):
    """The data under the names of the public bucket."""
    s3.create_bucket(Bucket="udacity-dend", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for path in [data / "log_json_path.json", *data.glob("*_data/**/*.json")]:
        s3.upload_file(str(path), "udacity-dend", str(path.relative_to(data)))


@pytest.fixture(scope="module")
def expected(data):
    """Rows of each table, counted in the files themselves."""
    events = [json.loads(line) for path in data.glob("log_data/**/*.json") for line in path.open() if line.strip()]
    songs = [json.loads(path.read_text()) for path in data.glob("song_data/**/*.json")]
    plays = [event for event in events if event["page"] == "NextSong"]
    known = {(song["title"], song["artist_name"], song["duration"]) for song in songs}
    counts = {
        "staging_events": len(events), "staging_songs": len(songs), "songplays": len(plays),
        "users": len({play["userId"] for play in plays}), "songs": len({song["song_id"] for song in songs}),
        "artists": len({song["artist_id"] for song in songs}), "time": len({play["ts"] for play in plays}),
        "matched": sum((play["song"], play["artist"], play["length"]) in known for play in plays),
    }
    if data.parent.name == "data" and (data / "README.md").exists():
        assert counts == {"staging_events": 8056, "staging_songs": 71, "songplays": 6820, "users": 96, "songs": 71,
                          "artists": 69, "time": 6813, "matched": 1}
    return counts


class Warehouse:
    """`dwh serve` with a folder's dwh.cfg, on a free port that is written into it, as one edits HOST."""

    def __init__(self, folder, environment):
        arguments = [BINARY, "--quiet", "--config", "dwh.cfg", "--warehouse", "warehouse", "serve", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(arguments, cwd=folder, env={**os.environ, **environment}, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        found = re.search(r" -p (\d+) ", line)
        assert found, line + self.process.stderr.read()
        config = folder / "dwh.cfg"
        config.write_text(re.sub(r"(?m)^DB_PORT=.*$", f"DB_PORT={found.group(1)}", config.read_text()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=40)
        self.process.stdout.close()
        self.process.stderr.close()


def run(script, folder):
    done = subprocess.run([sys.executable, script], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


def counts_of(cursor, names):
    counts = {}
    for table, name in names.items():
        cursor.execute(f"SELECT COUNT(*) FROM {name}")
        counts[table] = cursor.fetchone()[0]
    cursor.execute("SELECT COUNT(*) FROM songplays WHERE song_id IS NOT NULL")
    counts["matched"] = cursor.fetchone()[0]
    return counts


TABLES = ("staging_events", "staging_songs", "songplays", "users", "songs", "artists", "time")


@pytest.mark.parametrize("name", sorted(folder.name for folder in SETS.iterdir() if folder.is_dir()))
def test_a_set_of_scripts_runs_as_it_is(name, tmp_path, bucket, expected, s3_environment):
    folder = tmp_path / name
    shutil.copytree(SETS / name, folder)
    with Warehouse(folder, s3_environment):
        if (folder / "write_config.py").exists():
            run("write_config.py", folder)
        # A second run of both gives the same: the first drops all tables.
        for _ in range(2):
            run("create_tables.py", folder)
            run("etl.py", folder)
        config = configparser.ConfigParser()
        config.read(folder / "dwh.cfg")
        connection = psycopg2.connect("host={} dbname={} user={} password={} port={}".format(*config["CLUSTER"].values()))
        cursor = connection.cursor()
        names = {table: table for table in TABLES}
        if name == "lateral":
            cursor.execute("SET search_path TO sparkify")
        if name == "text_columns":
            names.update(staging_events="stagingEvents", staging_songs="stagingSongs")
        assert counts_of(cursor, names) == expected
        cursor.execute("SELECT MIN(songplay_id) >= 0, COUNT(DISTINCT songplay_id) FROM songplays")
        assert cursor.fetchone() == (True, expected["songplays"])
        connection.close()
