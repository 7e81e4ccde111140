"""psycopg 3: the extended query protocol, binary results, pipelines, prepared statements."""

import datetime
import decimal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest


@pytest.fixture
def connection(dwh_server):
    with psycopg.connect(dwh_server.dsn) as connection:
        yield connection
        connection.rollback()


ROW = (
    7, -2, 2**40, decimal.Decimal("-1.25"), 0.5, -1.5, True, "it's é",
    datetime.date(1999, 12, 31), datetime.datetime(2018, 11, 30, 17, 31, 24, 796000),
)


@pytest.mark.parametrize("binary", [False, True])
def test_parameters_and_results_in_text_and_binary(connection, binary):
    connection.execute(
        "CREATE TEMP TABLE kinds (a SMALLINT, b INT, c BIGINT, d NUMERIC(10,2), e REAL, f FLOAT8, g BOOLEAN,"
        " h VARCHAR(20), i DATE, j TIMESTAMP)"
    )
    mark = "%b" if binary else "%t"
    connection.execute(f"INSERT INTO kinds VALUES ({', '.join([mark] * len(ROW))})", ROW)
    connection.execute("INSERT INTO kinds (a) VALUES (%s)", [None])
    cursor = connection.cursor(binary=binary)
    conditions = " AND ".join(f"{column} = {mark}" for column in "abcdefghij")
    assert cursor.execute(f"SELECT * FROM kinds WHERE {conditions}", ROW).fetchall() == [ROW]
    assert cursor.execute("SELECT * FROM kinds WHERE a IS NULL").fetchone() == (None,) * len(ROW)


def test_limit_and_in_lists_take_parameters(connection):
    connection.execute("CREATE TEMP TABLE n AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3")
    found = connection.execute("SELECT a FROM n WHERE a IN (%s, %s) ORDER BY a LIMIT %s OFFSET %s", (1, 3, 5, 1))
    assert found.fetchall() == [(3,)]


def test_prepared_statements_are_used_again(connection):
    for number in range(12):
        cursor = connection.execute("SELECT %s::int + 1", [number], prepare=True)
        assert cursor.fetchone() == (number + 1,)


def test_a_pipeline_is_one_transaction(dwh_server):
    with psycopg.connect(dwh_server.dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS piped")
        connection.execute("CREATE TABLE piped (a INT)")
        with pytest.raises(psycopg.errors.UndefinedTable):
            with connection.pipeline():
                connection.execute("INSERT INTO piped VALUES (%s)", [1])
                connection.execute("INSERT INTO missing VALUES (%s)", [2])
        assert connection.execute("SELECT count(*) FROM piped").fetchone() == (0,)
        with connection.pipeline():
            connection.execute("INSERT INTO piped VALUES (%s)", [1])
            cursor = connection.execute("SELECT count(*) FROM piped")
        assert cursor.fetchone() == (1,)
        connection.execute("DROP TABLE piped")


def test_rows_stream_one_by_one(connection):
    connection.execute("CREATE TEMP TABLE ten AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3")
    query = "SELECT a.a FROM ten a, ten b, ten c, ten d, ten e, ten f, ten g"
    assert sum(1 for _ in connection.cursor().stream(query)) == 3**7


def test_an_error_in_a_prepared_statement_has_its_place(connection):
    with pytest.raises(psycopg.errors.UndefinedColumn) as raised:
        connection.execute("SELECT %s, nope FROM pg_tables", [1])
    assert raised.value.diag.statement_position == "12"


def test_scram_is_spoken(dwh_server):
    from dwh import Server

    with Server(["--auth", "scram-sha-256", "--require-tls"]) as server:
        with psycopg.connect(server.dsn, sslmode="require") as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("awsuser",)
        with pytest.raises(psycopg.OperationalError, match="no pg_hba.conf entry .* SSL off"):
            psycopg.connect(server.dsn, sslmode="disable")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.dsn.replace(server.password, "wrong"), sslmode="require")


@pytest.mark.parametrize("binary", [False, True])
def test_bytes_intervals_uuids_and_lists_are_parameters(connection, binary):
    connection.execute("CREATE TEMP TABLE kinds (a INT, b VARBYTE(10), c TIMESTAMP)")
    mark = "%b" if binary else "%t"
    # In text libpq writes bytes for a literal, not for a parameter.
    connection.execute("INSERT INTO kinds VALUES (1, %s, '2020-01-31')", [b"\x00\xff"])
    connection.execute("INSERT INTO kinds VALUES (2, %s, NULL)", [None])
    kept = connection.execute("SELECT TO_HEX(b) FROM kinds ORDER BY a").fetchall()
    assert kept == [("00ff",), (None,)]
    later = connection.execute(f"SELECT c + {mark} FROM kinds WHERE a = 1", [datetime.timedelta(days=1, microseconds=5)])
    assert later.fetchone() == (datetime.datetime(2020, 2, 1, 0, 0, 0, 5),)
    number = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")
    assert connection.execute(f"SELECT {mark}::varchar", [number]).fetchone() == (str(number),)
    assert connection.execute(f"SELECT a FROM kinds WHERE a = ANY({mark})", [[2, 3]]).fetchall() == [(2,)]


@pytest.mark.parametrize("binary", [False, True])
def test_server_side_cursors_are_described_and_read_in_portions(connection, binary):
    connection.execute("CREATE TEMP TABLE n AS SELECT generate_series AS a FROM generate_series(1, 25)")
    with connection.cursor(name="Some Cursor", binary=binary) as cursor:
        cursor.execute("SELECT a, a::varchar AS t FROM n WHERE a > %s ORDER BY a", [5])
        assert [column.name for column in cursor.description] == ["a", "t"]
        assert [len(cursor.fetchmany(8)) for _ in range(4)] == [8, 8, 4, 0]
    with connection.cursor(name="other", binary=binary) as cursor:
        cursor.itersize = 3
        assert sum(a for a, in cursor.execute("SELECT a FROM n")) == 325


@pytest.mark.parametrize("sslmode", ["disable", "require"])
def test_a_cancel_request_is_answered(dwh_server, sslmode):
    with psycopg.connect(dwh_server.dsn, autocommit=True, sslmode=sslmode) as connection:
        connection.execute("CREATE TEMP TABLE few AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
        joins = ", ".join(f"few f{i}" for i in range(16))
        with ThreadPoolExecutor() as pool:
            cancelled = pool.submit(lambda: (time.sleep(0.3), connection.cancel_safe(timeout=10)))
            with pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute(f"SELECT COUNT(*) FROM {joins} WHERE f0.a + f1.a + f2.a > f15.a")
            # It fails if the server breaks off in the middle of TLS.
            cancelled.result(timeout=10)
        assert connection.execute("SELECT 1").fetchone() == (1,)
