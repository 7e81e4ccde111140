"""psycopg 3: the extended query protocol, binary results, pipelines, prepared statements."""

import datetime
import decimal

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
