"""DuckDB's side of the comparison between dwh's catalogs and DuckDB's.

    ducklake.py read CATALOG [QUERY …]   prints every table's rows and comments of a committed warehouse,
                                         and the queries' rows, as JSON
    ducklake.py create FOLDER            makes a catalog and data in FOLDER with DuckDB, as a reference
    ducklake.py inline FOLDER            the same, with rows inside the catalog
    ducklake.py write CATALOG            changes a warehouse that dwh made

Needs the packages in requirements.txt (same folder). Nothing is downloaded while it runs.
"""

import json
import sys

import duckdb
import duckdb_extensions


def attach(catalog, options=""):
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    for name in ("ducklake", "sqlite_scanner"):
        duckdb_extensions.import_extension(name)
    for name in ("ducklake", "sqlite"):
        connection.execute(f"LOAD {name}")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"ATTACH 'ducklake:sqlite:{catalog}' AS lake {options}")
    return connection


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def read(catalog, *queries):
    connection = attach(catalog)
    relations = connection.execute(
        "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_catalog = 'lake'"
    ).fetchall()
    rows, types, counts, unreadable = {}, {}, {}, []
    for schema, name, kind in sorted(relations):
        relation = f"lake.{quoted(schema)}.{quoted(name)}"
        try:
            columns = connection.execute(f"DESCRIBE {relation}").fetchall()
        except duckdb.ParserException:
            unreadable.append(f"{schema}.{name}")
            continue
        as_text = ", ".join(f"{quoted(column[0])}::VARCHAR" for column in columns)
        found = connection.execute(f"SELECT {as_text} FROM {relation}").fetchall()
        rows[f"{schema}.{name}"] = sorted((list(row) for row in found), key=lambda row: [(v is None, v) for v in row])
        types[f"{schema}.{name}"] = [[column[0], column[1]] for column in columns]
        counts[f"{schema}.{name}"] = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()[0]
    comments = connection.execute(
        """SELECT schema_name || '.' || table_name, comment FROM duckdb_tables()
           WHERE database_name = 'lake' AND comment IS NOT NULL
           UNION ALL
           SELECT schema_name || '.' || table_name || '.' || column_name, comment FROM duckdb_columns()
           WHERE database_name = 'lake' AND comment IS NOT NULL
           UNION ALL
           SELECT schema_name || '.' || view_name, comment FROM duckdb_views()
           WHERE database_name = 'lake' AND comment IS NOT NULL"""
    ).fetchall()
    return {
        "rows": rows,
        "types": types,
        "counts": counts,
        "unreadable": unreadable,
        "comments": dict(comments),
        "queries": [connection.execute(query).fetchall() for query in queries],
    }


def create(folder):
    connection = attach(f"{folder}/catalog.sqlite", f"(DATA_PATH '{folder}/data', DATA_INLINING_ROW_LIMIT 0)")
    run = connection.execute
    run("CREATE SCHEMA lake.public")
    run("CREATE TABLE lake.public.t (n INTEGER, s VARCHAR, seen_at TIMESTAMP, price DECIMAL(10, 2))")
    run("INSERT INTO lake.public.t SELECT i, 'row ' || i, TIMESTAMP '2020-01-01' + INTERVAL (i) DAY, i / 4 FROM range(10) r(i)")
    run("DELETE FROM lake.public.t WHERE n IN (1, 3)")
    run("DELETE FROM lake.public.t WHERE n = 5")
    run("ALTER TABLE lake.public.t ADD COLUMN late VARCHAR DEFAULT 'x'")
    run("ALTER TABLE lake.public.t RENAME COLUMN s TO text")
    run("COMMENT ON TABLE lake.public.t IS 'made by DuckDB'")
    connection.close()
    return {}


def inline(folder):
    connection = attach(f"{folder}/catalog.sqlite", f"(DATA_PATH '{folder}/data')")
    connection.execute("CREATE TABLE lake.main.t (n INTEGER)")
    connection.execute("INSERT INTO lake.main.t VALUES (1)")
    connection.close()
    return {}


def write(catalog):
    connection = attach(catalog)
    run = connection.execute
    run("INSERT INTO lake.public.numbers(n, s) VALUES (1000, 'from DuckDB')")
    run("DELETE FROM lake.public.numbers WHERE n = 30")
    run("CREATE TABLE lake.public.made_there AS SELECT 1 AS one")
    connection.close()
    return {}


if __name__ == "__main__":
    command = {"read": read, "create": create, "inline": inline, "write": write}[sys.argv[1]]
    json.dump(command(*sys.argv[2:]), sys.stdout)
