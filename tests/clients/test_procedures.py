"""Stored procedures through clients: the simple and the extended protocol, rows, notices, cursors, errors."""

import psycopg
import psycopg2
import pytest
import redshift_connector

PROCEDURES = """
CREATE OR REPLACE PROCEDURE doubled(f1 IN int, f2 INOUT varchar(256), out_var OUT int) AS $$
BEGIN
  RAISE INFO 'f1 = %, f2 = %', f1, f2;
  RAISE WARNING 'of %', f2;
  f2 := f2 || '+' || f2;
  out_var := f1 * 2;
END;
$$ LANGUAGE plpgsql;
CREATE OR REPLACE PROCEDURE get_result_set(param IN integer, rs_out INOUT refcursor) AS $$
BEGIN
  OPEN rs_out FOR SELECT param AS id, 'Joe'::varchar AS name UNION ALL SELECT param + 1, 'Ed';
END;
$$ LANGUAGE plpgsql;
CREATE OR REPLACE PROCEDURE fails() AS $$
BEGIN
  RAISE NOTICE 'about to fail';
  RAISE EXCEPTION 'it failed';
END;
$$ LANGUAGE plpgsql;
"""


@pytest.fixture(scope="module")
def server(dwh_server):
    connection = dwh_server.connect()
    connection.autocommit = True
    connection.cursor().execute(PROCEDURES)
    connection.close()
    return dwh_server


def test_simple_queries_answer_with_a_row_and_notices(server):
    connection = server.connect()
    cursor = connection.cursor()
    cursor.execute("CALL doubled(21, 'a')")
    assert [column.name for column in cursor.description] == ["f2", "out_var"]
    assert cursor.fetchall() == [("a+a", 42)]
    assert [notice.strip() for notice in connection.notices[-2:]] == ["INFO:  f1 = 21, f2 = a", "WARNING:  of a"]
    cursor.execute("CALL get_result_set(1, 'mycursor')")
    assert cursor.fetchall() == [("mycursor",)]
    cursor.execute("FETCH ALL FROM mycursor")
    assert sorted(cursor.fetchall()) == [(1, "Joe"), (2, "Ed")]
    connection.close()


def test_an_error_comes_behind_its_notices_and_names_the_line(server):
    connection = server.connect()
    with pytest.raises(psycopg2.Error) as raised:
        connection.cursor().execute("CALL fails()")
    assert raised.value.pgcode == "P0001" and raised.value.diag.message_primary == "it failed"
    assert raised.value.diag.context == 'PL/pgSQL function "fails" line 3 at raise'
    assert connection.notices[-1].strip() == "NOTICE:  about to fail"
    connection.close()


def test_prepared_calls_take_parameters(server):
    place = dict(host=server.host, port=server.port, dbname=server.database, user=server.user, password=server.password)
    with psycopg.connect(**place) as connection:
        row = connection.execute("CALL doubled(%s, %s)", (4, "x"), prepare=True).fetchone()
        assert row == ("x+x", 8)
        row = connection.execute("CALL doubled(%s, %s)", ("5", "y"), binary=True).fetchone()
        assert row == ("y+y", 10)
        with pytest.raises(psycopg.errors.UndefinedFunction):
            connection.execute("CALL doubled(%s)", (1,))


def test_amazons_driver_calls_and_fetches(server):
    connection = redshift_connector.connect(
        host=server.host, port=server.port, database=server.database, user=server.user, password=server.password, ssl=False
    )
    cursor = connection.cursor()
    cursor.execute("CALL doubled(%s, %s)", (7, "z"))
    assert [list(row) for row in cursor.fetchall()] == [["z+z", 14]]
    cursor.execute("CALL get_result_set(%s, %s)", (5, "named"))
    cursor.execute("FETCH ALL FROM named")
    assert sorted(row[0] for row in cursor.fetchall()) == [5, 6]
    with pytest.raises(redshift_connector.ProgrammingError) as raised:
        cursor.execute("CALL fails()")
    assert raised.value.args[0]["C"] == "P0001"
    connection.close()
