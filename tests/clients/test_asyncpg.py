"""asyncpg: everything in binary, parameter types inferred by the server, cursors with limited Execute."""

import asyncio
import datetime
import decimal

import asyncpg


def run(server, work):
    async def connected():
        connection = await asyncpg.connect(
            host=server.host, port=server.port, user=server.user, password=server.password, database=server.database
        )
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


def test_types_of_parameters_are_inferred_from_their_places(dwh_server):
    async def work(connection):
        await connection.execute(
            "CREATE TEMP TABLE plays (id INT, song VARCHAR(20), seconds NUMERIC(10,2), day DATE, at TIMESTAMP,"
            " paid BOOLEAN, score FLOAT8)"
        )
        row = (
            1, "one", decimal.Decimal("1.50"), datetime.date(2020, 1, 2),
            datetime.datetime(2021, 1, 1, 2, 3, 4, 5), True, 0.25,
        )
        await connection.execute("INSERT INTO plays VALUES ($1, $2, $3, $4, $5, $6, $7)", *row)
        await connection.execute("UPDATE plays SET seconds = $1 WHERE id = $2 AND day < $3",
                                 decimal.Decimal("2.5"), 1, datetime.date(2020, 1, 3))
        found = await connection.fetch(
            "SELECT * FROM plays p WHERE p.seconds BETWEEN $1 AND $2 AND p.song LIKE $3 AND p.paid = $4"
            " AND p.id IN (SELECT id FROM plays WHERE score < $5) LIMIT $6",
            decimal.Decimal(1), decimal.Decimal(3), "on%", True, 0.5, 10,
        )
        assert [tuple(record) for record in found] == [(1, "one", decimal.Decimal("2.50"), *row[3:])]
        assert await connection.fetchval("SELECT $1::int + 1", 41) == 42
        assert await connection.fetchval("SELECT dateadd(day, $1, $2::date)::date", 1,
                                         datetime.date(2020, 2, 28)) == datetime.date(2020, 2, 29)
        assert await connection.fetchval("SELECT coalesce($1, id) FROM plays", None) == 1
        await connection.execute("DELETE FROM plays WHERE at = $1", row[4])
        assert await connection.fetchval("SELECT count(*) FROM plays") == 0

    run(dwh_server, work)


def test_a_cursor_takes_rows_in_portions(dwh_server):
    async def work(connection):
        await connection.execute("CREATE TEMP TABLE n AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3")
        async with connection.transaction():
            cursor = await connection.cursor("SELECT x.a FROM n x, n y, n z ORDER BY x.a")
            assert [row["a"] for row in await cursor.fetch(10)] == [1] * 9 + [2]
            assert len(await cursor.fetch(100)) == 17
            assert await cursor.fetch(1) == []

    run(dwh_server, work)


def test_attributes_are_known_before_a_statement_runs(dwh_server):
    async def work(connection):
        statement = await connection.prepare("SELECT $1::bigint AS n, 'x' AS t")
        assert [(a.name, a.type.oid) for a in statement.get_attributes()] == [("n", 20), ("t", 1043)]
        assert [p.oid for p in statement.get_parameters()] == [20]

    run(dwh_server, work)


def test_executemany_is_one_transaction(dwh_server):
    async def work(connection):
        await connection.execute("CREATE TEMP TABLE m (a INT, b VARCHAR(5))")
        await connection.executemany("INSERT INTO m VALUES ($1, $2)", [(n, str(n)) for n in range(50)])
        assert await connection.fetchval("SELECT sum(a) FROM m") == 1225

    run(dwh_server, work)
