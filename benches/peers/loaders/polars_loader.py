"""Polars: a lazy scan of the files with their schema, streamed into a Parquet file. It has no tables."""

import duckdb
import polars as pl
from common import KEYS, Source, check_sql, main, sync

TYPES = {"VARCHAR": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64}


def load(table, target, source: Source) -> None:
    schema = {key: TYPES[kind] for key, kind in KEYS[table].items()}
    store = None
    if source.is_s3:
        store = {
            "aws_endpoint_url": source.endpoint, "aws_access_key_id": source.key,
            "aws_secret_access_key": source.secret, "aws_region": "us-west-2", "aws_allow_http": "true",
        }
    path = target / f"{table}.parquet"
    pl.scan_ndjson(source.glob, schema=schema, storage_options=store).sink_parquet(path)
    sync(path)


def check(table, target, _source):
    result = duckdb.execute(check_sql(table, "strlen", f"'{target / table}.parquet'"))
    return dict(zip([column[0] for column in result.description], result.fetchone()))


main(load, check)
