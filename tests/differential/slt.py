"""Plays the sqllogictest files that dwh shares with PostgreSQL against an installed PostgreSQL.

    slt.py [--server "host=… user=…"] [FILE …]

A file is shared if its first lines say `# Also PostgreSQL`; its records under `onlyif dwh` are Redshift's alone.
Everything else must give the same there: rows as a client sees them, success, and failure (each engine with
words of its own). Without files, all shared ones are played, each in a database of its own.
Without --server a PostgreSQL of the machine is started; the run says so and ends well where there is none.
"""

import argparse
import contextlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "engines")]

from postgres import postgresql  # noqa: E402

CASES = REPOSITORY / "crates/dwh-engine/tests/slt"
MARK = "# Also PostgreSQL"


class Record:
    """One statement or query of a file: what it runs and what it must give."""

    def __init__(self, line, kind, sort, sql, rows, alone):
        self.line, self.kind, self.sort = line, kind, sort
        self.sql, self.rows, self.alone = sql, rows, alone


def records(text):
    """The records of a file; other directives of sqllogictest are not taken in a shared file."""
    line, alone = 0, False
    blocks = re.split(r"(\n[ \t]*\n+)", text)
    for block in blocks:
        start, line = line + 1, line + block.count("\n")
        lines = [part for part in block.strip("\n").split("\n") if not part.startswith("#")]
        alone = False
        while lines and re.match(r"(onlyif|skipif) ", lines[0]):
            alone = alone or lines[0].split() in (["onlyif", "dwh"], ["skipif", "postgresql"])
            lines = lines[1:]
        if not any(map(str.strip, lines)):
            continue
        head, body = lines[0].split(), lines[1:]
        if head[:2] in (["statement", "ok"], ["statement", "error"]):
            yield Record(start, head[1], None, "\n".join(body), [], alone)
        elif head[0] == "query":
            if "----" not in body:
                raise SystemExit(f"line {start}: a query without its rows")
            end = body.index("----")
            sort = "rowsort" if "rowsort" in head[2:] else None
            yield Record(start, "query", sort, "\n".join(body[:end]), body[end + 1 :], alone)
        else:
            raise SystemExit(f"line {start}: a shared file cannot have `{lines[0]}`")


def shown(value):
    if value is None:
        return "NULL"
    return value.decode() or "(empty)"


def play(connection, record):
    """What is wrong with PostgreSQL's answer to a record; None if nothing is."""
    from psycopg.pq import ExecStatus

    result = connection.pgconn.exec_(record.sql.encode())
    failed = result.status == ExecStatus.FATAL_ERROR
    if record.kind == "error":
        return None if failed else "PostgreSQL does not fail"
    if failed:
        return result.error_message.decode().splitlines()[0]
    if record.kind == "ok":
        return None
    rows = [
        " ".join(shown(result.get_value(row, column)) for column in range(result.nfields)).rstrip()
        for row in range(result.ntuples)
    ]
    expected = [row.rstrip() for row in record.rows]
    if record.sort:
        rows, expected = sorted(rows), sorted(expected)
    return None if rows == expected else "PostgreSQL gives\n    " + "\n    ".join(rows)


def connected(server, name):
    """A database of its own, set to show values as Redshift does."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as first:
        first.execute(f'DROP DATABASE IF EXISTS "{name}"')
        first.execute(f'CREATE DATABASE "{name}"')
    connection = psycopg.connect(server, dbname=name, autocommit=True)
    # Redshift's text of a double has 15 digits, its literals know the backslash, its intervals count in PostgreSQL's style.
    connection.execute("SET extra_float_digits = 0")
    connection.execute("SET timezone = 'UTC'")
    return connection


def play_files(server, files):
    played, differences = 0, []
    for file in files:
        with connected(server, "slt") as connection:
            for record in records(file.read_text()):
                if record.alone:
                    continue
                played += 1
                if problem := play(connection, record):
                    where = f"{file}:{record.line}"
                    differences.append(f"{where}: {record.sql}\n  {problem}")
    print(f"{played} records of {len(files)} files: {len(differences)} differ")
    return differences


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--server")
    arguments.add_argument("files", nargs="*", type=pathlib.Path)
    given = arguments.parse_args()
    try:
        import psycopg  # noqa: F401
    except ImportError:
        print("skipped: psycopg is not installed", file=sys.stderr)
        return
    files = given.files or sorted(file for file in CASES.rglob("*.slt") if MARK in file.read_text().split("\n\n")[0])
    with contextlib.ExitStack() as stack:
        server = given.server or stack.enter_context(postgresql())
        if server is None:
            print("skipped: PostgreSQL is not installed", file=sys.stderr)
            return
        differences = play_files(server, files)
    if differences:
        sys.exit("\n".join(differences))


if __name__ == "__main__":
    main()
