"""The jobs: what is loaded, by whom, and in which state of the page cache."""

import json
import pathlib

import environment
import report
import workload
from bench import Bench
from contestants import Dwh, Job, Loader
from measure import Summary
from s3 import BUCKET, LoopbackS3


class Jobs:
    """Runs jobs and prints their tables."""

    def __init__(self, bench: Bench, dwh: Dwh, options):
        self.bench = bench
        self.dwh = dwh
        self.options = options
        self.python = environment.python_with("requirements.txt")
        self.base_scale, self.ten_scale = workload.scales(options.quick)
        self.base = workload.Workload(dwh.program, options.data, self.base_scale).folder
        self.event_files = workload.files(self.base / "log_data")
        self.song_files = workload.files(self.base / "song_data")
        self.results: dict[str, dict[str, Summary]] = {}

    def events(self) -> None:
        """COPY of the events."""
        self._run(
            f"COPY of {self.base_scale.events:,} events, {_extent(self.event_files)}",
            Job("events", "events", str(self.base)),
            [self._duckdb(), self._clickhouse(), self._polars(), self._python_loop("SQLite")],
            lambda: workload.warm(self.event_files),
        )

    def songs(self) -> None:
        """COPY of the one-song files, from the page cache and from disk."""
        peers = [
            self._duckdb(), self._clickhouse(), self._polars(), self._python_loop("SQLite"), self._python_loop("a list")
        ]
        for state, before_run in [("warm", workload.warm), ("cold", self._cool)]:
            self._run(
                f"COPY of one-song files, {_extent(self.song_files)}, page cache {state}",
                Job(f"songs {state}", "songs", str(self.base)), peers, lambda: before_run(self.song_files),
            )

    def etl(self) -> None:
        """Both loads and the star schema."""
        self._run(
            "Whole ETL: both loads, five tables",
            Job("etl", "etl", str(self.base)), [self._duckdb()],
            lambda: workload.warm(self.event_files + self.song_files),
        )

    def ten(self) -> None:
        """COPY of ten times the events: time must grow with the input, memory must not."""
        folder = workload.Workload(self.dwh.program, self.options.data, self.ten_scale).folder
        files = workload.files(folder / "log_data")
        self._run(
            f"COPY of {self.ten_scale.events:,} events, {_extent(files)}",
            Job("ten", "events", str(folder)), [self._duckdb(), self._clickhouse()], lambda: workload.warm(files),
        )
        if "events" in self.results:
            print(report.growth(self.results["events"], self.results["ten"]) + "\n", flush=True)

    def s3(self) -> None:
        """COPY from a store with latency: many tiny objects, then the events."""
        some = self.song_files[: workload.songs_behind_s3(self.options.quick)]
        folder = workload.subset(self.base, some, self.options.scratch / "songs")
        songs = self._behind_s3("songs", folder, f"{len(some):,} one-song objects")
        print(report.store_use(songs, len(some), self.options.latency_ms) + "\n", flush=True)
        self._behind_s3("events", self.base, f"{self.base_scale.events:,} events, {_extent(self.event_files)},")

    def write_json(self, path: pathlib.Path) -> None:
        """All runs of all jobs."""
        runs = {
            job: {name: [vars(run) for run in summary.runs] for name, summary in summaries.items()}
            for job, summaries in self.results.items()
        }
        path.write_text(json.dumps(runs, indent=1), encoding="utf-8")

    def _behind_s3(self, table: str, folder: pathlib.Path, what: str) -> dict[str, Summary]:
        s3 = LoopbackS3(self.options.s3_server.resolve(), folder, self.options.latency_ms)
        httpfs = environment.python_with("requirements-s3.txt")
        peers = [Loader("DuckDB 1.5 httpfs", httpfs, "duckdb_loader.py"), self._clickhouse(), self._polars()]
        job = Job(f"s3 {table}", table, f"s3://{BUCKET}", s3.variables)
        try:
            self._run(f"COPY of {what} behind S3, {s3.latency_ms} ms a request", job, peers, s3.start, s3.stop)
        finally:
            s3.kill()
        return self.results[job.name]

    def _run(self, title: str, job: Job, peers: list[Loader], before_run, after_run=None) -> None:
        wanted = self.options.contestants
        peers = [peer for peer in peers if not wanted or any(part in peer.name.lower() for part in wanted)]
        self.results[job.name] = self.bench.summaries(job, [self.dwh, *peers], before_run, after_run)
        print(f"### {title}\n\n{report.table(self.results[job.name])}\n", flush=True)

    def _cool(self, files: list[pathlib.Path]) -> None:
        # Emptying the whole cache slows down everything else on the machine, so it must be asked for.
        if not (self.options.drop_caches and workload.drop_caches()):
            workload.cool(files)

    def _duckdb(self) -> Loader:
        return Loader("DuckDB", self.python, "duckdb_loader.py")

    def _clickhouse(self) -> Loader:
        return Loader("ClickHouse", self.python, "clickhouse_loader.py")

    def _polars(self) -> Loader:
        return Loader("Polars to Parquet", self.python, "polars_loader.py")

    def _python_loop(self, keep: str) -> Loader:
        return Loader(f"Python loop to {keep}", self.python, "python_loop.py", {"BENCH_KEEP": keep})


def _extent(files: list[pathlib.Path]) -> str:
    return f"{len(files):,} files, {workload.size_bytes(files) / 1e6:,.1f} MB"
