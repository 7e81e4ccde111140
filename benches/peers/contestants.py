"""Who loads, and how each is told to: a command that is timed, one that checks, and what must be there before."""

import dataclasses
import json
import pathlib

from checks import EVENTS, SONGS, STAR_SCHEMA
from measure import Command, output_of

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
LOADERS = pathlib.Path(__file__).resolve().parent / "loaders"


@dataclasses.dataclass(frozen=True)
class Job:
    """One load: a table, or the whole ETL, from a folder or an S3 prefix."""

    name: str
    table: str
    # A folder or s3:// prefix with log_data, song_data and log_json_path.json below it.
    data: str
    variables: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def source(self) -> str:
        return {"events": f"{self.data}/log_data", "songs": f"{self.data}/song_data", "etl": self.data}[self.table]


class Loader:
    """A peer, by its program in loaders/."""

    def __init__(self, name: str, python: pathlib.Path, program: str, variables: dict[str, str] | None = None):
        self.name = name
        self.python = python
        self.program = program
        self.variables = variables or {}

    def prepare(self, job: Job, target: pathlib.Path) -> None:
        """An empty folder is all that a loader needs."""

    def load(self, job: Job, target: pathlib.Path) -> Command:
        return self._command("load", job, target)

    def load_seconds(self, job: Job, target: pathlib.Path) -> float | None:
        """The loader prints it."""

    def check(self, job: Job, target: pathlib.Path) -> dict:
        return json.loads(output_of(self._command("check", job, target)))

    def _command(self, action: str, job: Job, target: pathlib.Path) -> Command:
        program = str(LOADERS / self.program)
        arguments = [str(self.python), program, action, job.table, str(target), job.source]
        return Command(arguments, target, self.variables | job.variables)


class Dwh:
    """dwh by its command line: COPY with the built-in pipeline's tables and statements, or `dwh etl`."""

    name = "dwh"

    def __init__(self, program: pathlib.Path):
        self.program = program

    def prepare(self, job: Job, target: pathlib.Path) -> None:
        output_of(self._command(job, target, "init", "--data", job.data))
        if job.table != "etl":
            output_of(self._command(job, target, "tables", "create"))
            (target / "copy.sql").write_text(self._copy_statement(job), encoding="utf-8")

    def load(self, job: Job, target: pathlib.Path) -> Command:
        if job.table == "etl":
            return self._command(job, target, "etl")
        return self._command(job, target, "query", "--file", "copy.sql")

    def load_seconds(self, job: Job, target: pathlib.Path) -> float | None:
        if job.table == "etl":
            return None
        [load] = self._query(job, target, "SELECT duration FROM sys_load_history")
        return int(load["duration"]) / 1e6

    def check(self, job: Job, target: pathlib.Path) -> dict:
        text = {"events": EVENTS, "songs": SONGS, "etl": STAR_SCHEMA}[job.table]
        names = ["user_id", "item_in_session", "user_agent", "registration"]
        columns = {name: name for name in names} | {"bytes": "octet_length", "table": f"staging_{job.table}"}
        [row] = self._query(job, target, text.format(**columns))
        return row

    def _copy_statement(self, job: Job) -> str:
        statement = (REPOSITORY / f"pipelines/sparkify/load/staging_{job.table}.sql").read_text(encoding="utf-8")
        variables = {
            "LOG_DATA": f"{job.data}/log_data", "SONG_DATA": f"{job.data}/song_data",
            "LOG_JSONPATH": f"{job.data}/log_json_path.json", "ARN": "default", "REGION": "us-west-2",
        }
        for name, value in variables.items():
            statement = statement.replace("${" + name + "}", value)
        return statement

    def _query(self, job: Job, target: pathlib.Path, sql: str) -> list[dict]:
        return json.loads(output_of(self._command(job, target, "--format", "json", "query", sql)))

    def _command(self, job: Job, target: pathlib.Path, *arguments: str) -> Command:
        return Command([str(self.program), "--quiet", *arguments], target, job.variables)
