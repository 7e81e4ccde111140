"""A second opinion on what is Redshift SQL: sqlglot's Redshift parser reads every statement that dwh accepts
in its golden files and its sqllogictest files, and every SQL file of the pipelines.

    redshift.py REPOSITORY

A file that sqlglot cannot read, though Redshift takes it, is listed below with the reason. The run fails when
another file cannot be read, and when a listed one can, so that the list stays true.
"""

import logging
import pathlib
import re
import sys

import sqlglot
from sqlglot.errors import SqlglotError

ARGUMENT_MODE = "IN, OUT and INOUT behind the name of an argument"
ATTRIBUTE_ORDER = "column and table attributes in any order, as public scripts write them"

UNREAD = {
    "ddl/comments": "COMMENT ON … IS NULL",
    "ddl/drop_views_and_schemas": "several names in DROP VIEW and DROP SCHEMA",
    "dml/merge": "REMOVE DUPLICATES",
    "procedures/procedures": ARGUMENT_MODE,
    "select/clauses": "VALUES as a statement of its own",
    "select/operators": "the operators @ and |/",
    "session/cursors": "FETCH, CLOSE, CANCEL and ANALYZE COMPRESSION",
    "session/prepared": "EXECUTE and DEALLOCATE",
    "session/transactions": "isolation words behind BEGIN",
    "sparkify/dimension_tables": ATTRIBUTE_ORDER,
    "sparkify/key_mixtures": ATTRIBUTE_ORDER,
    "sparkify/songplays_table": ATTRIBUTE_ORDER,
    "sparkify/staging_events_table": ATTRIBUTE_ORDER,
    "sparkify/staging_songs_table": ATTRIBUTE_ORDER,
}


def statements(slt):
    """The SQL that a sqllogictest file runs with success, and the line it stands on."""
    lines = slt.read_text().split("\n")
    for index, line in enumerate(lines):
        if re.match(r"(statement (ok|count)|query )", line):
            sql = []
            for text in lines[index + 1 :]:
                if not text.strip() or text == "----":
                    break
                sql.append(text)
            yield index + 2, "\n".join(sql)


def reads_slt(path):
    """The lines of the statements that sqlglot does not read."""
    return [(line, problem) for line, sql in statements(path) if (problem := reads_text(sql))]


def reads(path):
    return reads_text(path.read_text())


def reads_text(text):
    text = re.sub(r"\$\{\w+\}", "value", text)
    try:
        sqlglot.parse(text, read="redshift")
    except SqlglotError as error:
        return str(error).splitlines()[0]
    return None


# Statements of sqllogictest files that sqlglot cannot read: a file, how many, and why.
UNREAD_SLT = {
    "procedures/r_ALTER_PROCEDURE": (2, ARGUMENT_MODE),
    "procedures/stored-procedure-create": (2, ARGUMENT_MODE),
    "procedures/stored-procedure-result-set": (2, ARGUMENT_MODE),
    "catalog/sample_queries": (1, "ANALYZE COMPRESSION with columns"),
    "queries/collation": (1, "DISTKEY as a column's attribute behind COLLATE"),
    "statements/r_COMMENT": (1, "COMMENT ON … IS NULL"),
    "statements/r_CTAS_examples": (2, "DISTKEY as a column's attribute behind NOT NULL"),
    "super/unnest": (3, "WITH OFFSET in front of the alias of UNNEST"),
    "functions/extract": (1, "a quoted part of EXTRACT in front of an interval with a qualifier"),
    "functions/math_of_tables": (1, "the operator @"),
    "functions/operators": (2, "the operators @ and #"),
    "statements/masking_policies": (11, "ATTACH MASKING POLICY"),
    "statements/row_level_security": (11, "ATTACH RLS POLICY"),
    "statements/prepare_and_cursors": (1, "DEALLOCATE PREPARE ALL"),
    "statements/r_ALTER_SCHEMA": (2, "COMMENT ON … IS NULL, COMMENT ON CONSTRAINT"),
    "statements/r_ALTER_TABLE_APPEND": (1, "DISTKEY as a column's attribute behind NOT NULL"),
    "statements/r_MERGE": (2, "REMOVE DUPLICATES"),
    "statements/r_SHOW": (1, "DISTKEY as a column's attribute behind NOT NULL"),
    "statements/r_CREATE_TABLE_examples": (4, ATTRIBUTE_ORDER),
    "types/interval_columns": (4, "INTERVAL with its fields as the type of a column"),
    "super/query_super": (1, "UNPIVOT of a path with an index"),
    "types/varbyte_operators": (1, "the operator #"),
    "transactions/r_BEGIN": (3, "READ ONLY and isolation words behind BEGIN"),
}


def main(repository):
    logging.disable(logging.WARNING)
    golden = repository / "crates/dwh-sql/tests/golden"
    files = {
        str(path.relative_to(golden).with_suffix("")): path
        for path in golden.rglob("*.sql")
        if not path.with_suffix(".err").exists()
    }
    files.update({str(path.relative_to(repository)): path for path in (repository / "pipelines").rglob("*.sql")})
    wrong = []
    for name, path in sorted(files.items()):
        problem = reads(path)
        if problem and name not in UNREAD:
            wrong.append(f"{name}: {problem}")
        if not problem and name in UNREAD:
            wrong.append(f"{name}: is read now; take it off the list")
    slt = repository / "crates/dwh-engine/tests/slt"
    for path in sorted(slt.rglob("*.slt")):
        name = str(path.relative_to(slt).with_suffix(""))
        problems = reads_slt(path)
        count, _ = UNREAD_SLT.get(name, (0, ""))
        if len(problems) != count:
            listed = "\n  ".join(f"line {line}: {problem}" for line, problem in problems)
            wrong.append(f"slt {name}: {len(problems)} statements are not read, {count} are listed\n  {listed}")
    print(f"sqlglot {sqlglot.__version__} reads {len(files) - len(UNREAD)} of {len(files)} files")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
