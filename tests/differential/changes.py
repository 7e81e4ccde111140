"""Random INSERT, UPDATE, DELETE, MERGE, ALTER TABLE and transactions, after each of which dwh and PostgreSQL must
have the same rows.

    changes.py [--statements 5000] [--seed 1] [--server "host=… user=…"]

Needs what run.py needs. The tables that change are W and X; those of generate.py are read. Left out, with the reason:

- updates and merges in which a row has several new versions: which one it gets is nobody's promise;
- TRUNCATE within a block, which commits in Redshift;
- numbers and texts that grow with each change: they are cut, so that no statement fails for their size.
"""

import argparse
import contextlib
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "engines")]

from answers import Dwh, SqlError  # noqa: E402
from generate import TABLES, Generator  # noqa: E402
from run import PostgreSql, answer, check, normal  # noqa: E402

CHANGING = """
CREATE TABLE w (id INT, a INT, b BIGINT, c VARCHAR(10), d DATE, n DECIMAL(8, 2), f BOOLEAN);
CREATE TABLE x (k INT, a INT DEFAULT 3, c VARCHAR(10));
"""
COLUMNS = {
    "w": [("id", "int"), ("a", "int"), ("b", "big"), ("c", "text"), ("d", "date"), ("n", "num"), ("f", "bool")],
    "x": [("k", "int"), ("a", "int"), ("c", "text")],
}
KEYS = {"w": "id", "x": "k"}
MOST_ROWS = 60


class Changes(Generator):
    def __init__(self, seed):
        super().__init__(seed)
        self.in_block = False
        self.added = 0

    def of(self, table):
        return [(f"{table}.{name}", kind) for name, kind in COLUMNS[table]]

    def value(self, columns, kind, depth=1):
        """An expression that cannot outgrow its column."""
        expression = self.expression(columns, kind, depth)
        return {
            "int": f"(({expression}) % 1000)",
            "big": f"(({expression}) % 1000)",
            "text": f"left({expression}, 10)",
            "num": f"greatest(least({expression}, 999.99), -999.99)::decimal(8, 2)",
        }.get(kind, expression)

    def where(self, columns):
        return f" WHERE {self.predicate(columns, 2, [])}" if self.chance(0.85) else ""

    def assignments(self, table, columns):
        chosen = self.random.sample(COLUMNS[table], self.random.randint(1, 2))
        return ", ".join(f"{name} = {self.value(columns, kind)}" for name, kind in chosen)

    def insert_values(self, table):
        columns = self.random.sample(COLUMNS[table], self.random.randint(1, len(COLUMNS[table])))
        row = lambda: "(" + ", ".join(self.literal(kind) for _, kind in columns) + ")"  # noqa: E731
        rows = ", ".join(row() for _ in range(self.random.randint(1, 4)))
        return f"INSERT INTO {table} ({', '.join(name for name, _ in columns)}) VALUES {rows}"

    def insert_query(self, table):
        sql, columns = self.tables(1, [])
        if self.chance(0.3):
            sql, columns = table, self.of(table)
        targets = self.random.sample(COLUMNS[table], self.random.randint(1, len(COLUMNS[table])))
        items = ", ".join(self.value(columns, kind) for _, kind in targets)
        # As many rows as there are different ones, so that joins do not fill the table.
        return f"INSERT INTO {table} ({', '.join(name for name, _ in targets)}) SELECT DISTINCT {items} FROM {sql}{self.where(columns)}"

    def update(self, table):
        columns = self.of(table)
        return f"UPDATE {table} SET {self.assignments(table, columns)}{self.where(columns)}"

    def update_from(self, table):
        other = "x" if table == "w" else "w"
        key = KEYS[other]
        source = f"(SELECT {key} AS k, max(a) AS a, min(c) AS c FROM {other} GROUP BY {key}) AS y"
        columns = self.of(table) + [("y.k", "int"), ("y.a", "int"), ("y.c", "text")]
        more = f" AND {self.predicate(columns, 1, [])}" if self.chance(0.6) else ""
        return f"UPDATE {table} SET {self.assignments(table, columns)} FROM {source} WHERE {table}.{KEYS[table]} = y.k{more}"

    def delete(self, table):
        return f"DELETE FROM {table}{self.where(self.of(table))}"

    def delete_using(self, table):
        other, columns = self.table(1)
        return f"DELETE FROM {table} USING {other} WHERE {self.join_condition(self.of(table), columns, False)}"

    def merge(self, table):
        other = "x" if table == "w" else "w"
        key = KEYS[other]
        matched = self.one_of("DELETE", "UPDATE SET a = s.a, c = s.c", f"UPDATE SET a = {self.value([('s.a', 'int'), ('s.k', 'int')], 'int')}")
        values = f"s.k, {self.value([('s.a', 'int'), ('s.k', 'int')], 'int')}, s.c"
        return [
            f"CREATE TABLE s AS SELECT {key} AS k, max(a) AS a, min(c) AS c FROM {other}{self.where(self.of(other))} GROUP BY {key}",
            f"MERGE INTO {table} USING s ON {table}.{KEYS[table]} = s.k WHEN MATCHED THEN {matched}"
            f" WHEN NOT MATCHED THEN INSERT ({KEYS[table]}, a, c) VALUES ({values})",
            "DROP TABLE s",
        ]

    def alter(self, table):
        if self.added and self.chance(0.6):
            self.added -= 1
            return f"ALTER TABLE x DROP COLUMN z{self.added}"
        self.added += 1
        return f"ALTER TABLE x ADD COLUMN z{self.added - 1} {self.one_of('INT DEFAULT 7', 'VARCHAR(5)', 'BIGINT DEFAULT NULL')}"

    def block(self):
        self.in_block = not self.in_block
        return "BEGIN" if self.in_block else self.one_of("COMMIT", "COMMIT", "ROLLBACK")

    def statements(self):
        table = self.one_of("w", "w", "x")
        choices, weights = zip(
            (self.insert_values, 5),
            (self.insert_query, 3),
            (self.update, 6),
            (self.update_from, 3),
            (self.delete, 3),
            (self.delete_using, 1),
            (self.merge, 2),
            # A block that rolls back would lose count of the columns.
            (self.alter, 0 if self.in_block else 1),
            (lambda _: self.block(), 4),
            (lambda table: f"VACUUM {table}", 0 if self.in_block else 1),
            (lambda table: f"TRUNCATE {table}", 0 if self.in_block else 0.2),
        )
        made = self.random.choices(choices, weights=weights)[0](table)
        return made if isinstance(made, list) else [made]


