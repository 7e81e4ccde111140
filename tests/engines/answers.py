"""dwh as a script sees it: SQL in, rows out, through the program that `cargo build --example answers` makes."""

import json
import os
import pathlib
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent


class SqlError(Exception):
    """What a statement failed with."""

    def __init__(self, state, message):
        super().__init__(f"{state}: {message}")
        self.state = state


class Result:
    """Names and types of the columns, rows of texts and None, and how long the statement took."""

    def __init__(self, answer):
        self.columns = answer["columns"]
        self.rows = answer["rows"]
        self.seconds = answer["seconds"]


def program(profile):
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    path = target / profile / "examples" / "answers"
    if not path.is_file():
        flag = " --release" if profile == "release" else ""
        raise SystemExit(f"{path} is not there: cargo build{flag} --example answers")
    return path


class Dwh:
    """A session on a warehouse folder."""

    def __init__(self, warehouse, profile="debug"):
        command = [str(program(profile)), str(warehouse)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, sql):
        self.process.stdin.write(json.dumps(sql) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"dwh ended while it ran: {sql}")
        answer = json.loads(line)
        if "error" in answer:
            raise SqlError(answer["state"], answer["error"])
        return Result(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
