"""Many sessions at once, what ends them, and that none hurts another."""

import os
import signal
import threading
import time

import psycopg2
import pytest

from dwh import Server


def slow_query(cursor):
    """A statement that runs until it is cancelled."""
    cursor.execute("CREATE TEMP TABLE few AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
    joins = ", ".join(f"few f{i}" for i in range(16))
    return f"SELECT COUNT(*) FROM {joins} WHERE f0.a + f1.a + f2.a > f15.a"


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def test_500_idle_sessions_and_50_active_ones():
    with Server(["--max-connections", "550"]) as server:
        idle = [server.connect(sslmode="disable", application_name=f"idle {n}") for n in range(500)]
        failures = []

        def work(number):
            try:
                connection = server.connect(sslmode="disable")
                cursor = connection.cursor()
                for round_ in range(3):
                    cursor.execute("CREATE TEMP TABLE own AS SELECT %s AS n", [number])
                    cursor.execute("SELECT n FROM own")
                    if cursor.fetchall() != [(number,)]:
                        failures.append(f"{number}: another session's rows")
                    cursor.execute("SET query_group TO %s", [f"g{number}"])
                    cursor.execute("SHOW query_group")
                    if cursor.fetchone() != (f"g{number}",):
                        failures.append(f"{number}: another session's setting")
                    connection.rollback()
                    if round_ == 1:
                        cursor.execute("SELECT pg_backend_pid()")
                        connection.commit()
                connection.close()
            except Exception as error:
                failures.append(f"{number}: {error}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        for connection in idle[::50]:
            cursor = connection.cursor()
            cursor.execute("SELECT current_setting('application_name')")
            assert cursor.fetchone()[0].startswith("idle ")
        for connection in idle:
            connection.close()


def test_a_connection_too_many_is_refused_and_the_others_stay():
    with Server(["--max-connections", "2"]) as server:
        # In the clear: libpq does not show an error that comes in place of the answer to its request for TLS.
        first, second = server.connect(sslmode="disable"), server.connect()
        with pytest.raises(psycopg2.OperationalError, match='connection limit "2" exceeded'):
            server.connect(sslmode="disable")
        first.close()
        for _ in range(100):
            try:
                server.connect().close()
                break
            except psycopg2.OperationalError:
                time.sleep(0.05)
        else:
            pytest.fail("the place of the first connection was not given back")
        second.cursor().execute("SELECT 1")
        second.close()


def test_idle_sessions_end_in_time():
    with Server(["--idle-timeout", "1"]) as server:
        # In the clear: with TLS libpq tells that the connection was closed, not what the server said before.
        idle, busy = server.connect(sslmode="disable"), server.connect()
        cursor = busy.cursor()
        for _ in range(6):
            cursor.execute("SELECT 1")
            time.sleep(0.3)
        with pytest.raises(psycopg2.OperationalError, match="idle-session timeout|closed the connection"):
            idle.cursor().execute("SELECT 1")
        cursor.execute("SELECT 1")
        busy.close()


def test_session_timeout_of_a_user():
    with Server() as server:
        owner = server.connect()
        owner.autocommit = True
        # Redshift takes 60 seconds at least; the shortest is what can be tested of the clause itself.
        owner.cursor().execute("CREATE USER brief PASSWORD 'Brief1Brief' SESSION TIMEOUT 60")
        connection = server.connect(user="brief", password="Brief1Brief")
        connection.cursor().execute("SELECT 1")
        connection.close()
        owner.close()


def test_a_server_that_stops_lets_statements_finish():
    server = Server(["--shutdown-timeout", "20"]).start()
    idle, busy = server.connect(sslmode="disable"), server.connect()
    cursor = busy.cursor()
    cursor.execute("CREATE TEMP TABLE few AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
    joins = ", ".join(f"few f{i}" for i in range(9))
    rows = []
    query = f"SELECT COUNT(*) FROM {joins} WHERE f0.a + f1.a + f2.a + f3.a > f8.a - f7.a"
    thread = threading.Thread(target=lambda: (cursor.execute(query), rows.extend(cursor.fetchall())))
    thread.start()
    time.sleep(0.3)
    os.kill(server.pid, signal.SIGTERM)
    thread.join(timeout=30)
    assert rows and rows[0][0] > 0
    with pytest.raises(psycopg2.OperationalError, match="administrator command|closed the connection"):
        for _ in range(100):
            idle.cursor().execute("SELECT 1")
            time.sleep(0.1)
    with pytest.raises(psycopg2.OperationalError):
        server.connect()
    server.stop()


def test_a_server_that_has_waited_long_enough_ends_statements():
    server = Server(["--shutdown-timeout", "1"]).start()
    busy = server.connect()
    cursor = busy.cursor()
    query = slow_query(cursor)
    errors = []

    def work():
        try:
            cursor.execute(query)
        except psycopg2.Error as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    server.stop()
    thread.join(timeout=30)
    assert errors and time.monotonic() - began < 15


def test_a_session_can_be_ended_by_its_number(dwh_server):
    victim, killer = dwh_server.connect(), dwh_server.connect()
    killer.autocommit = True
    cursor = victim.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    number = cursor.fetchone()[0]
    victim.commit()
    killer.cursor().execute(f"SELECT pg_terminate_backend({number})")
    with pytest.raises(psycopg2.Error):
        for _ in range(50):
            cursor.execute("SELECT 1")
            time.sleep(0.05)
    killer.close()


def test_a_client_that_goes_ends_its_statement_and_gives_up_its_locks(dwh_server):
    gone, other = dwh_server.connect(), dwh_server.connect()
    other.autocommit = True
    other.cursor().execute("CREATE TABLE locked (a INT)")
    cursor = gone.cursor()
    cursor.execute("DELETE FROM locked")
    gone.close()
    other.cursor().execute("SET statement_timeout TO 10000")
    other.cursor().execute("DELETE FROM locked")
    other.cursor().execute("DROP TABLE locked")
    other.close()


def test_a_client_that_does_not_read_does_not_make_memory_grow():
    import psycopg

    with Server() as server:
        reader = psycopg.connect(server.dsn, autocommit=True)
        digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 " \
                 "UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"
        tables = ", ".join(f"{digits} d{i}" for i in range(6))
        reader.execute(f"CREATE TABLE wide AS SELECT d0.n + 10 * d1.n + 100 * d2.n AS n, REPEAT('x', 200) AS text FROM {tables}")
        rows = reader.cursor().stream("SELECT * FROM wide")
        for _ in range(1000):
            next(rows)
        before = resident_mib(server.pid)
        # 200 MB wait to be read.
        time.sleep(3)
        assert resident_mib(server.pid) < before + 30
        count = 1000 + sum(1 for _ in rows)
        assert count == 10**6 and resident_mib(server.pid) < before + 60
        reader.close()
