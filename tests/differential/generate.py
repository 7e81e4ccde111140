"""Random queries that PostgreSQL and Redshift give the same meaning, over the tables of `TABLES`.

The same seed makes the same queries. What the two engines read differently is left out, with its reason:

- AVG and division of integers: Redshift truncates AVG; the quotient is used with a constant divisor only;
- text beside numbers without a cast, trailing blanks: Redshift compares by other rules;
- aggregates over ordered windows without a frame: Redshift refuses them;
- LIMIT without an order over all columns: which rows come is nobody's promise.
"""

import random

TABLES = """
CREATE TABLE t (a INT, b INT, c VARCHAR(10), d DATE, n DECIMAL(8, 2), f BOOLEAN, s TIMESTAMP);
INSERT INTO t VALUES (1, 10, 'x', '2020-01-31', 1.50, true, '2020-01-31 23:59:59'),
 (2, 20, 'y', '2020-02-29', 2.25, false, '2020-02-29 00:00:00'), (3, NULL, 'z', NULL, NULL, NULL, NULL),
 (NULL, 40, NULL, '2021-12-31', -4.00, true, '2021-12-31 12:30:00.25'), (2, 21, 'y2', '2020-02-29', 0.00, false, NULL),
 (5, -3, '', '1999-05-05', 99.99, NULL, '1999-05-05 05:05:05'), (0, 0, 'X', '2020-01-31', 1.50, true, '2020-01-31 00:00:00'),
 (7, 10, 'a_b', NULL, 12.34, false, '1969-12-31 23:59:59.5');
CREATE TABLE u (a INT, e INT, c VARCHAR(10));
INSERT INTO u VALUES (1, 100, 'x'), (2, 200, NULL), (4, 400, 'q'), (NULL, 500, 'y'), (2, 7, 'y2'), (0, NULL, '');
CREATE TABLE v (k INT, g VARCHAR(10), w BIGINT);
INSERT INTO v VALUES (1, 'red', 10000000000), (2, 'red', 5), (3, 'blue', NULL), (2, NULL, -7), (NULL, 'blue', 3);
CREATE TABLE empty (a INT, c VARCHAR(10));
"""

