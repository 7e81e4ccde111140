"""TPC-H and TPC-DS, dwh beside DuckDB: each query's best time of a few runs, the ratios, their geometric mean.

    cargo build --release --example answers
    benches/tpc/run.py [--scale 1] [--runs 3] [--suite tpch|tpcds] [--profile release] [QUERY …]

The data stays in ~/.cache/dwh-tpc. Both engines have their data on disk in their own format; the queries of one
run alternate, so that both meet the same state of the machine. Rows are compared as tests/tpc does.
"""

import argparse
import math
import os
import pathlib
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(REPOSITORY / "tests" / "tpc"), str(REPOSITORY / "tests" / "engines")]

import suites  # noqa: E402
from answers import Dwh, SqlError  # noqa: E402


def cache(suite, scale):
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(base) / "dwh-tpc" / f"{suite}-{scale:g}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def measure(suite, given):
    folder = cache(suite, given.scale)
    connection = suites.connect(suite, given.scale, str(folder / "duckdb.db"))
    loaded = folder / "loaded"
    dwh = Dwh(folder / "warehouse", given.profile)
    if not loaded.is_file():
        suites.load(connection, dwh, folder)
        loaded.touch()
    ratios = {}
    print(f"{suite} at scale {given.scale:g}, {os.cpu_count()} cores\n")
    print("| query | dwh (s) | DuckDB (s) | ratio | rows |\n|---|---|---|---|---|")
    for number, text in suites.queries(connection, suite).items():
        if given.query and number not in given.query:
            continue
        ours, theirs = [], []
        try:
            for _ in range(given.runs):
                start = time.perf_counter()
                expected = connection.execute(text).fetchall()
                theirs.append(time.perf_counter() - start)
                result = dwh(text)
                ours.append(result.seconds)
        except SqlError as error:
            print(f"| {number} | {error} | | | |")
            continue
        ratios[number] = min(ours) / min(theirs)
        problem = suites.difference(result.rows, expected)
        rows = problem or len(expected)
        print(f"| {number} | {min(ours):.3f} | {min(theirs):.3f} | {ratios[number]:.2f} | {rows} |", flush=True)
    dwh.close()
    if ratios:
        mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
        slowest = max(ratios, key=ratios.get)
        print(f"\ngeometric mean {mean:.2f}, slowest query {slowest} with {ratios[slowest]:.2f}\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--scale", type=float, default=1)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--suite", choices=sorted(suites.SUITES))
    arguments.add_argument("--profile", default="release")
    arguments.add_argument("query", nargs="*", type=int)
    given = arguments.parse_args()
    if not suites.available():
        return
    for suite in [given.suite] if given.suite else sorted(suites.SUITES):
        measure(suite, given)


if __name__ == "__main__":
    main()
