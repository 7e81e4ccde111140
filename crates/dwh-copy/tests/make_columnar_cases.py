"""Writes the objects and expected rows of the PARQUET, ORC and AVRO cases.

The files come from pyarrow and fastavro, the expected rows from the values that are handed to them, so that
nothing here has passed through dwh. Run it when a case changes, and commit what it writes:

    pip install pyarrow fastavro
    python crates/dwh-copy/tests/make_columnar_cases.py
"""

import bz2
import csv
import datetime as dt
import gzip
import json
import struct
from decimal import Decimal
from pathlib import Path

import fastavro
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq

CASES = Path(__file__).parent / "cases"
UTC = dt.timezone.utc


def text(value):
    """A value as the test harness prints it."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case bytes():
            return value.hex()
        case dt.datetime():
            precise = "milliseconds" if value.microsecond and value.microsecond % 1000 == 0 else "auto"
            return value.replace(tzinfo=None).isoformat(timespec=precise)
        case _:
            return str(value)


def case(name, objects, columns=None, rows=None, errors=None):
    """Writes a case's `objects/`, `rows.csv` and `errors.csv`; its `request.toml` is written by hand."""
    folder = CASES / name
    (folder / "objects").mkdir(parents=True, exist_ok=True)
    for path, write in objects.items():
        target = folder / "objects" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target) if callable(write) else target.write_bytes(write)
    if rows is not None:
        with open(folder / "rows.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([[text(value) for value in row] for row in rows])
    if errors is not None:
        with open(folder / "errors.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["object", "line", "column", "type", "code", "reason", "value"])
            writer.writerows(errors)


def table(schema, rows):
    schema = pa.schema(schema)
    return pa.Table.from_pylist([dict(zip(schema.names, row)) for row in rows], schema=schema)


def parquet(data, **options):
    return lambda path: pq.write_table(data, path, **options)


def orc_file(data, **options):
    return lambda path: orc.write_table(data, path, **options)


EVERY_TYPE = [
    ("file_a", pa.int16()),
    ("file_b", pa.int32()),
    ("file_c", pa.int32()),
    ("file_d", pa.decimal128(10, 2)),
    ("file_e", pa.float32()),
    ("file_f", pa.float64()),
    ("file_g", pa.bool_()),
    ("file_h", pa.string()),
    ("file_i", pa.string()),
    ("file_j", pa.date32()),
    ("file_k", pa.timestamp("us")),
    ("file_l", pa.timestamp("us", tz="UTC")),
    ("file_m", pa.binary()),
]
EVERY_ROW = [
    (
        -7, 2**31 - 1, -5, Decimal("12.50"), 1.5, -0.25, True, "ab", "café",
        dt.date(2018, 11, 1), dt.datetime(2018, 11, 1, 21, 1, 46, 796000),
        dt.datetime(2018, 11, 1, 21, 1, 46, 5, tzinfo=UTC), b"\x00\xff",
    ),
    (None,) * 13,
    (
        32767, 0, 1, Decimal("-0.01"), 0.5, 1234567.25, False, "", "",
        dt.date(1969, 12, 31), dt.datetime(1900, 1, 1), dt.datetime(2262, 4, 12, tzinfo=UTC), b"",
    ),
]  # fmt: skip


def every_row(rows):
    """As the table's columns are declared: d is DECIMAL(12,3)."""
    return [[cell.quantize(Decimal("0.001")) if isinstance(cell, Decimal) else cell for cell in row] for row in rows]


def parquet_cases():
    letters = [f"c{index}" for index in range(len(EVERY_TYPE))]
    data = table(EVERY_TYPE, EVERY_ROW)
    case("parquet_by_position", {"data/a.parquet": parquet(data, row_group_size=2)}, letters, every_row(EVERY_ROW))

    old = [("a", pa.timestamp("ns"))]
    moments = [(dt.datetime(2018, 11, 1, 21, 1, 46, 796000),), (dt.datetime(1969, 12, 31, 23, 59, 59),), (None,)]
    data = table(old, moments)
    case(
        "parquet_int96_timestamps",
        {"data": parquet(data, use_deprecated_int96_timestamps=True)},
        ["at"],
        moments,
    )
    units = {
        f"data/{unit}": parquet(table([("a", pa.timestamp(unit))], [(dt.datetime(2018, 11, 1, 1, 2, 3),)]))
        for unit in ["ms", "us", "ns"]
    }
    times = table([("a", pa.time64("us"))], [(dt.time(1, 2, 3, 500000),), (None,)])
    case("parquet_timestamp_units", units, ["at"], [(dt.datetime(2018, 11, 1, 1, 2, 3),)] * 3)
    case("parquet_times", {"data": parquet(times)}, ["at"], [("01:02:03.500",), (None,)])

    two = table([("a", pa.int32()), ("b", pa.string())], [(1, "x"), (2, None)])
    for name in ["parquet_unmatched_columns", "orc_unmatched_columns"]:
        write = parquet(two) if name.startswith("parquet") else orc_file(two)
        reason = "Unmatched number of columns between table and file. Table columns: 3, Data columns: 2"
        case(name, {"data": write}, errors=[["data", -1, "", "", 15007, reason, ""]])
    case("parquet_too_many_columns", {"data": parquet(two)}, errors=[
        ["data", -1, "", "", 15007,
         "Unmatched number of columns between table and file. Table columns: 1, Data columns: 2", ""]])  # fmt: skip
    case("parquet_fillrecord", {"data": parquet(two)}, ["a", "b", "c"], [(1, "x", None), (2, None, None)])
    case("parquet_column_list", {"data": parquet(two)}, ["b", "a"], [(1, "x"), (2, None)])

    long = table([("a", pa.int32()), ("b", pa.string())], [(1, "x"), (2, "y" * 200), (3, "ü" * 150)])
    reason = "The length of the data column b is longer than the length defined in the table. Table: 200, Data: 300"
    for name, write in [("parquet_over_long_text", parquet(long)), ("orc_over_long_text", orc_file(long))]:
        case(name, {"data": write}, errors=[["data", 3, "b", "varchar", 15007, reason, "ü" * 150]])

    ints = table([("id", pa.int64())], [(1,)])
    case("parquet_incompatible_type", {"data": parquet(ints)}, errors=[
        ["data", -1, "a", "int4", 15007,
         "The file has an incompatible schema for column 'id'. Column type: integer, File type: int64", ""]])  # fmt: skip
    case("parquet_not_null", {"data": parquet(two)}, errors=[
        ["data", 2, "b", "varchar", 1213, "Missing data for not-null field", ""]])  # fmt: skip
    short = table([("a", pa.int32())], [(32767,), (32768,)])
    case("parquet_smallint_overflow", {"data": parquet(short)}, errors=[
        ["data", 2, "a", "int2", 1216, "Overflow, Column type: Short", "32768"]])  # fmt: skip

    decimals = {
        "data/int32": parquet(table([("a", pa.decimal128(9, 2))], [(Decimal("1234567.89"),)]), store_decimal_as_integer=True),
        "data/int64": parquet(table([("a", pa.decimal128(18, 1))], [(Decimal("-99999.9"),)]), store_decimal_as_integer=True),
        "data/fixed": parquet(table([("a", pa.decimal128(38, 2))], [(Decimal("0.01"),)])),
    }
    case("parquet_decimals", decimals, ["a"], [("1234567.890",), ("-99999.900",), ("0.010",)])
    large = table([("a", pa.decimal128(38, 2))], [(Decimal("1.00"),), (Decimal("99999999.00"),)])
    case("parquet_decimal_overflow", {"data": parquet(large)}, errors=[
        ["data", 2, "a", "numeric", 1216, "Overflow, Column type: Decimal", "99999999.00"]])  # fmt: skip

    nested = [
        ("a", pa.struct([("x", pa.int64()), ("y", pa.string())])),
        ("b", pa.list_(pa.struct([("n", pa.float64())]))),
        ("c", pa.map_(pa.string(), pa.int32())),
        ("d", pa.string()),
        ("e", pa.int32()),
    ]
    rows = [
        ({"x": 1, "y": 'say "hi"'}, [{"n": 1.5}, {"n": None}], [("k", 1), ("l", 2)], "plain", 7),
        (None, None, None, None, None),
        ({"x": None, "y": None}, [], [], "", -1),
    ]
    def super_text(value):
        if value is None:
            return None
        if isinstance(value, list) and value and isinstance(value[0], tuple):
            value = dict(value)
        return json.dumps(value, separators=(",", ":"))
    expected = [[super_text(cell) for cell in row] for row in rows]
    expected[2][2] = "{}"
    case("parquet_serializetojson", {"data": parquet(table(nested, rows))}, ["a", "b", "c", "d", "e"], expected)
    case("orc_serializetojson", {"data": orc_file(table(nested, rows))}, ["a", "b", "c", "d", "e"], expected)
    case("parquet_nested_into_varchar", {"data": parquet(table(nested[:1], [({"x": 1, "y": "z"},)]))}, errors=[
        ["data", -1, "a", "varchar", 15007,
         "The file has an incompatible schema for column 'a'. Column type: character varying(100), File type: struct",
         ""]])  # fmt: skip
    case("parquet_super_without_serializetojson", {"data": parquet(two)})
    strings = table([("a", pa.list_(pa.string()))], [(["x" * 65535],), (["x" * 65536],)])
    case("parquet_super_long_string", {"data": parquet(strings)}, errors=[
        ["data", 2, "a", "super", 1224, "String value exceeds the max size of 65535 bytes", ""]])  # fmt: skip

    raw = pa.array([b"ok", b"x\xe2\x82y", None, b"z\xff"], pa.binary())
    invalid = pa.StringArray.from_buffers(4, *raw.buffers()[1:], raw.buffers()[0], 1)
    invalid = pa.table({"a": invalid, "b": pa.array([1, 2, 3, 4], pa.int32())})
    case("parquet_acceptinvchars", {"data": parquet(invalid)}, ["a", "b"],
         [("ok", 1), ("x??y", 2), (None, 3), ("z?", 4)])  # fmt: skip
    case("parquet_invalid_utf8", {"data": parquet(invalid)}, errors=[
        ["data", -1, "", "", 1220, "String contains invalid or unsupported UTF8 codepoints.", ""]])  # fmt: skip
    binary = pa.table({"a": pa.array([b"caf\xc3\xa9", None], pa.binary())})
    case("parquet_binary_as_varchar", {"data": parquet(binary)}, ["a"], [("café",), (None,)])
    multibyte = table([("a", pa.string())], [("abc",), ("é",)])
    case("parquet_multibyte_char", {"data": parquet(multibyte)}, errors=[
        ["data", 2, "a", "char", 1220,
         "Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: c3 a9", "é"]])  # fmt: skip

    codecs = {
        f"data/{codec}.parquet": parquet(table([("a", pa.string())], [(codec,)] * 50), compression=codec)
        for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]
    }
    case("parquet_codecs", codecs, ["a"], [(Path(path).stem,) for path in codecs for _ in range(50)])

    folder = {"data/_SUCCESS": b"", "data/part-0.parquet": parquet(two)}
    case("parquet_empty_object", folder, ["a", "b"], [(1, "x"), (2, None)])
    case("parquet_not_parquet", {"data": b'{"a": 1, "b": "this is JSON"}'})

    case("parquet_manifest", {"listed/a": parquet(two), "unlisted": b"junk"})
    size = (CASES / "parquet_manifest/objects/listed/a").stat().st_size
    entry = {"url": "{base}listed/a", "mandatory": True, "meta": {"content_length": size}}
    written = lambda *entries: json.dumps({"entries": entries}).encode()
    case("parquet_manifest", {"manifest": written(entry)}, ["a", "b"], [(1, "x"), (2, None)])
    bare = {"url": "{base}listed/a"}
    case("parquet_manifest_without_content_length", {"listed/a": parquet(two), "manifest": written(bare)})
    wrong = {"url": "{base}listed/a", "meta": {"content_length": 1}}
    case("parquet_manifest_wrong_content_length", {"listed/a": parquet(two), "manifest": written(wrong)})


def orc_cases():
    columns = EVERY_TYPE[:12]
    rows = [row[:12] for row in EVERY_ROW]
    letters = [f"c{index}" for index in range(12)]
    data = table(columns, rows)
    case("orc_by_position", {"data/a.orc": orc_file(data)}, letters, every_row(rows))
    codecs = {
        f"data/{codec}.orc": orc_file(table([("a", pa.string())], [(codec,)] * 50), compression=codec)
        for codec in ["uncompressed", "zlib", "snappy", "zstd", "lz4"]
    }
    case("orc_codecs", codecs, ["a"], [(Path(path).stem,) for path in codecs for _ in range(50)])


def avro(schema, records, codec="null"):
    def write(path):
        with open(path, "wb") as file:
            fastavro.writer(file, {"type": "record", "name": "r", "fields": schema}, records, codec=codec)
    return write


def field(name, type):
    return {"name": name, "type": ["null", type]}


def avro_cases():
    logical = lambda base, name, **more: {"type": base, "logicalType": name, **more}
    schema = [
        field("n", "long"), field("i", "int"), field("f", "double"), field("t", "string"), field("b", "boolean"),
        field("d", logical("int", "date")), field("at", logical("long", "timestamp-micros")),
        field("m", logical("bytes", "decimal", precision=18, scale=2)), field("raw", "bytes"),
        field("e", {"type": "enum", "name": "level", "symbols": ["free", "paid"]}), field("unused", "string"),
    ]  # fmt: skip
    at = dt.datetime(2018, 11, 1, 21, 1, 46, 796000, tzinfo=UTC)
    names = ["n", "i", "f", "t", "b", "d", "at", "m", "raw", "e"]
    rows = [
        (2**53 + 1, -5, 1.5, "café", True, dt.date(2018, 11, 1), at, Decimal("1.15"), b"\x00\xff", "paid"),
        (None,) * 10,
    ]
    records = [dict(zip(names, row)) | {"unused": "x"} for row in rows]
    expected = [(None, *row) for row in rows]
    objects = {f"data/{codec}.avro": avro(schema, records, codec) for codec in ["null", "deflate", "bzip2"]}
    case("avro_auto", objects, ["missing", *names], expected * 3)
    songs = avro([field("SongID", "int"), field("TITLE", "string")], [{"SongID": 1, "TITLE": "Night"}])
    case("avro_auto_ignorecase", {"data": songs}, ["songid", "title"], [(1, "Night")])
    millis = [field("at", logical("long", "timestamp-millis"))]
    case("avro_epoch", {"data": avro(millis, [{"at": at}])}, ["at"], [(at,)])
    nested = [field("a", {"type": "record", "name": "in", "fields": [field("x", "int")]}),
              field("l", {"type": "array", "items": "string"})]  # fmt: skip
    values = [{"a": {"x": 7}, "l": ["p", "q"]}, {"a": None, "l": ["z"]}]
    paths = json.dumps({"jsonpaths": ["$.a.x", "$.l[0]", "$.l"]}).encode()
    case("avro_jsonpaths", {"data": avro(nested, values), "paths.json": paths}, ["x", "first", "all"],
         [(7, "p", '["p","q"]'), (None, "z", '["z"]')])  # fmt: skip
    text = avro([field("t", "string")], [{"t": "fits"}, {"t": "too long"}, {"t": "fits2"}])
    case("avro_maxerror", {"data": text}, ["t"], [("fits",), ("fits2",)],
         [["data", 2, "t", "varchar", 1204, "String length exceeds DDL length", "too long"]])  # fmt: skip
    case("avro_not_avro", {"data": b'{"a": 1}'})


def hadoop_snappy(data, chunk_bytes=200, block_bytes=500):
    """As Hadoop's BlockCompressorStream writes it: blocks of chunks, each behind its length."""
    stream = b""
    for start in range(0, len(data), block_bytes):
        block = data[start : start + block_bytes]
        stream += struct.pack(">I", len(block))
        for offset in range(0, len(block), chunk_bytes):
            packed = pa.compress(block[offset : offset + chunk_bytes], codec="snappy", asbytes=True)
            stream += struct.pack(">I", len(packed)) + packed
    return stream


def wrapped_cases():
    rows = [(number, f"text {number}") for number in range(100)]
    data = table([("n", pa.int64()), ("t", pa.string())], rows)
    plain, other = pa.BufferOutputStream(), pa.BufferOutputStream()
    pq.write_table(data, plain)
    orc.write_table(data, other)
    plain, other = plain.getvalue().to_pybytes(), other.getvalue().to_pybytes()
    objects = {
        "data/1.parquet.gz": gzip.compress(plain), "data/2.parquet.bz2": bz2.compress(plain),
        "data/3.snappy": hadoop_snappy(plain), "data/4.gz": plain, "data/5.snappy.parquet": plain,
    }  # fmt: skip
    case("parquet_wrapped", objects, ["n", "t"], rows * 5)
    objects = {"data/1.orc.gz": gzip.compress(other), "data/2.bz2": bz2.compress(other), "data/3.orc.snappy": other}
    case("orc_wrapped", objects, ["n", "t"], rows * 3)
    reason = "The file cannot be unpacked: incomplete deflate stream"
    case("parquet_wrapped_cut_off", {"data/1.parquet.gz": gzip.compress(plain)[:-20]},
         errors=[["data/1.parquet.gz", -1, "", "", 15007, reason, ""]])  # fmt: skip
    json_column = [("n", pa.int64()), ("j", pa.json_())]
    documents = ['{"x":[1,null]}', '"text"', "7", None]
    data = table(json_column, list(enumerate(documents)))
    case("parquet_json_into_super", {"data": parquet(data)}, ["n", "j"], list(enumerate(documents)))
    data = table(json_column, [(0, "[1]"), (1, "[1")])
    case("parquet_json_invalid", {"data": parquet(data)},
         errors=[["data", 2, "j", "super", 1224, "Invalid JSON for a column of type SUPER", ""]])  # fmt: skip


if __name__ == "__main__":
    parquet_cases()
    wrapped_cases()
    orc_cases()
    avro_cases()
