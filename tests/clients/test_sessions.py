"""Many sessions at once, what ends them, and that none hurts another."""

import os
import select
import signal
import socket
import threading
import time

import psycopg
import psycopg2
import pytest

from dwh import Server
from places import connect_when_one_is_free


def slow_query(cursor):
    """A statement that runs until it is cancelled."""
    cursor.execute("CREATE TEMP TABLE few AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
    joins = ", ".join(f"few f{i}" for i in range(16))
    return f"SELECT COUNT(*) FROM {joins} WHERE f0.a + f1.a + f2.a > f15.a"


def last_words(server, sslmode):
    """An idle session, and a function that gives what its client is told when it asks next. psycopg2 would tell, of a
    PostgreSQL server too, only that the connection was closed."""
    connection = psycopg.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        dbname=server.database,
        sslmode=sslmode,
        autocommit=True,
    )

    def ask():
        # Asked before the server has heard its signal, it would answer.
        assert select.select([connection.fileno()], [], [], 30)[0], "the server says nothing"
        with pytest.raises(psycopg.OperationalError) as told:
            connection.execute("SELECT 1")
        return told.value.sqlstate, str(told.value)

    return ask


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


@pytest.mark.parametrize("sslmode", ["disable", "require"])
def test_a_connection_too_many_is_refused_and_the_others_stay(sslmode):
    with Server(["--max-connections", "2"]) as server:
        first, second = server.connect(), server.connect(sslmode=sslmode)
        with pytest.raises(psycopg2.OperationalError, match='FATAL:  connection limit "2" exceeded'):
            server.connect(sslmode=sslmode)
        # A cancel request needs no place.
        cursor = second.cursor()
        query = slow_query(cursor)
        timer = threading.Timer(0.3, second.cancel)
        timer.start()
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cursor.execute(query)
        timer.join()
        second.rollback()
        first.close()
        connect_when_one_is_free(server).close()
        second.cursor().execute("SELECT 1")
        second.close()


@pytest.mark.parametrize("sslmode", ["disable", "require"])
def test_idle_sessions_end_in_time(sslmode):
    with Server(["--idle-timeout", "1"]) as server:
        idle, busy = last_words(server, sslmode), server.connect()
        cursor = busy.cursor()
        for _ in range(6):
            cursor.execute("SELECT 1")
            time.sleep(0.3)
        assert idle() == ("57P05", "terminating connection due to idle-session timeout")
        cursor.execute("SELECT 1")
        busy.close()


def test_a_server_that_stops_lets_statements_finish():
    server = Server(["--shutdown-timeout", "20"]).start()
    idle = [last_words(server, sslmode) for sslmode in ("disable", "require")]
    busy = server.connect()
    cursor = busy.cursor()
    cursor.execute("CREATE TEMP TABLE few AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
    joins = ", ".join(f"few f{i}" for i in range(10))
    rows = []
    query = f"SELECT COUNT(*) FROM {joins} WHERE f0.a + f1.a + f2.a + f3.a > f8.a - f7.a"
    thread = threading.Thread(target=lambda: (cursor.execute(query), rows.extend(cursor.fetchall())))
    thread.start()
    time.sleep(0.3)
    os.kill(server.pid, signal.SIGTERM)
    thread.join(timeout=30)
    assert rows and rows[0][0] > 0
    for told in idle:
        assert told() == ("57P01", "terminating connection due to administrator command")
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


def test_a_copy_goes_on_without_its_client(tmp_path):
    """As on Redshift, a COPY outside of a block loads all the same when its client breaks off."""
    rows = 1_500_000
    (tmp_path / "rows.txt").write_text("".join(f"{n}|some text of row {n}\n" for n in range(rows)))
    with Server(["--local-files", str(tmp_path)]) as server:
        watching = server.connect(sslmode="disable")
        watching.autocommit = True
        watcher = watching.cursor()
        watcher.execute("CREATE TABLE kept (n INT, note VARCHAR(40))")
        loading = psycopg.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            dbname=server.database,
            sslmode="disable",
            autocommit=True,
        )
        told = []

        def load():
            try:
                loading.execute(f"COPY kept FROM '{tmp_path}/rows.txt'")
                told.append("loaded")
            except psycopg.OperationalError as error:
                told.append(error)

        thread = threading.Thread(target=load)
        thread.start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            watcher.execute("SELECT COUNT(*) FROM sys_load_history WHERE status = 'running'")
            if watcher.fetchone() == (1,):
                break
        end = socket.socket(fileno=os.dup(loading.fileno()))
        end.shutdown(socket.SHUT_RDWR)
        end.close()
        thread.join(30)
        assert told and told != ["loaded"], "the COPY was done before its client could break off"
        while time.monotonic() < deadline:
            watcher.execute("SELECT COUNT(*) FROM kept")
            if (kept := watcher.fetchone()) != (0,):
                break
            time.sleep(0.1)
        assert kept == (rows,)
        watcher.execute("SELECT status, loaded_rows FROM sys_load_history")
        assert watcher.fetchone() == ("completed", rows)
