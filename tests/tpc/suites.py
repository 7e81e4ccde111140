"""TPC-H and TPC-DS as DuckDB's extensions give them: data, query texts, and the tables in dwh's SQL."""

import math
import pathlib
import re
import sys

SUITES = {"tpch": ("dbgen", 22), "tpcds": ("dsdgen", 99)}

# AVG of integers is an integer in Redshift (guide: AVG function), and AVG of NUMERIC is cut to its scale, which makes
# ranks of averages equal. The queries of which rows depend on it average doubles, in both engines.
CUT_AVERAGES = {
    ("tpcds", 7): ["ss_quantity"],
    ("tpcds", 13): ["ss_quantity"],
    ("tpcds", 22): ["inv_quantity_on_hand"],
    ("tpcds", 26): ["cs_quantity"],
    ("tpcds", 27): ["agg1"],
    ("tpcds", 39): ["inv_quantity_on_hand"],
    ("tpcds", 44): ["ss_net_profit"],
}

# AVG of NUMERIC keeps the scale of its argument and is cut there (guide: PIVOT and UNPIVOT examples): up to a
# hundredth below DuckDB's double, and more where it is multiplied.
TOLERANCE = 0.0101


def available():
    """Whether DuckDB and both extensions are installed; says what is not."""
    try:
        import duckdb  # noqa: F401
        import duckdb_extension_tpcds  # noqa: F401
        import duckdb_extension_tpch  # noqa: F401
    except ImportError as error:
        print(f"skipped: {error}; install duckdb, duckdb-extension-tpch and duckdb-extension-tpcds", file=sys.stderr)
        return False
    return True


def connect(suite, scale, path=":memory:", threads=None):
    """A DuckDB connection with the suite's data."""
    import duckdb
    import duckdb_extensions

    config = {"autoinstall_known_extensions": False, **({"threads": threads} if threads else {})}
    connection = duckdb.connect(path, config=config)
    duckdb_extensions.import_extension(suite)
    connection.execute(f"LOAD {suite}")
    if not tables(connection):
        connection.execute(f"CALL {SUITES[suite][0]}(sf = {scale})")
    return connection


def tables(connection):
    found = connection.execute("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
    return [name for (name,) in found]


def queries(connection, suite):
    """The texts by number, with the adaptations above."""
    found = connection.execute(f"SELECT query_nr, query FROM {suite}_queries() ORDER BY 1").fetchall()
    return {number: adapted(suite, number, text.strip().rstrip(";")) for number, text in found}


def adapted(suite, number, text):
    for column in CUT_AVERAGES.get((suite, number), []):
        text, count = re.subn(rf"avg\({column}\)", f"avg({column}::float8)", text, flags=re.IGNORECASE)
        if not count:
            raise SystemExit(f"{suite} {number} has no avg({column}): the text has changed")
    return text


def load(connection, dwh, folder):
    """Moves every table to dwh: DuckDB writes Parquet, COPY reads it."""
    for table in tables(connection):
        file = pathlib.Path(folder) / f"{table}.parquet"
        connection.execute(f"COPY {table} TO '{file}' (FORMAT parquet)")
        columns = connection.execute(f"DESCRIBE {table}").fetchall()
        listed = ", ".join(f"{name} {dwh_type(kind)}" for name, kind, *_ in columns)
        dwh(f"CREATE TABLE {table} ({listed})")
        dwh(f"COPY {table} FROM '{file}' FORMAT PARQUET")


def dwh_type(kind):
    return "varchar(256)" if kind == "VARCHAR" else kind.lower()


def difference(ours, theirs):
    """Where the rows of a query differ, as a text; None if they are equal."""
    ours = [[comparable(value) for value in row] for row in ours]
    theirs = [[comparable(value) for value in row] for row in theirs]
    if len(ours) != len(theirs):
        return f"{len(ours)} and {len(theirs)} rows"
    # Rows that the query's ORDER BY leaves equal may come in any order.
    in_order = all(map(equal_rows, ours, theirs))
    if not in_order:
        for one, other in zip(sorted(ours, key=order), sorted(theirs, key=order)):
            if not equal_rows(one, other):
                return f"{one} and {other}"
    return None


def comparable(value):
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value).rstrip()


def order(row):
    return [(value is None, str(round(value, 1)) if isinstance(value, float) else str(value)) for value in row]


def equal_rows(one, other):
    return len(one) == len(other) and all(map(equal, one, other))


def equal(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=TOLERANCE)
    return one == other
