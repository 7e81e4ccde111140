"""SQLAlchemy with sqlalchemy-redshift (both drivers) and with PostgreSQL's dialect, as notebooks use it; pandas
over it."""

import pandas
import pytest
import sqlalchemy

DIALECTS = {
    "redshift": "redshift+psycopg2",
    "redshift_connector": "redshift+redshift_connector",
}


@pytest.fixture(params=sorted(DIALECTS))
def engine(browsed, request):
    url = browsed.dsn.replace("postgresql", DIALECTS[request.param], 1)
    arguments = {"ssl": False} if request.param == "redshift_connector" else {"sslmode": "prefer"}
    engine = sqlalchemy.create_engine(url, connect_args=arguments)
    yield engine
    engine.dispose()


def test_reflection_finds_tables_columns_keys_and_views(engine):
    inspector = sqlalchemy.inspect(engine)
    assert "browse" in inspector.get_schema_names()
    assert sorted(inspector.get_table_names("browse")) == ["plays", "songs"]
    assert inspector.get_view_names("browse") == ["titles"]
    columns = {column["name"]: column for column in inspector.get_columns("songs", "browse")}
    assert list(columns) == ["song_id", "title", "year", "duration"]
    assert str(columns["title"]["type"]) == "VARCHAR(256)" and columns["title"]["nullable"] is False
    assert str(columns["duration"]["type"]) == "NUMERIC(10, 5)"
    assert columns["year"]["default"] == "0"
    assert columns["title"]["comment"] == "as on the cover"
    assert inspector.get_pk_constraint("songs", "browse")["constrained_columns"] == ["song_id"]
    [key] = inspector.get_foreign_keys("plays", "browse")
    assert (key["constrained_columns"], key["referred_table"], key["referred_columns"]) == (
        ["song_id"], "songs", ["song_id"],
    )
    assert "SELECT title FROM browse.songs" in inspector.get_view_definition("titles", "browse")
    assert inspector.get_table_comment("songs", "browse")["text"] == "the catalog of songs"


def test_a_reflected_table_can_be_queried(engine):
    songs = sqlalchemy.Table("songs", sqlalchemy.MetaData(), schema="browse", autoload_with=engine)
    with engine.connect() as connection:
        found = connection.execute(sqlalchemy.select(songs.c.title).where(songs.c.song_id == "S1"))
        assert found.all() == [("One",)]


def test_tables_are_made_and_filled(engine):
    metadata = sqlalchemy.MetaData()
    table = sqlalchemy.Table(
        "made", metadata,
        sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True, autoincrement=False),
        sqlalchemy.Column("name", sqlalchemy.String(20)),
        redshift_diststyle="KEY", redshift_distkey="id", redshift_sortkey="id",
    )
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
        connection.execute(table.insert(), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
        assert connection.scalar(sqlalchemy.select(sqlalchemy.func.count()).select_from(table)) == 2
        metadata.drop_all(connection)


def test_pandas_reads_and_writes(browsed):
    url = browsed.dsn.replace("postgresql", "redshift+psycopg2", 1)
    engine = sqlalchemy.create_engine(url, connect_args={"sslmode": "prefer"})
    frame = pandas.DataFrame({"n": [1, 2, 3], "t": ["a", "b", None]})
    frame.to_sql("framed", engine, schema="browse", index=False, if_exists="replace", method="multi")
    read = pandas.read_sql("SELECT n, t FROM browse.framed ORDER BY n", engine)
    assert read["n"].tolist() == [1, 2, 3] and read["t"].isna().tolist() == [False, False, True]
    engine.dispose()


def test_a_notebooks_plain_postgresql_url_works(browsed):
    engine = sqlalchemy.create_engine(browsed.dsn)
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT title FROM browse.songs")).all() == [("One",)]
    engine.dispose()
