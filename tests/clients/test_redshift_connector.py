"""redshift_connector: Amazon's own driver, whose statements are all prepared, and its metadata calls."""

import datetime
import decimal

import pytest
import redshift_connector


@pytest.fixture
def connection(browsed):
    connection = redshift_connector.connect(
        host=browsed.host, port=browsed.port, database=browsed.database, user=browsed.user, password=browsed.password,
        ssl=False,
    )
    yield connection
    connection.close()


def test_rows_and_parameters(connection):
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE kinds (a INT, b VARCHAR(10), c NUMERIC(10,2), d DATE, e TIMESTAMP, f BOOLEAN, g FLOAT8)")
    row = [1, "it's", decimal.Decimal("1.25"), datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4, 5), True, 0.5]
    cursor.execute("INSERT INTO kinds VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    assert cursor.rowcount == 1
    cursor.execute("SELECT * FROM kinds WHERE a = %s AND b = %s", (1, "it's"))
    assert cursor.fetchall() == (row,) or [list(found) for found in cursor.fetchall()] == [row]
    cursor.executemany("INSERT INTO kinds (a) VALUES (%s)", [[2], [3]])
    cursor.execute("SELECT sum(a) FROM kinds")
    assert cursor.fetchone()[0] == 6


def test_errors_have_their_codes(connection):
    with pytest.raises(redshift_connector.ProgrammingError) as raised:
        connection.cursor().execute("SELECT * FROM missing")
    assert raised.value.args[0]["C"] == "42P01"
    connection.rollback()


def test_metadata_calls_answer(connection):
    cursor = connection.cursor()
    assert ("dev", "browse", "songs") in [tuple(row[:3]) for row in cursor.get_tables(schema_pattern="browse")]
    columns = cursor.get_columns(schema_pattern="browse", tablename_pattern="songs")
    assert {row[3] for row in columns} == {"song_id", "title", "year", "duration"}
    [key] = cursor.get_primary_keys(schema="browse", table="songs")
    assert tuple(key[1:]) == ("browse", "songs", "song_id", 1, "songs_pkey")
    assert "browse" in [row[0] for row in cursor.get_schemas()]
    assert ["dev"] in [list(row[:1]) for row in cursor.get_catalogs()]


def test_dataframes(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT song_id, year FROM browse.songs")
    frame = cursor.fetch_dataframe()
    assert frame.values.tolist() == [["S1", 1999]]
