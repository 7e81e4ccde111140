#!/usr/bin/env python3
"""50 clients mix short reads and inserts: dwh beside PostgreSQL, by pgbench.

    benches/serve/load.py [--seconds 60] [--clients 50] [--dwh FILE] [--without-postgresql]

Ends with 1 if a statement failed, or if dwh's memory in the last third of the run is more than a tenth above that in the middle one.
"""

import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import common
import postgres

PLAYS = 10_000
SETUP = f"""
CREATE TABLE plays (play_id INT, user_id INT, song VARCHAR(40), seconds DOUBLE PRECISION);
INSERT INTO plays SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n, a.n, 'song ' || b.n, 100 + c.n
FROM {common.DIGITS} a, {common.DIGITS} b, {common.DIGITS} c, {common.DIGITS} d;
CREATE TABLE log (client INT, play_id INT, at TIMESTAMP);
"""
READ = f"""\\set id random(0, {PLAYS - 1})
SELECT song, seconds FROM plays WHERE play_id = :id;
"""
SUM = """\\set user random(0, 9)
SELECT COUNT(*), SUM(seconds) FROM plays WHERE user_id = :user;
"""
INSERT = f"""\\set id random(0, {PLAYS - 1})
INSERT INTO log VALUES (:client_id, :id, '2018-11-30 17:31:24');
"""


def program(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else shutil.which(name) or sys.exit(f"{name} is not installed")


def run(where, given, scripts):
    """One run; tells what pgbench printed and the memory of the server."""
    environment = {**os.environ, "PGHOST": where["host"], "PGPORT": str(where["port"]), "PGUSER": where["user"],
                   "PGDATABASE": where["database"], "PGPASSWORD": where["password"], "PGSSLMODE": "disable"}
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", "-c", SETUP], env=environment, check=True, stderr=subprocess.DEVNULL)
    command = [program("pgbench"), "-n", "-M", "extended", "-c", str(given.clients), "-j", "2", "-T", str(given.seconds)]
    for name, weight in (("read", 6), ("sum", 3), ("insert", 1)):
        command += ["-f", f"{scripts / name}.sql@{weight}"]
    with common.MemoryWatch(where["pid"]) as memory:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0 or "aborted" in done.stderr:
        sys.exit(f"pgbench: {done.stdout}\n{done.stderr[-2000:]}")
    number = lambda pattern: float(re.search(pattern, done.stdout).group(1))  # noqa: E731
    counted = subprocess.run(["psql", "-At", "-c", "SELECT COUNT(*) FROM log"], env=environment, check=True, capture_output=True, text=True)
    inserts = int(re.search(r"insert\.sql.*?- (\d+) transactions", done.stdout, re.S).group(1))
    return {
        "tps": number(r"tps = ([\d.]+)"), "latency_ms": number(r"latency average = ([\d.]+)"),
        "failed": int(number(r"number of failed transactions: (\d+)")), "inserts": inserts, "rows": int(counted.stdout),
        "middle_mib": memory.between(1 / 3, 2 / 3), "last_mib": memory.between(2 / 3, 1),
    }


def main():
    parser = common.arguments(__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--without-postgresql", action="store_true")
    given = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        scripts = pathlib.Path(folder)
        for name, text in (("read", READ), ("sum", SUM), ("insert", INSERT)):
            (scripts / f"{name}.sql").write_text(text)
        with common.served(given.dwh) as where:
            results["dwh"] = run(where, given, scripts)
        if not given.without_postgresql:
            with postgres.started("max_connections=200") as where:
                results["PostgreSQL"] = run(where, given, scripts)
    print(f"{given.clients} clients, {given.seconds} s: six short reads and three sums to one insert")
    for name, result in results.items():
        print(f"{name:>10}: {result['tps']:8.0f} transactions/s, {result['latency_ms']:6.2f} ms on average, {result['inserts']} inserts, "
              f"{result['failed']} failed; resident {result['middle_mib']:.0f} MiB in the middle, {result['last_mib']:.0f} MiB at the end")
    dwh = results["dwh"]
    if dwh["failed"] or dwh["rows"] != dwh["inserts"]:
        sys.exit(f"{dwh['failed']} statements failed; {dwh['inserts']} inserts made {dwh['rows']} rows")
    if dwh["last_mib"] > 1.1 * dwh["middle_mib"]:
        sys.exit("memory grew")


if __name__ == "__main__":
    main()
