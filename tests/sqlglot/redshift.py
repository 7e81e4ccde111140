"""A second opinion on what is Redshift SQL: sqlglot's Redshift parser reads every statement that dwh accepts
in its golden files and every SQL file of the pipelines.

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

ATTRIBUTE_ORDER = "column and table attributes in any order, as public scripts write them"

UNREAD = {
    "ddl/comments": "COMMENT ON … IS NULL",
    "ddl/drop_views_and_schemas": "several names in DROP VIEW and DROP SCHEMA",
    "dml/merge": "REMOVE DUPLICATES",
    "select/clauses": "VALUES as a statement of its own",
    "select/operators": "the operators @ and |/",
    "session/transactions": "isolation words behind BEGIN",
    "sparkify/dimension_tables": ATTRIBUTE_ORDER,
    "sparkify/key_mixtures": ATTRIBUTE_ORDER,
    "sparkify/songplays_table": ATTRIBUTE_ORDER,
    "sparkify/staging_events_table": ATTRIBUTE_ORDER,
    "sparkify/staging_songs_table": ATTRIBUTE_ORDER,
}


def reads(path):
    text = re.sub(r"\$\{\w+\}", "value", path.read_text())
    try:
        sqlglot.parse(text, read="redshift")
    except SqlglotError as error:
        return str(error).splitlines()[0]
    return None


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
    print(f"sqlglot {sqlglot.__version__} reads {len(files) - len(UNREAD)} of {len(files)} files")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
