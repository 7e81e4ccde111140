#!/usr/bin/env python3
"""Time dwh beside DuckDB, ClickHouse, Polars and a plain Python loop, in one run on one machine.

    python3 benches/peers/run.py [--quick] [--only events,songs,etl,ten,s3]

generates the workload, makes a Python environment of the peers, and for each job lets every contestant
load in a fresh process into a fresh place, in turns. A figure counts only if all have loaded the same rows.
Prints Markdown. benches/peers/README.md says how each contestant loads.
"""

import argparse
import os
import pathlib
import sys

import environment
from bench import Bench, RowsDiffer
from contestants import Dwh
from jobs import Jobs
from measure import Command, CommandFailed, output_of

JOBS = ["events", "songs", "etl", "ten", "s3"]
DEFAULT_RUNS = 5
VERSIONS = """
import importlib.metadata as installed, platform
print(f"DuckDB {installed.version('duckdb')}, ClickHouse {installed.version('chdb-core')} (chdb), "
      f"Polars {installed.version('polars')}, Python {platform.python_version()}")
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the data, one run: are the rows equal?")
    parser.add_argument("--only", help="jobs, separated by commas (default: all; s3 if its server is built)")
    parser.add_argument("--contestants", help="names that contain one of these, separated by commas; dwh always")
    parser.add_argument("--runs", type=int, help=f"runs of each contestant (default: {DEFAULT_RUNS}; 1 with --quick)")
    parser.add_argument("--dwh", type=pathlib.Path, help="the program (default: the one built, release first)")
    parser.add_argument("--data", type=pathlib.Path, help="where data is generated and kept")
    parser.add_argument("--scratch", type=pathlib.Path, help="where contestants write (default: beside the data)")
    parser.add_argument("--drop-caches", action="store_true", help="cold: empty the whole page cache (as root)")
    parser.add_argument("--s3-server", type=pathlib.Path, help="the program loopback_s3 (default: the one built)")
    parser.add_argument("--latency-ms", type=int, default=20, help="of each S3 request (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds that one run may take")
    parser.add_argument("--json", type=pathlib.Path, help="write all runs to this file too")
    options = parser.parse_args()
    options.dwh = options.dwh or environment.built("dwh")
    if options.dwh is None:
        parser.error("dwh is not built: cargo build --release, or --dwh PROGRAM")
    options.s3_server = options.s3_server or environment.built("examples/loopback_s3")
    known = JOBS if options.s3_server else JOBS[:-1]
    options.only = options.only.split(",") if options.only else known
    for job in options.only:
        if job == "s3" and not options.s3_server:
            parser.error("the S3 server is not built: cargo build --release -p dwh-testkit --example loopback_s3")
        if job not in JOBS:
            parser.error(f"no such job: {job}; there are {', '.join(JOBS)}")
    options.contestants = options.contestants.lower().split(",") if options.contestants else []
    options.runs = options.runs or (1 if options.quick else DEFAULT_RUNS)
    options.data = options.data or environment.cache_folder() / "data"
    options.scratch = options.scratch or options.data / "scratch"
    return options


def main() -> None:
    options = arguments()
    dwh = Dwh(options.dwh.resolve())
    jobs = Jobs(Bench(options.scratch, options.runs, options.timeout), dwh, options)
    here = pathlib.Path.cwd()
    version = output_of(Command([str(dwh.program), "--version"], here)).strip()
    peers = output_of(Command([str(jobs.python), "-c", VERSIONS], here)).strip()
    print(f"Medians of {options.runs}. {version}, {peers}; {os.cpu_count()} cores.\n", flush=True)
    try:
        for job in options.only:
            getattr(jobs, job)()
    finally:
        if options.json:
            jobs.write_json(options.json)


if __name__ == "__main__":
    try:
        main()
    except (RowsDiffer, CommandFailed) as error:
        sys.exit(f"{error}")
