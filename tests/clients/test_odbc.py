"""psqlODBC (Debian's odbc-postgresql) through pyodbc: parameters, types, catalog functions, errors."""

import datetime
import decimal
import glob

import pyodbc
import pytest

DRIVERS = glob.glob("/usr/lib/*/odbc/psqlodbcw.so")
pytestmark = pytest.mark.skipif(not DRIVERS, reason="psqlODBC is not installed")


def connect(server, **more):
    # By default the driver sets savepoints, which Redshift has not: for errors (7.4-1 rolls the transaction back), and to free
    # what the server has prepared.
    options = {"Driver": DRIVERS[0], "Protocol": "7.4-1", "UseServerSidePrepare": 0, "Server": server.host, "Port": server.port, "Database": server.database, "Uid": server.user,
               "Pwd": server.password, **more}
    return pyodbc.connect(";".join(f"{name}={value}" for name, value in options.items()))


def test_parameters_and_types(dwh_server):
    connection = connect(dwh_server)
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE kinds (a SMALLINT, b INT, c BIGINT, d NUMERIC(10,2), f FLOAT8, g BOOLEAN, h VARCHAR(20), i DATE, j TIMESTAMP)")
    row = (1, -2, 2**40, decimal.Decimal("1.25"), -1.5, True, "it's é", datetime.date(2020, 2, 29),
           datetime.datetime(2018, 11, 30, 17, 31, 24, 796000))
    cursor.execute("INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    cursor.execute("INSERT INTO kinds (a) VALUES (?)", 2)
    cursor.execute("SELECT * FROM kinds WHERE a = ?", 1)
    found = list(cursor.fetchone())
    found[5] = bool(int(found[5]))
    assert tuple(found) == row
    cursor.execute("SELECT h FROM kinds WHERE a = ?", 2)
    assert cursor.fetchone()[0] is None
    connection.rollback()
    connection.close()


def test_catalog_functions_show_tables_and_columns(browsed):
    connection = connect(browsed)
    cursor = connection.cursor()
    tables = {(row.table_name, row.table_type) for row in cursor.tables(schema="browse")}
    assert {kind for _, kind in tables} >= {"TABLE", "VIEW"}
    table = next(name for name, kind in tables if kind == "TABLE")
    columns = [(row.column_name, row.type_name) for row in cursor.columns(table=table, schema="browse")]
    assert columns and all(kind for _, kind in columns)
    connection.close()


def test_primary_keys_and_functions_are_found(browsed):
    connection = connect(browsed)
    cursor = connection.cursor()
    assert [(row.column_name, row.key_seq, row.pk_name) for row in cursor.primaryKeys("songs", schema="browse")] == [("song_id", 1, "songs_pkey")]
    assert ("pg_catalog", "lower") in {(row.procedure_schem, row.procedure_name) for row in cursor.procedures()}
    connection.close()


def test_errors_have_their_state_and_a_transaction_rolls_back(dwh_server):
    connection = connect(dwh_server)
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE odbc_kept (a INT)")
    connection.commit()
    cursor.execute("INSERT INTO odbc_kept VALUES (1)")
    with pytest.raises(pyodbc.Error) as raised:
        cursor.execute("SELECT * FROM missing")
    assert raised.value.args[0] in ("42P01", "42S02")
    connection.rollback()
    assert cursor.execute("SELECT COUNT(*) FROM odbc_kept").fetchone()[0] == 0
    cursor.execute("DROP TABLE odbc_kept")
    connection.commit()
    connection.close()
