#!/usr/bin/env python3
"""Sends `dwh serve` what no client should: sessions whose bytes are changed, cut, repeated and mixed.

    fuzz/wire.py [--seconds 3600] [--seed N] [--workers 4] [--dwh target/debug/dwh]

After each session the server must close the connection once the client has said its last (no hang); all the while
another connection must keep its temporary table and answer at once, new ones must be taken, and the log must know
of no panic. Ends with 1 at the first finding, whose bytes are printed. Needs Python alone.
"""

import argparse
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "engines"))

from protocol import ANSWERS_WITHIN_SECONDS, log_in, message, packet, query, receive, startup, text  # noqa: E402

CLOSES_WITHIN_SECONDS = 30


def parse(name, sql, types=()):
    return message(b"P", text(name) + text(sql) + struct.pack("!h", len(types)) + b"".join(struct.pack("!i", t) for t in types))


def bind(portal, name, values=(), formats=(), results=()):
    body = text(portal) + text(name)
    body += struct.pack("!h", len(formats)) + b"".join(struct.pack("!h", f) for f in formats)
    body += struct.pack("!h", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message(b"B", body + struct.pack("!h", len(results)) + b"".join(struct.pack("!h", r) for r in results))


def describe(kind, name):
    return message(b"D", kind + text(name))


def execute(portal, rows=0):
    return message(b"E", text(portal) + struct.pack("!i", rows))


def close(kind, name):
    return message(b"C", kind + text(name))


SYNC, FLUSH, TERMINATE = message(b"S"), message(b"H"), message(b"X")
I4 = struct.pack("!i", 7)

SESSIONS = [
    [query("SELECT 1"), query("SELECT 'a'; SELECT 2, NULL; SELECT nope"), query(""), query("BEGIN; SELECT 1; COMMIT"), TERMINATE],
    [query("CREATE TEMP TABLE t (a INT, b VARCHAR(20), c NUMERIC(12,3), d TIMESTAMP, e SUPER, f VARBYTE)"),
     query("INSERT INTO t VALUES (1, 'x', 1.5, '2020-01-01 10:00:00', JSON_PARSE('[1]'), 'ab'::varbyte), (2, NULL, NULL, NULL, NULL, NULL)"),
     parse("", "SELECT * FROM t WHERE a = $1 OR b = $2", (23, 0)), bind("", "", [I4, b"x"], [1, 0], [1]), describe(b"P", ""), execute("", 1), execute(""), SYNC, TERMINATE],
    [parse("one", "SELECT $1::int + 1, $2::date, $3::numeric(10,2), $4::bool, $5::float8, $6::timestamp", (23, 1082, 1700, 16, 701, 1114)), describe(b"S", "one"),
     bind("p", "one", [I4, I4, b"\0\1\0\0\0\0\0\2\0\5", b"\1", b"\x40\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\1"], [1], [1]), execute("p"), FLUSH, close(b"P", "p"), close(b"S", "one"), SYNC],
    [parse("", "SELECT 1"), bind("", ""), describe(b"P", ""), execute(""), parse("", "SELECT nope"), bind("", ""), execute(""), SYNC, query("SELECT 2"), SYNC],
    [query("SELECT a.n FROM (SELECT 1 n UNION ALL SELECT 2) a, (SELECT 1 m UNION ALL SELECT 2) b ORDER BY 1"), query("SHOW ALL"), query("SET query_group TO 'x'; RESET ALL"), TERMINATE],
    [message(b"F", struct.pack("!ihhh", 1, 0, 0, 0)), message(b"d", b"1\t2\n"), message(b"c"), message(b"f", text("no")), message(b"p", text("late")), query("SELECT 1"), TERMINATE],
    [query("BEGIN"), query("DECLARE c CURSOR FOR SELECT 1 UNION ALL SELECT 2"), query("FETCH 1 FROM c"), query("FETCH ALL FROM c"), query("SELECT 1/0"), query("ROLLBACK"), TERMINATE],
    [query("PREPARE q(int) AS SELECT $1 + 1"), query("EXECUTE q(1)"), query("DEALLOCATE ALL"), query("COPY t FROM STDIN"), query("CANCEL 1"), query("SELECT version(), current_user"), TERMINATE],
]


class Healthy:
    """A connection with a temporary table, in which nothing may change."""

    def __init__(self, where):
        self.sock, self.buffer = log_in(where)
        self.ask("CREATE TEMP TABLE mine AS SELECT 42 AS answer")

    def ask(self, sql):
        self.sock.sendall(query(sql))
        rows = []
        while True:
            got = receive(self.sock, self.buffer)
            if got is None:
                raise RuntimeError("the healthy connection was closed")
            tag, body = got
            if tag == b"D":
                length = struct.unpack("!i", body[2:6])[0]
                rows.append(body[6:6 + length].decode())
            elif tag == b"E":
                raise RuntimeError(f"the healthy connection got an error: {body!r}")
            elif tag == b"Z":
                return rows

    def check(self):
        if self.ask("SELECT answer FROM mine") != ["42"]:
            raise RuntimeError("the healthy connection lost its table")


def mutate(rng, messages):
    """The messages with some of their bytes, or their order, changed."""
    messages = list(messages)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(messages))
        one = bytearray(messages[at])
        kind = rng.randrange(10)
        if kind == 0 and one:
            for _ in range(rng.randint(1, 8)):
                one[rng.randrange(len(one))] = rng.randrange(256)
        elif kind == 1:
            one = one[:rng.randint(0, len(one))]
        elif kind == 2 and len(one) >= 5:
            struct.pack_into("!i", one, 1, rng.choice([-1, 0, 3, 4, 5, 1 << 16, (1 << 24) + 9, 2**31 - 1, -2**31]))
        elif kind == 3 and len(one) > 7:
            # A field of four or two bytes within.
            at_field = rng.randrange(5, len(one) - 1)
            one[at_field:at_field + 2] = struct.pack("!h", rng.choice([-1, 0, 1, 255, 32767, -32768]))
        elif kind == 4:
            messages.insert(rng.randrange(len(messages) + 1), messages[at])
        elif kind == 5 and len(messages) > 1:
            del messages[at]
            continue
        elif kind == 6:
            other = rng.randrange(len(messages))
            messages[at], messages[other] = messages[other], messages[at]
            continue
        elif kind == 7:
            messages.insert(at, bytes(rng.randrange(256) for _ in range(rng.randint(1, 64))))
            continue
        elif kind == 8 and len(one) > 5:
            # The body changes its length, and the message says so.
            body = one[5:]
            start, end = sorted((rng.randrange(len(body) + 1), rng.randrange(len(body) + 1)))
            body[start:end] = bytes(rng.randrange(256) for _ in range(rng.randint(0, 16))) if rng.random() < 0.7 else body[start:end] * rng.randint(2, 50)
            one = bytearray(message(bytes(one[:1]), bytes(body)))
        elif kind == 9:
            one = bytearray(bytes([rng.randrange(256)])) + one[1:]
        if at < len(messages):
            messages[at] = bytes(one)
    return messages


