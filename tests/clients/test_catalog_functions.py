"""pg_proc lists functions of the system: each can be called with the types that it says, and gives what it says."""

import psycopg2
import pytest

# What stands for a type in a call, and the types on the wire that are the same to clients.
WRITTEN = {16: "boolean", 20: "bigint", 21: "smallint", 23: "integer", 25: "text", 26: "oid", 17: "varbyte", 18: "char(1)", 19: "varchar(128)",
           700: "real", 701: "double precision", 1042: "char(3)", 1043: "varchar(9)", 1082: "date", 1083: "time", 1114: "timestamp",
           1184: "timestamptz", 1186: "interval day to second", 1266: "timetz", 1700: "numeric(9,2)"}
TEXTS = {18, 19, 25, 1042, 1043}
SAME = [TEXTS, {20, 26}, {1186, 1188, 1190, 1043}, {17, 6551}]
# Those that want literals, or are written without parentheses.
NOT_CALLED = {"ntile", "current_user", "session_user", "generate_series", "to_number"}


def test_every_listed_function_gives_the_type_that_is_listed(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute("CREATE TEMP TABLE one AS SELECT 1 AS one")
    dwh_connection.commit()
    cursor.execute("SELECT proname, prokind, proretset, prorettype, proargtypes FROM pg_catalog.pg_proc WHERE prolang = 12 ORDER BY 1, 5")
    listed = cursor.fetchall()
    assert len(listed) > 250
    wrong = []
    for name, kind, returns_set, returns, arguments in listed:
        if name in NOT_CALLED:
            continue
        values = ", ".join(f"NULL::{WRITTEN[int(oid)]}" for oid in arguments.split())
        call = f"{name}({'*' if kind == 'a' and not values else values})" + (" OVER (ORDER BY one)" if kind == "w" else "")
        try:
            cursor.execute(f"SELECT {call} FROM one" if kind in "aw" else f"SELECT * FROM {call}" if returns_set else f"SELECT {call}")
            got = cursor.description[0].type_code
            if got != returns and not any(got in same and returns in same for same in SAME):
                wrong.append(f"{call} is said to give {returns} and gives {got}")
        except psycopg2.Error as error:
            wrong.append(f"{call}: {error}")
        dwh_connection.rollback()
    assert not wrong, "\n".join(wrong)


def test_every_listed_cast_is_done(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute("SELECT castsource, casttarget, castcontext FROM pg_catalog.pg_cast")
    casts = cursor.fetchall()
    assert (23, 20, "i") in casts and (20, 23, "a") in casts and (16, 23, "e") in casts
    for source, target, _ in casts:
        cursor.execute(f"SELECT CAST(NULL::{WRITTEN[source]} AS {WRITTEN[target]})")
        assert cursor.fetchone() == (None,)


@pytest.mark.parametrize("call, value", [
    ("date('2020-01-02 03:04'::timestamp)", "2020-01-02"), ("int4(5.6)", "6"), ("float8('1.5')", "1.5"), ("text(5)", "5"),
    ("\"timestamp\"('2020-01-01'::date)", "2020-01-01 00:00:00"), ("bool(1)", "t"), ("int8('7')", "7"), ("\"numeric\"(7)", "7"),
])
def test_names_of_types_can_be_called(dwh_connection, call, value):
    """PostgreSQL documentation, "Type Casts"; PostgreSQL 15 gives the same."""
    cursor = dwh_connection.cursor()
    for code in (16, 20, 23, 701, 1043, 1082, 1114, 1700):
        as_text = psycopg2.extensions.new_type((code,), f"text of {code}", lambda text, _: text)
        psycopg2.extensions.register_type(as_text, cursor)
    cursor.execute(f"SELECT {call}")
    assert cursor.fetchone() == (value,)
