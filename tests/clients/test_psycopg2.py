"""psycopg2: the simple query protocol, transactions, errors, notices (psycopg2's documentation)."""

import datetime
import decimal
import threading

import psycopg2
import psycopg2.extras
import pytest


def test_types_come_back_as_pythons(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute(
        "CREATE TEMP TABLE kinds (a SMALLINT, b INT, c BIGINT, d NUMERIC(10,2), e REAL, f FLOAT8, g BOOLEAN,"
        " h VARCHAR(20), i DATE, j TIMESTAMP, k TIMESTAMPTZ)"
    )
    row = (
        1, -2, 2**40, decimal.Decimal("1.25"), 0.5, -1.5, True, "it's é \\",
        datetime.date(2020, 2, 29), datetime.datetime(2018, 11, 30, 17, 31, 24, 796000),
        datetime.datetime(2018, 11, 30, 17, 31, 24, tzinfo=datetime.timezone.utc),
    )
    cursor.execute(f"INSERT INTO kinds VALUES ({', '.join(['%s'] * len(row))})", row)
    assert cursor.rowcount == 1 and cursor.statusmessage == "INSERT 0 1"
    cursor.execute("SELECT * FROM kinds")
    assert cursor.fetchone() == row
    # RS 5.5: the type OIDs of RowDescription.
    assert [column.type_code for column in cursor.description] == [
        21, 23, 20, 1700, 700, 701, 16, 1043, 1082, 1114, 1184,
    ]
    cursor.execute("SELECT NULL, 'x'::varchar(7), 1.5::numeric(12,3)")
    assert cursor.description[1].internal_size == 7
    assert (cursor.description[2].precision, cursor.description[2].scale) == (12, 3)


def test_a_transaction_is_rolled_back_and_an_error_aborts_it(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute("CREATE TABLE kept (a INT)")
    dwh_connection.commit()
    cursor.execute("INSERT INTO kept VALUES (1)")
    with pytest.raises(psycopg2.errors.UndefinedTable) as raised:
        cursor.execute("SELECT 1;\nSELECT * FROM missing")
    assert raised.value.diag.message_primary == 'relation "missing" does not exist'
    assert raised.value.diag.statement_position == "25"
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        cursor.execute("SELECT 1")
    dwh_connection.rollback()
    cursor.execute("SELECT count(*) FROM kept")
    assert cursor.fetchone() == (0,)
    cursor.execute("DROP TABLE kept")
    dwh_connection.commit()


def test_several_statements_are_one_transaction(dwh_server):
    connection = dwh_server.connect()
    connection.autocommit = True
    cursor = connection.cursor()
    with pytest.raises(psycopg2.errors.UndefinedTable):
        cursor.execute("CREATE TABLE together (a INT); SELECT * FROM missing")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        cursor.execute("SELECT * FROM together")
    cursor.execute("SELECT 1; SELECT 2 AS two;")
    assert cursor.fetchall() == [(2,)]
    connection.close()


def test_notices_have_their_severity(dwh_connection):
    dwh_connection.cursor().execute("DROP TABLE IF EXISTS nothing_here")
    assert dwh_connection.notices[-1] == 'INFO:  Table "nothing_here" does not exist and will be skipped\n'


def test_copy_from_stdin_is_refused_and_the_connection_goes_on(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute("CREATE TEMP TABLE target (a INT)")
    with pytest.raises(psycopg2.Error):
        cursor.copy_expert("COPY target FROM STDIN", open("/dev/null"))
    dwh_connection.rollback()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)


def test_a_running_statement_can_be_cancelled_from_another_thread(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute("CREATE TEMP TABLE many AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
    timer = threading.Timer(0.5, dwh_connection.cancel)
    timer.start()
    joins = ", ".join(f"many m{i}" for i in range(16))
    with pytest.raises(psycopg2.errors.QueryCanceled):
        cursor.execute(f"SELECT count(*) FROM {joins} WHERE m0.a + m1.a + m2.a > m15.a")
    timer.join()
    dwh_connection.rollback()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)


def test_statement_timeout_ends_a_statement(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute("CREATE TEMP TABLE few AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
    dwh_connection.commit()
    cursor.execute("SET statement_timeout TO 300")
    joins = ", ".join(f"few m{i}" for i in range(16))
    with pytest.raises(psycopg2.errors.QueryCanceled):
        cursor.execute(f"SELECT count(*) FROM {joins} WHERE m0.a + m1.a + m2.a > m15.a")


def test_a_wrong_password_or_database_is_refused(dwh_server):
    with pytest.raises(psycopg2.OperationalError, match='password authentication failed for user "awsuser"'):
        dwh_server.connect(password="wrong", sslmode="disable")
    with pytest.raises(psycopg2.OperationalError, match='database "nowhere" does not exist'):
        dwh_server.connect(dbname="nowhere")


def test_sessions_keep_their_settings_and_temporary_tables_to_themselves(dwh_server):
    one, other = dwh_server.connect(options="-c query_group=mine"), dwh_server.connect()
    with one.cursor() as cursor:
        cursor.execute("SHOW query_group")
        assert cursor.fetchone() == ("mine",)
        cursor.execute("CREATE TEMP TABLE private (a INT)")
        one.commit()
    with other.cursor() as cursor:
        cursor.execute("SHOW query_group")
        assert cursor.fetchone() == ("default",)
        with pytest.raises(psycopg2.errors.UndefinedTable):
            cursor.execute("SELECT * FROM private")
    one.close()
    other.close()


def test_tls_is_offered_and_plain_text_is_taken(dwh_server):
    for sslmode, in_use in (("require", True), ("disable", False)):
        connection = dwh_server.connect(sslmode=sslmode)
        assert connection.info.ssl_in_use is in_use
        connection.close()


def test_what_libpq_is_told_about_the_server(dwh_connection):
    status = dwh_connection.get_parameter_status
    assert status("server_version") == "8.0.2"
    assert status("client_encoding") == "UTF8"
    assert status("DateStyle") == "ISO, MDY"
    assert status("padb_version") is not None
    # RS 5.1: Redshift does not send it, so that clients escape backslashes.
    assert status("standard_conforming_strings") is None
    assert dwh_connection.server_version == 80002


def test_rows_in_batches_of_values(dwh_connection):
    cursor = dwh_connection.cursor()
    cursor.execute("CREATE TEMP TABLE numbers (n INT, t VARCHAR(10))")
    rows = [(n, f"t{n}") for n in range(1000)]
    psycopg2.extras.execute_values(cursor, "INSERT INTO numbers VALUES %s", rows)
    cursor.execute("SELECT * FROM numbers ORDER BY n")
    assert cursor.fetchall() == rows
