"""sqlglot's Redshift parser reads every statement that was sent to a cluster.

    recorded.py < texts.json

Fails at the first text that it cannot read. It keeps some statements as they are, without a tree: those are counted.
"""

import json
import logging
import sys

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


def main():
    # "contains unsupported syntax" is a warning for statements that it keeps as they are.
    logging.disable(logging.WARNING)
    count, opaque = 0, set()
    for text in json.load(sys.stdin):
        try:
            statements = sqlglot.parse(text, read="redshift")
        except SqlglotError as error:
            print(f"{error}\n{text}")
            return 1
        for statement in filter(None, statements):
            count += 1
            if isinstance(statement, exp.Command):
                opaque.add(str(statement.this))
    print(f"{count} statements, kept as they are: {', '.join(sorted(opaque)) or 'none'}")
    return 0


sys.exit(main())
