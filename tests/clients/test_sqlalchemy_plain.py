"""SQLAlchemy with PostgreSQL's own dialect, which takes the server for a PostgreSQL 8.0."""

import pandas
import pytest
import sqlalchemy
from sqlalchemy import Column, ForeignKey, Integer, Numeric, String, Table, UniqueConstraint, orm


@pytest.fixture
def engine(browsed):
    engine = sqlalchemy.create_engine(browsed.dsn)
    yield engine
    engine.dispose()


@pytest.fixture
def orders(engine):
    """Two tables, one of which leads to the other."""
    metadata = sqlalchemy.MetaData()
    Table("plain_people", metadata, Column("id", Integer, primary_key=True, autoincrement=False),
          Column("name", String(50), nullable=False, comment="as they sign"), Column("paid", Numeric(10, 2), server_default="0"),
          comment="who orders")
    table = Table("plain_orders", metadata, Column("id", Integer, primary_key=True, autoincrement=False),
                  Column("person_id", Integer, ForeignKey("plain_people.id")), Column("x", Integer), Column("y", Integer),
                  UniqueConstraint("y", "x"))
    metadata.drop_all(engine)
    metadata.create_all(engine)
    metadata.create_all(engine)
    yield table
    metadata.drop_all(engine)


def test_tables_are_reflected(engine, orders):
    inspector = sqlalchemy.inspect(engine)
    assert inspector.has_table("plain_orders") and not inspector.has_table("nowhere")
    assert {"plain_people", "plain_orders"} <= set(inspector.get_table_names())
    assert inspector.get_view_names("browse") == ["titles"]
    columns = {column["name"]: column for column in inspector.get_columns("plain_people")}
    assert str(columns["name"]["type"]) == "VARCHAR(50)" and columns["name"]["nullable"] is False
    assert columns["name"]["comment"] == "as they sign" and str(columns["paid"]["type"]) == "NUMERIC(10, 2)"
    assert columns["paid"]["default"] is not None and columns["id"]["default"] is None
    assert inspector.get_pk_constraint("plain_orders")["constrained_columns"] == ["id"]
    [key] = inspector.get_foreign_keys("plain_orders")
    assert (key["constrained_columns"], key["referred_table"], key["referred_columns"]) == (["person_id"], "plain_people", ["id"])
    [unique] = inspector.get_unique_constraints("plain_orders")
    assert (unique["name"], unique["column_names"]) == ("plain_orders_y_x_key", ["y", "x"])
    assert [index["column_names"] for index in inspector.get_indexes("plain_orders")] == [["y", "x"]]
    assert inspector.get_check_constraints("plain_orders") == []
    assert inspector.get_table_comment("plain_people")["text"] == "who orders"
    reflected = sqlalchemy.MetaData()
    reflected.reflect(engine, only=["plain_orders"])
    assert {"plain_people", "plain_orders"} <= set(reflected.tables)
    assert [key.target_fullname for key in reflected.tables["plain_orders"].foreign_keys] == ["plain_people.id"]


def test_rows_go_in_and_come_out(engine, orders):
    with engine.begin() as connection:
        connection.execute(orders.insert(), [{"id": number, "x": number % 7} for number in range(2000)])
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(orders)).scalar() == 2000
    with engine.connect().execution_options(stream_results=True, max_row_buffer=100) as connection:
        assert sum(1 for _ in connection.execute(sqlalchemy.select(orders))) == 2000


def test_objects_are_kept(engine):
    class Base(orm.DeclarativeBase):
        pass

    class Person(Base):
        __tablename__ = "plain_objects"
        id = Column(Integer, primary_key=True, autoincrement=False)
        name = Column(String(20))

    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with orm.Session(engine) as session:
        session.add_all([Person(id=number, name=f"n{number}") for number in range(3)])
        session.commit()
        session.get(Person, 1).name = "changed"
        session.delete(session.get(Person, 2))
        session.commit()
        assert [(person.id, person.name) for person in session.query(Person).order_by(Person.id)] == [(0, "n0"), (1, "changed")]
    Base.metadata.drop_all(engine)


def test_data_frames_are_written_and_read(engine):
    frame = pandas.DataFrame({"i": [1, 2, 3], "s": ["a", "b", None], "f": [1.5, None, 2.0], "b": [True, False, True],
                              "t": pandas.to_datetime(["2020-01-01", "2020-01-02", None])})
    frame.to_sql("plain_frame", engine, if_exists="replace", index=False)
    frame.to_sql("plain_frame", engine, if_exists="append", index=False, method="multi", chunksize=2)
    read = pandas.read_sql_table("plain_frame", engine)
    assert len(read) == 6 and list(read.columns) == ["i", "s", "f", "b", "t"]
    assert read["i"].sum() == 12 and read["t"].max() == pandas.Timestamp("2020-01-02")
