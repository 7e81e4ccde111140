"""Times commands in fresh processes."""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import threading
import time


@dataclasses.dataclass
class Run:
    """One process, from start to end."""

    wall_seconds: float
    peak_bytes: int
    # What the contestant itself counts as the load; None if it does not say.
    load_seconds: float | None
    # Behind S3: `requests`, and the `most_in_flight` at the same time.
    store: dict[str, int] | None = None


@dataclasses.dataclass
class Summary:
    """The runs of one contestant."""

    runs: list[Run]

    @property
    def wall_seconds(self) -> float:
        return statistics.median(run.wall_seconds for run in self.runs)

    @property
    def load_seconds(self) -> float | None:
        loads = [run.load_seconds for run in self.runs if run.load_seconds is not None]
        return statistics.median(loads) if loads else None

    @property
    def peak_bytes(self) -> int:
        return max(run.peak_bytes for run in self.runs)

    @property
    def store(self) -> dict[str, int] | None:
        return self.runs[0].store

    @property
    def spread(self) -> tuple[float, float]:
        walls = [run.wall_seconds for run in self.runs]
        return min(walls), max(walls)


class CommandFailed(Exception):
    """A command ended with an error, or took too long; the message has the end of its output."""


@dataclasses.dataclass
class Command:
    """A program, where it runs, and what is added to its environment."""

    arguments: list[str]
    folder: pathlib.Path
    variables: dict[str, str] = dataclasses.field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        # A developer's own DWH_ and AWS_ variables must not reach the contestants.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DWH_", "AWS_"))}
        return inherited | self.variables


def timed(command: Command, timeout_seconds: float) -> tuple[Run, str]:
    """Runs a command and returns its figures and its standard output."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command.arguments, cwd=command.folder, env=command.environment(),
            stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
        )
        usage = _wait(process, start + timeout_seconds)
        wall_seconds = time.perf_counter() - start
        output.seek(0)
        errors.seek(0)
        text = output.read().decode(errors="replace")
        if process.returncode != 0:
            ended = "took too long" if wall_seconds >= timeout_seconds else f"exit code {process.returncode}"
            tail = (text + errors.read().decode(errors="replace"))[-2000:]
            raise CommandFailed(f"{' '.join(command.arguments)}: {ended}\n{tail}")
    return Run(wall_seconds, usage.ru_maxrss * 1024, _load_seconds(text)), text


def _wait(process: subprocess.Popen, deadline: float):
    """Waits for one process with its own resource usage, which `Popen.wait` does not give."""
    timer = threading.Timer(max(deadline - time.perf_counter(), 0), process.kill)
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def output_of(command: Command, timeout_seconds: float = 600) -> str:
    """Runs a command that is not timed."""
    return timed(command, timeout_seconds)[1]


def _load_seconds(text: str) -> float | None:
    """What a loader says on its last line."""
    try:
        return json.loads(text.strip().splitlines()[-1])["load_seconds"]
    except (IndexError, ValueError, KeyError, TypeError):
        return None
