"""What the measurements have in common: a server of dwh, the memory of processes."""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "engines"))

# The ten digits as a table, to make many rows of.
DIGITS = "(" + " UNION ALL ".join(f"SELECT {digit} AS n" for digit in range(10)) + ")"


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    target = os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")
    parser.add_argument("--dwh", default=os.environ.get("DWH_BINARY", pathlib.Path(target) / "release" / "dwh"), metavar="FILE")
    return parser


@contextlib.contextmanager
def served(binary, *more):
    """Yields what `dwh serve --ephemeral` prints, and its process id."""
    server = subprocess.Popen([str(binary), "serve", "--ephemeral", *more], stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        if not line:
            sys.exit(f"{binary} did not start")
        yield {**json.loads(line), "pid": server.pid}
    finally:
        server.terminate()
        server.wait(timeout=60)
        server.stdout.close()


def resident_mib(pid):
    """Of a process and its children, what they share counted once each."""
    total = 0
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            if pid in (int(fields["Pid"]), int(fields["PPid"])):
                total += int(fields.get("VmRSS", "0 kB").split()[0])
    return total / 1024


class MemoryWatch:
    """Samples the memory of a process while a block runs."""

    def __init__(self, pid, every_seconds=0.5):
        self.pid, self.every_seconds = pid, every_seconds
        self.samples = []
        self.done = threading.Event()

    def __enter__(self):
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def _watch(self):
        while not self.done.wait(self.every_seconds):
            self.samples.append((time.monotonic() - self.began, resident_mib(self.pid)))

    def between(self, start, end):
        """The largest sample of a part of the run, its bounds as shares of the whole."""
        last = self.samples[-1][0] if self.samples else 0
        return max((mib for at, mib in self.samples if start * last <= at <= end * last), default=0)
