"""awswrangler's Redshift module: redshift_connector for statements, COPY and UNLOAD of Parquet through S3."""

import datetime
import decimal

import awswrangler as wr
import pandas as pd
import pytest
import redshift_connector

ROLE = "arn:aws:iam::123456789012:role/load"


@pytest.fixture
def connection(lake):
    connection = redshift_connector.connect(
        host=lake.host, port=lake.port, database=lake.database, user=lake.user, password=lake.password, ssl=False
    )
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def plays():
    return pd.DataFrame({
        "play_id": pd.array([1, 2, 3], dtype="Int64"),
        "song": pd.array(["Ob-La-Di", "Été", None], dtype="string"),
        "seconds": [188.5, 0.25, 125.0],
        "is_paid": pd.array([True, False, None], dtype="boolean"),
        "day": [datetime.date(2018, 11, 1), datetime.date(2018, 11, 2), None],
        "at": pd.to_datetime(["2018-11-01 10:00:00.796", "2018-11-02", None], format="ISO8601"),
        "price": [decimal.Decimal("1.25"), decimal.Decimal("-0.01"), None],
    })


EXPECTED = [
    [1, "Ob-La-Di", 188.5, True, datetime.date(2018, 11, 1), pd.Timestamp("2018-11-01 10:00:00.796"), decimal.Decimal("1.25")],
    [2, "Été", 0.25, False, datetime.date(2018, 11, 2), pd.Timestamp("2018-11-02"), decimal.Decimal("-0.01")],
    [3, None, 125.0, None, None, None, None],
]


def rows(frame):
    return [[None if value is pd.NaT or value is pd.NA or value != value else value for value in row]
            for row in frame.sort_values("play_id").itertuples(index=False)]


def test_to_sql_appends_overwrites_and_upserts(connection, plays):
    into = dict(con=connection, table="plays", schema="public", index=False)
    wr.redshift.to_sql(plays, mode="overwrite", **into)
    wr.redshift.to_sql(plays.head(1), mode="append", **into)
    assert len(wr.redshift.read_sql_table("plays", connection, schema="public")) == 4
    wr.redshift.to_sql(plays, mode="overwrite", **into)
    changed = plays.head(2).assign(song=pd.array(["Let It Be", "Été"], dtype="string"))
    wr.redshift.to_sql(changed, mode="upsert", primary_keys=["play_id"], **into)
    frame = wr.redshift.read_sql_query("SELECT play_id, song FROM public.plays ORDER BY 1", connection)
    assert frame["song"].tolist()[:2] == ["Let It Be", "Été"] and len(frame) == 3


def test_copy_loads_parquet_and_makes_the_table(connection, plays, s3):
    into = dict(con=connection, table="copied", schema="public", iam_role=ROLE, primary_keys=["play_id"])
    wr.redshift.copy(df=plays, path="s3://lake/wrangler/copy/", mode="overwrite", sortkey=["day"], diststyle="KEY", distkey="play_id",
                     dtype={"price": "DECIMAL(10,2)"}, **into)
    assert rows(wr.redshift.read_sql_query("SELECT * FROM public.copied", connection)) == EXPECTED
    # Nothing of the stage is left.
    assert "Contents" not in s3.list_objects_v2(Bucket="lake", Prefix="wrangler/copy/")
    changed = plays.tail(1).assign(song=pd.array(["new"], dtype="string"))
    wr.redshift.copy(df=changed, path="s3://lake/wrangler/upsert/", mode="upsert", dtype={"price": "DECIMAL(10,2)"}, **into)
    frame = wr.redshift.read_sql_query("SELECT song FROM public.copied ORDER BY play_id", connection)
    assert frame["song"].tolist() == ["Ob-La-Di", "Été", "new"]


def test_copy_from_files_loads_what_lies_in_s3(connection, plays):
    wr.s3.to_parquet(plays, path="s3://lake/wrangler/files/", dataset=True, dtype={"price": "decimal(10,2)"})
    wr.redshift.copy_from_files(path="s3://lake/wrangler/files/", con=connection, table="from_files", schema="public", iam_role=ROLE,
                                mode="overwrite", path_suffix="parquet")
    assert rows(wr.redshift.read_sql_query("SELECT * FROM public.from_files", connection)) == EXPECTED


def test_unload_brings_a_query_back_through_s3(connection, plays):
    wr.redshift.copy(df=plays, path="s3://lake/wrangler/u/", con=connection, table="to_unload", schema="public", iam_role=ROLE,
                     mode="overwrite", dtype={"price": "DECIMAL(10,2)"})
    query = dict(sql="SELECT * FROM public.to_unload", con=connection, iam_role=ROLE)
    assert rows(wr.redshift.unload(path="s3://lake/wrangler/unload/", **query)) == EXPECTED
    wr.redshift.unload_to_files(path="s3://lake/wrangler/unload_files/", partition_cols=["is_paid"], **query)
    keys = wr.s3.list_objects("s3://lake/wrangler/unload_files/")
    assert len({key.split("/")[-2] for key in keys}) == 3 and all("/is_paid=" in key for key in keys), keys


def test_a_failed_load_changes_nothing(connection, plays):
    wr.redshift.to_sql(plays, connection, table="kept", schema="public", mode="overwrite", index=False)
    wrong = pd.DataFrame({"play_id": ["no number"], "song": ["x"]})
    with pytest.raises(redshift_connector.Error):
        wr.redshift.to_sql(wrong, connection, table="kept", schema="public", mode="append", index=False, use_column_names=True)
    connection.rollback()
    frame = wr.redshift.read_sql_query("SELECT COUNT(*) AS n FROM public.kept", connection)
    assert frame["n"].tolist() == [3]