def drain_until_closed(sock, data):
    """Sends the data and reads whatever comes until the server closes."""
    deadline = time.monotonic() + CLOSES_WITHIN_SECONDS
    sender = threading.Thread(target=send_all, args=(sock, data), daemon=True)
    sender.start()
    sock.settimeout(1)
    while time.monotonic() < deadline:
        try:
            if not sock.recv(65536):
                return True
        except socket.timeout:
            continue
        except OSError:
            return True
    return False


def send_all(sock, data):
    try:
        for chunk in data:
            sock.sendall(chunk)
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # The server has closed already.


def session_after_login(rng, where):
    sock, _ = log_in(where)
    messages = mutate(rng, [m for session in rng.sample(SESSIONS, rng.randint(1, 2)) for m in session])
    return sock, messages


def session_before_login(rng, where):
    """Start-up packets, requests for TLS and to cancel, and answers to the question for a password."""
    first = [
        startup(where["user"], where["database"]),
        packet(struct.pack("!i", 80877103)),
        packet(struct.pack("!i", 80877104)),
        packet(struct.pack("!iii", 80877102, rng.randrange(1 << 31), rng.randrange(1 << 31))),
        packet(struct.pack("!i", (3 << 16) + 2) + text("user") + text("x") + text("_pq_.a") + text("b") + b"\0"),
    ]
    packets = [bytearray(one) for one in rng.sample(first, rng.randint(1, 3))]
    for one in packets:
        for _ in range(rng.randint(0, 3)):
            one[rng.randrange(len(one))] = rng.randrange(256)
    sock = socket.create_connection((where["host"], where["port"]), timeout=ANSWERS_WITHIN_SECONDS)
    rest = mutate(rng, [message(b"p", text("md5" + "0" * 32)), *rng.choice(SESSIONS)])
    return sock, [*map(bytes, packets), *rest]


