"""Random queries that dwh and PostgreSQL must answer alike.

    run.py [--queries 10000] [--seed 1] [--server "host=… user=…"]

Without --server a PostgreSQL of the machine is started in a temporary folder. Needs psycopg and
`cargo build --example answers`; says so and ends well where PostgreSQL is not installed. A difference that is known
and explained stands in KNOWN and in docs/compat/queries.md; every other one fails the run.
"""

import argparse
import contextlib
import datetime
import decimal
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "engines")]

from answers import Dwh, SqlError  # noqa: E402
from generate import TABLES, Generator  # noqa: E402
from postgres import postgresql  # noqa: E402

# Differences with their reasons: a pattern of the query or of the two errors, and why.
KNOWN = []


class PostgreSql:
    def __init__(self, server):
        import psycopg

        self.connection = psycopg.connect(server, autocommit=True)

    def __call__(self, sql):
        cursor = self.connection.execute(sql)
        return [[text(value) for value in row] for row in cursor.fetchall()] if cursor.description else []


def text(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value.isoformat()
    return str(value)


def normal(rows, ordered):
    """Numbers without the zeros that only a scale adds; in any order unless the query gives one over all columns."""
    rows = [[number(value) for value in row] for row in rows]
    return rows if ordered else sorted(rows, key=lambda row: [(value is None, value or "") for value in row])


def number(value):
    if value is not None and re.fullmatch(r"-?\d+\.\d+", value):
        value = value.rstrip("0").rstrip(".")
        return "0" if value == "-0" else value
    # A second's fraction without the zeros that a program pads it with.
    return value and re.sub(r"(:\d\d)\.(\d*?)0*$", lambda found: found[1] + (found[2] and "." + found[2]), value)


def answer(engine, error, sql):
    try:
        return engine(sql), None
    except error as problem:
        return None, str(problem).splitlines()[0]


def compare(queries, seed, server):
    import psycopg

    theirs = PostgreSql(server)
    generator = Generator(seed)
    differences, known, refused = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        ours = Dwh(pathlib.Path(folder) / "warehouse")
        for statement in filter(str.strip, TABLES.split(";\n")):
            ours(statement)
            theirs(statement)
        for count in range(queries):
            sql = generator.query()
            expected, their_error = answer(theirs, psycopg.Error, sql)
            found, our_error = answer(lambda sql: ours(sql).rows, SqlError, sql)
            if their_error:
                # Overflows, and types that PostgreSQL does not bring together: nothing to compare with.
                refused += 1
                continue
            ordered = "ORDER BY" in sql.rsplit(")", 1)[-1]
            if our_error is None and normal(found, ordered) == normal(expected, ordered):
                continue
            if any(re.search(pattern, f"{sql}\n{our_error or ''}") for pattern, _ in KNOWN):
                known += 1
                continue
            differences.append(f"query {count}: {sql}\n  dwh        {our_error or found}\n  PostgreSQL {expected}")
        ours.close()
    print(f"{queries} queries with seed {seed}: {len(differences)} different, {known} known, {refused} refused by PostgreSQL")
    return differences


def check(arguments, compare):
    """Ends the program with what `compare` finds, given the arguments and a PostgreSQL; well where there is none."""
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--server")
    given = arguments.parse_args()
    try:
        import psycopg  # noqa: F401
    except ImportError:
        print("skipped: psycopg is not installed", file=sys.stderr)
        return
    with contextlib.ExitStack() as stack:
        server = given.server or stack.enter_context(postgresql())
        if server is None:
            print("skipped: PostgreSQL is not installed", file=sys.stderr)
            return
        differences = compare(given, server)
    if differences:
        sys.exit("\n".join(differences[:20]))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--queries", type=int, default=10_000)
    check(arguments, lambda given, server: compare(given.queries, given.seed, server))


if __name__ == "__main__":
    main()
