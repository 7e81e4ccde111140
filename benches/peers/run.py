#!/usr/bin/env python3
"""Time dwh beside DuckDB, ClickHouse, Polars and a plain Python loop, in one run on one machine.

    python3 benches/peers/run.py [--quick] [--only events,songs,etl,ten,s3]

generates the workload, makes a Python environment of the peers, and for each job lets every contestant
load in a fresh process into a fresh place, in turns. A figure counts only if all have loaded the same rows.
Prints Markdown. benches/peers/README.md says how each contestant loads.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import sys

import environment
import report
import workload
from checks import differences
from contestants import Dwh, Job, Loader
from measure import Command, CommandFailed, Run, Summary, output_of, timed

JOBS = ["events", "songs", "etl", "ten"]


class RowsDiffer(Exception):
    """A contestant has loaded other rows than dwh."""


class Bench:
    """The runs of all jobs."""

    def __init__(self, scratch: pathlib.Path, runs: int, timeout_seconds: float):
        self.scratch = scratch
        self.runs = runs
        self.timeout_seconds = timeout_seconds

    def job(self, job: Job, contestants: list, before_run) -> dict[str, Summary]:
        """Lets the contestants load in turns; `before_run` brings the page cache into its state."""
        runs: dict[str, list[Run]] = {contestant.name: [] for contestant in contestants}
        expected = None
        for turn in range(self.runs):
            for contestant in contestants:
                progress(f"{job.name}: {contestant.name}, run {turn + 1} of {self.runs}")
                run, rows = self._run(job, contestant, before_run)
                expected = expected or rows
                if differing := differences(expected, rows):
                    raise RowsDiffer(f"{job.name}: {contestants[0].name} and {contestant.name}: {differing}")
                runs[contestant.name].append(run)
        return {name: Summary(runs) for name, runs in runs.items()}

    def _run(self, job: Job, contestant, before_run) -> tuple[Run, dict]:
        target = self.scratch / "target"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        try:
            contestant.prepare(job, target)
            before_run()
            # What earlier runs wrote must not be written back during this one.
            os.sync()
            run, _ = timed(contestant.load(job, target), self.timeout_seconds)
            load_seconds = run.load_seconds or contestant.load_seconds(job, target)
            return dataclasses.replace(run, load_seconds=load_seconds), contestant.check(job, target)
        finally:
            shutil.rmtree(target, ignore_errors=True)


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the data, one run: are the rows equal?")
    parser.add_argument("--only", default=",".join(JOBS), help="jobs, separated by commas (default: %(default)s)")
    parser.add_argument("--contestants", help="names that contain one of these, separated by commas; dwh always")
    parser.add_argument("--runs", type=int, help="runs of each contestant (default: 5; 1 with --quick)")
    parser.add_argument("--dwh", type=pathlib.Path, help="the program (default: the one built, release first)")
    parser.add_argument("--data", type=pathlib.Path, help="where data is generated and kept")
    parser.add_argument("--scratch", type=pathlib.Path, help="where contestants write (default: beside the data)")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds that one run may take")
    parser.add_argument("--json", type=pathlib.Path, help="write all runs to this file too")
    parsed = parser.parse_args()
    parsed.only = parsed.only.split(",")
    if unknown := set(parsed.only) - set(JOBS):
        parser.error(f"no such job: {', '.join(sorted(unknown))}")
    parsed.runs = parsed.runs or (1 if parsed.quick else 5)
    parsed.dwh = parsed.dwh or environment.built("dwh")
    if parsed.dwh is None:
        parser.error("dwh is not built: cargo build --release, or --dwh PROGRAM")
    parsed.data = parsed.data or environment.cache_folder() / "data"
    parsed.scratch = parsed.scratch or parsed.data / "scratch"
    return parsed


def main() -> int:
    options = arguments()
    python = environment.python_with("requirements.txt")
    dwh = Dwh(options.dwh.resolve())
    peers = {
        "DuckDB": Loader("DuckDB", python, "duckdb_loader.py"),
        "ClickHouse": Loader("ClickHouse", python, "clickhouse_loader.py"),
        "Polars": Loader("Polars to Parquet", python, "polars_loader.py"),
        "sqlite": Loader("Python loop to SQLite", python, "python_loop.py", {"BENCH_KEEP": "sqlite"}),
        "list": Loader("Python loop to a list", python, "python_loop.py", {"BENCH_KEEP": "list"}),
    }
    wanted = options.contestants.lower().split(",") if options.contestants else [""]

    def contestants(*names: str) -> list:
        chosen = [peers[name] for name in names]
        return [dwh, *(peer for peer in chosen if any(part in peer.name.lower() for part in wanted))]

    bench = Bench(options.scratch, options.runs, options.timeout)
    base_scale, ten_scale = workload.scales(options.quick)
    base = workload.Workload(dwh.program, options.data, base_scale)
    events, songs = (workload.files(base.folder / name) for name in ["log_data", "song_data"])
    results: dict[str, dict[str, Summary]] = {}

    def finish(title: str, job: Job, names: tuple[str, ...], before_run) -> None:
        results[job.name] = bench.job(job, contestants(*names), before_run)
        print(f"### {title}\n\n{report.table(results[job.name])}\n", flush=True)

    print(f"Medians of {options.runs}. {versions(dwh, python)}\n", flush=True)
    if "events" in options.only:
        finish(
            f"COPY of {base_scale.events:,} events, {len(events)} files, {workload.size_bytes(events) / 1e6:,.0f} MB",
            Job("events", "events", str(base.folder)),
            ("DuckDB", "ClickHouse", "Polars", "sqlite"), lambda: workload.warm(events),
        )
    if "songs" in options.only:
        size = f"{len(songs):,} one-song files, {workload.size_bytes(songs) / 1e6:,.0f} MB"
        everyone = ("DuckDB", "ClickHouse", "Polars", "sqlite", "list")
        finish(
            f"COPY of {size}, page cache warm",
            Job("songs", "songs", str(base.folder)), everyone, lambda: workload.warm(songs),
        )
        finish(
            f"COPY of {size}, page cache cold",
            Job("songs cold", "songs", str(base.folder)), everyone, lambda: workload.cool(songs),
        )
    if "etl" in options.only:
        finish(
            "Whole ETL: both loads, five tables",
            Job("etl", "etl", str(base.folder)), ("DuckDB",), lambda: workload.warm(events + songs),
        )
    if "ten" in options.only:
        ten = workload.Workload(dwh.program, options.data, ten_scale)
        many = workload.files(ten.folder / "log_data")
        finish(
            f"COPY of {ten_scale.events:,} events, {len(many)} files, {workload.size_bytes(many) / 1e6:,.0f} MB",
            Job("ten", "events", str(ten.folder)), ("DuckDB", "ClickHouse"), lambda: workload.warm(many),
        )
        if "events" in results:
            print(report.growth(results["events"], results["ten"]) + "\n")
    if options.json:
        runs = {
            job: {name: [dataclasses.asdict(run) for run in summary.runs] for name, summary in summaries.items()}
            for job, summaries in results.items()
        }
        options.json.write_text(json.dumps(runs, indent=1), encoding="utf-8")
    return 0


def versions(dwh: Dwh, python: pathlib.Path) -> str:
    here = pathlib.Path.cwd()
    program = output_of(Command([str(dwh.program), "--version"], here)).strip()
    code = (
        "import platform, duckdb, polars, importlib.metadata as m;"
        "print(f'DuckDB {duckdb.__version__}, ClickHouse {m.version(\"chdb-core\")} (chdb), "
        "Polars {polars.__version__}, Python {platform.python_version()}')"
    )
    return f"{program}, {output_of(Command([str(python), '-c', code], here)).strip()}; {os.cpu_count()} cores."


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RowsDiffer, CommandFailed) as error:
        sys.exit(f"{error}")