class Run:
    def __init__(self, options, where, server):
        self.options, self.where, self.server = options, where, server
        self.counts = {"before login": 0, "after login": 0, "checks": 0}
        self.finding = None
        self.lock = threading.Lock()
        self.ends = time.monotonic() + options.seconds

    def goes_on(self):
        return time.monotonic() < self.ends and self.finding is None

    def found(self, what, data=b""):
        with self.lock:
            self.finding = self.finding or (what, data)

    def work(self, number):
        rng = random.Random(self.options.seed * 1000 + number)
        while self.goes_on():
            before = rng.random() < 0.1
            data = []
            try:
                sock, data = (session_before_login if before else session_after_login)(rng, self.where)
                if rng.random() < 0.1:
                    sock.sendall(b"".join(data))
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif not drain_until_closed(sock, data):
                    self.found(f"the server did not close the connection within {CLOSES_WITHIN_SECONDS} s", b"".join(data))
                sock.close()
            except (BrokenPipeError, ConnectionResetError):
                pass  # It may end a connection at any byte that is wrong.
            except Exception as error:
                self.found(f"{type(error).__name__}: {error}", b"".join(data))
            with self.lock:
                self.counts["before login" if before else "after login"] += 1

    def check(self):
        healthy = Healthy(self.where)
        while self.goes_on():
            began = time.monotonic()
            try:
                healthy.check()
            except Exception as error:
                self.found(f"another connection: {type(error).__name__}: {error}")
            if time.monotonic() - began > ANSWERS_WITHIN_SECONDS:
                self.found("another connection waited too long for its answer")
            if self.server.poll() is not None:
                self.found(f"the server ended with {self.server.returncode}")
            with self.lock:
                self.counts["checks"] += 1
            time.sleep(0.2)


def resident_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=int, default=3600)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--workers", type=int, default=4)
    arguments.add_argument("--dwh", default=os.environ.get("DWH_BINARY", HERE.parent / "target/debug/dwh"))
    options = arguments.parse_args()
    log = []
    server = subprocess.Popen([str(options.dwh), "serve", "--ephemeral", "--max-connections", "100"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    threading.Thread(target=lambda: log.extend(server.stderr), daemon=True).start()
    try:
        run = Run(options, json.loads(server.stdout.readline()), server)
        threads = [threading.Thread(target=run.work, args=(number,)) for number in range(options.workers)]
        threads.append(threading.Thread(target=run.check))
        for thread in threads:
            thread.start()
        time.sleep(min(30, options.seconds / 4))
        early = resident_mib(server.pid)
        for thread in threads:
            thread.join()
        panics = [line for line in log if "panicked" in line]
        if panics:
            run.found(f"{len(panics)} panics, the first: {panics[0].strip()}")
        late = resident_mib(server.pid) if server.poll() is None else 0
        print(f"{run.counts['after login']} sessions after the login, {run.counts['before login']} before it, "
              f"{run.counts['checks']} checks in {options.seconds} s; resident {early:.0f} MiB, at the end {late:.0f} MiB; seed {options.seed}")
        if run.finding:
            print(f"FOUND: {run.finding[0]}\n{run.finding[1]!r}", file=sys.stderr)
            print("".join(log[-40:]), file=sys.stderr)
            return 1
        return 0
    finally:
        server.terminate()
        server.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
