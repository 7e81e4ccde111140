"""Every query of TPC-H and TPC-DS: dwh's rows are DuckDB's.

    run.py [--scale 0.01] [--suite tpch|tpcds] [QUERY …]

Needs DuckDB with its extensions tpch and tpcds, and `cargo build --example answers`.
"""

import argparse
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "engines")]

import suites  # noqa: E402
from answers import Dwh, SqlError  # noqa: E402


def run(suite, scale, wanted):
    wrong, compared, rows = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        connection = suites.connect(suite, scale)
        dwh = Dwh(pathlib.Path(folder) / "warehouse")
        suites.load(connection, dwh, folder)
        texts = suites.queries(connection, suite)
        if len(texts) != suites.SUITES[suite][1]:
            wrong.append(f"{suite} has {len(texts)} queries")
        for number, text in texts.items():
            if wanted and number not in wanted:
                continue
            expected = connection.execute(text).fetchall()
            try:
                problem = suites.difference(dwh(text).rows, expected)
            except SqlError as error:
                problem = str(error)
            compared, rows = compared + 1, rows + len(expected)
            if problem:
                wrong.append(f"{suite} {number}: {problem}")
        dwh.close()
    print(f"{suite} at scale {scale}: {compared} queries, {rows} rows, {len(wrong)} different")
    return wrong


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--scale", type=float, default=0.01)
    arguments.add_argument("--suite", choices=sorted(suites.SUITES))
    arguments.add_argument("query", nargs="*", type=int)
    given = arguments.parse_args()
    if not suites.available():
        return
    wrong = []
    for suite in [given.suite] if given.suite else sorted(suites.SUITES):
        wrong += run(suite, given.scale, given.query)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
