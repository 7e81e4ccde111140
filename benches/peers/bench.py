"""Runs a job: contestants load in turns, their rows are compared, their figures kept."""

import os
import pathlib
import shutil
import sys
from collections.abc import Callable

from checks import differences
from contestants import Dwh, Job, Loader
from measure import Run, Summary, timed


class RowsDiffer(Exception):
    """A contestant has loaded other rows than dwh."""


class Bench:
    """Where contestants write, and how often they run."""

    def __init__(self, scratch: pathlib.Path, runs: int, timeout_seconds: float):
        self.scratch = scratch
        self.runs = runs
        self.timeout_seconds = timeout_seconds

    def summaries(
        self, job: Job, contestants: list[Dwh | Loader], before_run: Callable, after_run: Callable | None
    ) -> dict[str, Summary]:
        """Lets the contestants load in turns. `before_run` brings the page cache, or the store, into its state;
        `after_run` tells how the store was used.
        """
        runs: dict[str, list[Run]] = {contestant.name: [] for contestant in contestants}
        expected = None
        for turn in range(self.runs):
            for contestant in contestants:
                print(f"{job.name}: {contestant.name}, run {turn + 1} of {self.runs}", file=sys.stderr, flush=True)
                run, rows = self._run(job, contestant, before_run, after_run)
                expected = expected or rows
                if differing := differences(expected, rows):
                    raise RowsDiffer(f"{job.name}: {contestants[0].name} and {contestant.name}: {differing}")
                runs[contestant.name].append(run)
        return {name: Summary(runs) for name, runs in runs.items()}

    def _run(self, job: Job, contestant: Dwh | Loader, before_run, after_run) -> tuple[Run, dict]:
        target = self.scratch / "target"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        try:
            contestant.prepare(job, target)
            before_run()
            # What earlier runs wrote must not be written back during this one.
            os.sync()
            run, _ = timed(contestant.load(job, target), self.timeout_seconds)
            run.store = after_run() if after_run else None
            run.load_seconds = run.load_seconds or contestant.load_seconds(job, target)
            return run, contestant.check(job, target)
        finally:
            shutil.rmtree(target, ignore_errors=True)