def compare(count, seed, server):
    import psycopg

    theirs = PostgreSql(server)
    changes = Changes(seed)
    differences, done = [], 0
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Dwh(pathlib.Path(folder) / "warehouse")) as ours:
        for statement in filter(str.strip, (TABLES + CHANGING).split(";\n")):
            ours(statement)
            theirs(statement)
        while done < count and not differences:
            failed = False
            for sql in changes.statements():
                _, their_error = answer(theirs, psycopg.Error, sql)
                _, our_error = answer(ours, SqlError, sql)
                if bool(their_error) != bool(our_error):
                    differences.append(f"statement {done}: {sql}\n  dwh        {our_error}\n  PostgreSQL {their_error}")
                    break
                failed |= bool(their_error)
                done += 1
            if differences:
                break
            if failed and changes.in_block:
                changes.in_block = False
                ours("ROLLBACK")
                theirs("ROLLBACK")
            for table in COLUMNS:
                rows = theirs(f"SELECT * FROM {table}")
                expected, found = normal(rows, False), normal(ours(f"SELECT * FROM {table}").rows, False)
                if expected != found:
                    differences.append(f"statement {done}: {sql}\n  {table} dwh        {found}\n  {table} PostgreSQL {expected}")
                if len(rows) > MOST_ROWS:
                    fewer = f"DELETE FROM {table} WHERE {KEYS[table]} IS NULL OR {KEYS[table]} % 3 <> 1 OR a % 2 = 0"
                    ours(fewer)
                    theirs(fewer)
    print(f"{done} statements with seed {seed}: {len(differences)} differences")
    return differences


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--statements", type=int, default=5_000)
    check(arguments, lambda given, server: compare(given.statements, given.seed, server))


if __name__ == "__main__":
    main()