COLUMNS = {
    "t": [("a", "int"), ("b", "int"), ("c", "text"), ("d", "date"), ("n", "num"), ("f", "bool"), ("s", "ts")],
    "u": [("a", "int"), ("e", "int"), ("c", "text")],
    "v": [("k", "int"), ("g", "text"), ("w", "big")],
    "empty": [("a", "int"), ("c", "text")],
}
NUMBERS = ("int", "num", "big")


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.aliases = 0

    def one_of(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def alias(self):
        self.aliases += 1
        return f"r{self.aliases}"

    # Tables: (SQL of a FROM, [(qualified column, type)])

    def table(self, depth):
        alias = self.alias()
        if depth > 0 and self.chance(0.2):
            query, types = self.select(depth - 1, [])
            columns = [f"x{index}" for index in range(len(types))]
            return f"({query}) AS {alias} ({', '.join(columns)})", [(f"{alias}.{c}", k) for c, k in zip(columns, types)]
        name = self.random.choices(list(COLUMNS), weights=[6, 4, 3, 1])[0]
        return f"{name} AS {alias}", [(f"{alias}.{column}", kind) for column, kind in COLUMNS[name]]

    def tables(self, depth, outer):
        sql, columns = self.table(depth)
        for _ in range(self.random.choices([0, 1, 2], weights=[5, 3, 1])[0]):
            other, more = self.table(depth)
            kind = self.one_of("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
            if kind == "CROSS JOIN":
                sql += f" CROSS JOIN {other}"
            else:
                # PostgreSQL takes a FULL JOIN only on equalities.
                sql += f" {kind} {other} ON {self.join_condition(columns, more, kind == 'FULL JOIN')}"
            columns = columns + more
        return sql, columns

    def join_condition(self, left, right, plain):
        pairs = [(x, y) for x, kx in left for y, ky in right if kx == ky and kx != "bool"]
        if not pairs:
            return "1 = 0" if plain else "1 = 1"
        x, y = self.random.choice(pairs)
        condition = f"{x} = {y}"
        if not plain and self.chance(0.3):
            return f"{x} {self.one_of('<', '>=', '<>')} {y}"
        if not plain and self.chance(0.4):
            condition += f" AND {self.predicate(left + right, 0, [])}"
        return condition

    # Expressions

    def column(self, columns, kind):
        found = [name for name, other in columns if other == kind]
        return self.random.choice(found) if found else None

    def expression(self, columns, kind, depth, outer=()):
        if depth > 0 and self.chance(0.12):
            return self.scalar_query(columns, kind, depth - 1)
        column = self.column(columns, kind)
        if column and self.chance(0.1) and outer:
            column = self.column(outer, kind) or column
        if depth > 0 and self.chance(0.45):
            return self.compound(columns, kind, depth - 1, outer)
        if column and self.chance(0.8):
            return column
        return self.literal(kind)

    def literal(self, kind):
        if self.chance(0.08):
            return {"int": "NULL::int", "big": "NULL::bigint", "num": "NULL::decimal(8, 2)", "text": "NULL::varchar(10)",
                    "date": "NULL::date", "bool": "NULL::boolean", "ts": "NULL::timestamp"}[kind]
        return {
            "int": lambda: str(self.random.randint(-3, 12)),
            "big": lambda: f"{self.random.randint(-3, 12)}::bigint",
            "num": lambda: f"{self.random.randint(-300, 999) / 100:.2f}::decimal(8, 2)",
            "text": lambda: f"'{self.one_of('x', 'y', 'y2', '', 'red', 'X', 'a_b')}'",
            "date": lambda: f"DATE '{self.one_of('2020-01-31', '2020-02-29', '1999-05-05', '2021-01-01')}'",
            "bool": lambda: self.one_of("true", "false"),
            "ts": lambda: f"TIMESTAMP '{self.one_of('2020-01-31 23:59:59', '2020-02-29 00:00:00', '1969-12-31 23:59:59.5')}'",
        }[kind]()

    def compound(self, columns, kind, depth, outer):
        part = lambda wanted=kind: self.expression(columns, wanted, depth, outer)  # noqa: E731
        condition = lambda: self.predicate(columns, depth, outer)  # noqa: E731
        shared = [
            lambda: f"CASE WHEN {condition()} THEN {part()} ELSE {part()} END",
            lambda: f"coalesce({part()}, {part()})",
            lambda: f"nullif({part()}, {part()})",
        ]
        own = {
            "int": [
                lambda: f"({part()} + {part()})",
                lambda: f"({part()} - {part()})",
                lambda: f"({part()} * {self.random.randint(-2, 3)})",
                lambda: f"({part()} / {self.one_of(2, 3, -2)})",
                lambda: f"({part()} % {self.one_of(2, 3, 5)})",
                lambda: f"abs({part()})",
                lambda: f"- {part()}",
                lambda: f"length({part('text')})",
                lambda: f"CASE {part()} WHEN {part()} THEN {part()} ELSE {part()} END",
                lambda: f"greatest({part()}, {part()})",
                lambda: f"sign({part()})::int",
                lambda: f"position({self.literal('text')} IN {part('text')})",
                lambda: f"ascii({part('text')})",
                lambda: f"extract({self.one_of('year', 'month', 'day', 'quarter', 'dow', 'doy', 'week')} FROM {part('date')})::int",
                lambda: f"extract({self.one_of('hour', 'minute', 'year')} FROM {part('ts')})::int",
                lambda: f"({part('date')} - {part('date')})",
                lambda: f"floor({part('num')})::int",
                lambda: f"ceil({part('num')})::int",
                lambda: f"mod({part()}, {self.one_of(2, 3, -4)})",
            ],
            "big": [lambda: f"({part()} + {part('int')})", lambda: f"({part()} - {part()})"],
            "num": [lambda: f"({part()} + {part()})::decimal(8, 2)", lambda: f"round({part()}, 1)::decimal(8, 2)"],
            "text": [
                lambda: f"({part()} || {part()})",
                lambda: f"upper({part()})",
                lambda: f"substring({part()}, {self.random.randint(1, 2)}, {self.random.randint(0, 2)})",
                lambda: f"replace({part()}, 'y', 'k')",
                lambda: f"{self.one_of('left', 'right')}({part()}, {self.random.randint(0, 2)})",
                lambda: f"{self.one_of('lpad', 'rpad')}({part()}, {self.random.randint(0, 4)}, '*')",
                lambda: f"{self.one_of('trim', 'ltrim', 'rtrim')}({part()})",
                lambda: f"reverse({part()})",
                lambda: f"repeat({part()}, {self.random.randint(0, 2)})",
                lambda: f"split_part({part()}, '_', {self.random.randint(1, 2)})",
                lambda: f"translate({part()}, 'xyz', 'ab')",
                lambda: f"({part('int')})::varchar(10)",
                lambda: f"to_char({part('date')}, '{self.one_of('YYYY-MM-DD', 'DDD', 'Q', 'IW', 'Mon', 'FMDay')}')",
                lambda: f"to_char({part('ts')}, '{self.one_of('HH24:MI:SS', 'HH12 AM', 'MS', 'YYYYMMDD')}')",
            ],
            "date": [
                lambda: f"({part()} + {self.random.randint(-40, 40)})",
                lambda: f"least({part()}, {part()})",
                lambda: f"{part('ts')}::date",
                lambda: f"to_date('{self.one_of('20200131', '19990505')}', 'YYYYMMDD')",
            ],
            "ts": [
                lambda: f"({part()} {self.one_of('+', '-')} INTERVAL '{self.one_of('1 day', '1 month', '36 hours', '0.5 second')}')",
                lambda: f"date_trunc('{self.one_of('year', 'quarter', 'month', 'week', 'day', 'hour')}', {part()})",
                lambda: f"({part('date')} + INTERVAL '{self.one_of('1 month', '-1 year', '90 minutes')}')",
                lambda: f"{part('date')}::timestamp",
                lambda: f"greatest({part()}, {part()})",
            ],
            "bool": [condition],
        }[kind]
        return self.one_of(*own, *own, *shared)()

    def scalar_query(self, columns, kind, depth):
        sql, inner = self.tables(0, columns)
        where = f" WHERE {self.correlated(inner, columns, depth)}"
        argument = self.expression(inner, kind, 0)
        if kind == "int" and self.chance(0.4):
            return f"(SELECT count({self.one_of('*', argument)})::int FROM {sql}{where})"
        if kind == "bool":
            return f"(SELECT count(*) > 1 FROM {sql}{where})"
        return f"(SELECT {self.one_of('min', 'max')}({argument}) FROM {sql}{where})"

    # Conditions

    def correlated(self, inner, outer, depth):
        terms = [self.predicate(inner, 0, [])] if self.chance(0.5) else []
        for _ in range(self.random.randint(1, 2)):
            kinds = [kind for _, kind in outer if any(kind == other for _, other in inner) and kind != "bool"]
            if not kinds:
                break
            kind = self.random.choice(kinds)
            operator = self.random.choices(["=", "<", ">=", "<>"], weights=[6, 1, 1, 1])[0]
            terms.append(f"{self.column(inner, kind)} {operator} {self.column(outer, kind)}")
        return f" {self.one_of('AND', 'AND', 'OR')} ".join(terms) or "true"

    def predicate(self, columns, depth, outer):
        if depth > 0 and self.chance(0.35):
            one, other = self.predicate(columns, depth - 1, outer), self.predicate(columns, depth - 1, outer)
            return self.one_of(f"({one} AND {other})", f"({one} OR {other})", f"NOT ({one})")
        if depth > 0 and self.chance(0.3):
            return self.sub_query_predicate(columns, depth - 1)
        kind = self.random.choice([kind for _, kind in columns if kind != "bool"] or ["int"])
        part = lambda: self.expression(columns, kind, depth, outer)  # noqa: E731
        choices = [
            lambda: f"{part()} {self.one_of('=', '<>', '<', '<=', '>', '>=')} {part()}",
            lambda: f"{part()} IS {self.one_of('', 'NOT ')}NULL",
            lambda: f"{part()} {self.one_of('', 'NOT ')}BETWEEN {part()} AND {part()}",
            lambda: f"{part()} {self.one_of('', 'NOT ')}IN ({self.literal(kind)}, {self.literal(kind)}, {part()})",
        ]
        if kind == "text":
            pattern = self.one_of("y%", "%", "_", "%_b", "x", "%2")
            choices.append(lambda: f"{part()} {self.one_of('', 'NOT ')}{self.one_of('LIKE', 'ILIKE')} '{pattern}'")
        if self.column(columns, "bool") and self.chance(0.2):
            return f"{self.column(columns, 'bool')} {self.one_of('', 'IS TRUE', 'IS NOT FALSE', '= true')}"
        return self.one_of(*choices)()

    def sub_query_predicate(self, columns, depth):
        sql, inner = self.tables(0, columns)
        correlated = f" WHERE {self.correlated(inner, columns, depth)}" if self.chance(0.6) else ""
        negated = self.one_of("", "NOT ")
        shape = self.random.random()
        if shape < 0.35:
            return f"{negated}EXISTS (SELECT 1 FROM {sql}{correlated})"
        kind = self.random.choice([kind for _, kind in inner if kind != "bool" and self.column(columns, kind)] or ["int"])
        operand, value = self.expression(columns, kind, 0), self.expression(inner, kind, 0)
        if shape < 0.7:
            return f"{operand} {negated}IN (SELECT {value} FROM {sql}{correlated})"
        if shape < 0.8:
            other = self.random.choice([kind for _, kind in inner if kind != "bool" and self.column(columns, kind)] or ["int"])
            row = f"({operand}, {self.expression(columns, other, 0)})"
            return f"{row} {negated}IN (SELECT {value}, {self.expression(inner, other, 0)} FROM {sql}{correlated})"
        operator = self.one_of("=", "<>", "<", "<=", ">", ">=")
        return f"{operand} {operator} {self.one_of('ANY', 'ALL')} (SELECT {value} FROM {sql}{correlated})"

    # Queries: (SQL, types of the columns)

    def select(self, depth, outer):
        shape = self.random.random()
        if depth > 0 and shape < 0.15:
            return self.set_operation(depth - 1, outer)
        if shape < 0.4:
            return self.grouped(depth, outer)
        sql, columns = self.tables(depth, outer)
        kinds = [self.random.choice([kind for _, kind in columns]) for _ in range(self.random.randint(1, 3))]
        items = [self.expression(columns, kind, depth, outer) for kind in kinds]
        if self.chance(0.15):
            items[-1], kinds[-1] = self.window(columns), "big"
        distinct = "DISTINCT " if self.chance(0.2) else ""
        where = f" WHERE {self.predicate(columns, depth, outer)}" if self.chance(0.75) else ""
        return f"SELECT {distinct}{', '.join(items)} FROM {sql}{where}", kinds

    def window(self, columns):
        partition = self.random.choice([name for name, _ in columns])
        order = self.random.choice([name for name, kind in columns])
        return self.one_of(
            f"rank() OVER (PARTITION BY {partition} ORDER BY {order})",
            f"dense_rank() OVER (ORDER BY {order} DESC)",
            f"count(*) OVER (PARTITION BY {partition})",
            f"count({order}) OVER (PARTITION BY {partition} ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
            # Between equal values of the order these give equal answers.
            f"(percent_rank() OVER (ORDER BY {order}) * 1000)::bigint",
            f"(cume_dist() OVER (PARTITION BY {partition} ORDER BY {order}) * 1000)::bigint",
            "count(*) OVER ()",
            f"rank() OVER (ORDER BY {order} NULLS FIRST)",
        )

    def grouped(self, depth, outer):
        sql, columns = self.tables(depth, outer)
        keys, kinds = [], []
        for _ in range(self.random.randint(0, 2)):
            name, kind = self.random.choice(columns)
            if name not in keys:
                keys.append(name)
                kinds.append(kind)
        items = list(keys)
        for _ in range(self.random.randint(1, 2)):
            item, kind = self.aggregate(columns)
            items.append(item)
            kinds.append(kind)
        where = f" WHERE {self.predicate(columns, depth, outer)}" if self.chance(0.5) else ""
        grouping = self.random.random()
        if not keys:
            group = ""
        elif grouping < 0.7:
            group = f" GROUP BY {', '.join(keys)}"
        elif grouping < 0.8:
            group = f" GROUP BY {', '.join(str(index + 1) for index in range(len(keys)))}"
        else:
            group = f" GROUP BY {self.one_of('ROLLUP', 'CUBE', 'GROUPING SETS')} ({', '.join(keys)})"
        having = f" HAVING {self.aggregate(columns, 'int')[0]} {self.one_of('>', '<=')} {self.literal('int')}" if self.chance(0.3) else ""
        return f"SELECT {', '.join(items)} FROM {sql}{where}{group}{having}", kinds

    def aggregate(self, columns, wanted=None):
        numbers = [(name, kind) for name, kind in columns if kind in NUMBERS]
        name, kind = self.random.choice(columns)
        if wanted == "int" or not numbers or self.chance(0.3):
            return self.one_of("count(*)", f"count({name})", f"count(DISTINCT {name})"), "big"
        if kind != "bool" and self.chance(0.5):
            return f"{self.one_of('min', 'max')}({name})", kind
        name, kind = self.random.choice(numbers)
        # The sum of NUMERIC or BIGINT has another width in each engine: as the type it came from again.
        return {
            "int": (f"sum({self.one_of('', 'DISTINCT ')}{name})", "big"),
            "big": (f"sum({name})::bigint", "big"),
            "num": (f"sum({name})::decimal(8, 2)", "num"),
        }[kind]

    def set_operation(self, depth, outer):
        sql, columns = self.tables(0, outer)
        kinds = [self.random.choice([kind for _, kind in columns]) for _ in range(self.random.randint(1, 2))]
        branches = []
        for _ in range(self.random.randint(2, 3)):
            sql, columns = self.tables(0, outer)
            items = ", ".join(self.expression(columns, kind, 0) for kind in kinds)
            where = f" WHERE {self.predicate(columns, depth, [])}" if self.chance(0.6) else ""
            branches.append(f"SELECT {items} FROM {sql}{where}")
        text = branches[0]
        for branch in branches[1:]:
            text += f" {self.one_of('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT')} {branch}"
        return text, kinds

    def query(self):
        self.aliases = 0
        depth = self.random.choices([0, 1, 2], weights=[2, 5, 3])[0]
        text, kinds = self.select(depth, [])
        if self.chance(0.1):
            text = f"WITH q ({', '.join(f'x{i}' for i in range(len(kinds)))}) AS ({text}) SELECT * FROM q"
        if self.chance(0.4):
            order = ", ".join(f"{i + 1}{self.one_of('', ' DESC')}" for i in range(len(kinds)))
            text += f" ORDER BY {order}"
            if self.chance(0.4):
                text += f" LIMIT {self.random.randint(0, 5)}"
                if self.chance(0.3):
                    text += f" OFFSET {self.random.randint(0, 3)}"
        return text
