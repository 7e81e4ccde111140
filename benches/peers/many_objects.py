#!/usr/bin/env python3
"""Peak memory and time of COPY for a thousand, a hundred thousand and a million tiny objects.

    python3 benches/peers/many_objects.py --dwh target/release/dwh [--s3 target/release/examples/loopback_s3]

Each COPY is a fresh process on a fresh warehouse and must load every object; with --s3 the objects come from a
loopback S3 and not from the folder. The folder takes four gibibytes of disk for a million files.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import s3

BUCKET_LATENCY_MS = 0


def write_objects(folder: pathlib.Path, first: int, end: int) -> None:
    """Objects numbered from `first` to before `end`, a thousand a folder; keys as long as those of the song data."""
    for number in range(first, end):
        under = folder / f"{number // 1000:04}"
        if number % 1000 == 0:
            under.mkdir()
        (under / f"TRAAAAW128F42{number:08}.json").write_text(f'{{"id": {number}}}')


def run(dwh: pathlib.Path, warehouse: pathlib.Path, sql: str, environment: dict[str, str]) -> tuple[float, int]:
    """Seconds and peak bytes of `dwh query`."""
    started = time.monotonic()
    process = subprocess.Popen(
        [dwh, "--warehouse", warehouse, "query", sql], env=os.environ | environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed: {sql}\n{output}")
    return time.monotonic() - started, usage.ru_maxrss * 1024


def measure(dwh: pathlib.Path, source: str, options: str, objects: int, environment: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        warehouse = pathlib.Path(folder) / "warehouse"
        run(dwh, warehouse, "CREATE TABLE t (id INTEGER)", environment)
        copy = f"COPY t FROM '{source}' {options} FORMAT JSON 'auto'"
        seconds, peak_bytes = run(dwh, warehouse, copy, environment)
        wanted = f"SELECT 1 / (CASE WHEN count(*) = {objects} AND count(DISTINCT id) = {objects} THEN 1 ELSE 0 END) FROM t"
        run(dwh, warehouse, wanted, environment)
    print(f"{objects:>9,} objects: {seconds:7.1f} s, peak {peak_bytes / (1 << 20):6.0f} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dwh", type=pathlib.Path, required=True, help="the program to measure")
    parser.add_argument("--s3", type=pathlib.Path, help="the example loopback_s3 of dwh-testkit")
    parser.add_argument("--objects", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=pathlib.Path, help="where the objects are written")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        data = pathlib.Path(folder) / "data"
        data.mkdir()
        written = 0
        for objects in sorted(arguments.objects):
            write_objects(data, written, objects)
            written = objects
            if arguments.s3 is None:
                measure(arguments.dwh, f"{data}/", "", objects, {})
                continue
            server = s3.LoopbackS3(arguments.s3, data, BUCKET_LATENCY_MS)
            server.start()
            try:
                options = f"ACCESS_KEY_ID '{s3.ACCESS_KEY_ID}' SECRET_ACCESS_KEY '{s3.SECRET_ACCESS_KEY}'"
                measure(arguments.dwh, f"s3://{s3.BUCKET}/", options, objects, server.variables)
            finally:
                server.kill()


if __name__ == "__main__":
    main()
