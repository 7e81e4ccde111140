#!/usr/bin/env python3
"""A result of many rows to a client that reads bytes: dwh beside PostgreSQL.

    benches/serve/stream.py [--rows 10000000] [--dwh FILE] [--without-postgresql]

Ends with 1 if dwh's memory grows by more than 64 MiB while the rows are on their way, also to a client that stops reading.
"""

import sys
import time

import common
import postgres
import protocol

SELECT = "SELECT play_id, user_id, song, seconds FROM plays"


def run(sock, buffer, sql):
    """Runs a statement; the tag of its end."""
    sock.sendall(protocol.query(sql))
    tag = None
    while True:
        kind, body = protocol.receive(sock, buffer)
        if kind == b"E":
            sys.exit(f"{sql[:60]}: {body!r}")
        if kind == b"C":
            tag = body[:-1].decode()
        if kind == b"Z":
            return tag


def fill(sock, buffer, rows):
    run(sock, buffer, "CREATE TABLE plays (play_id INT, user_id INT, song VARCHAR(40), seconds DOUBLE PRECISION)")
    run(sock, buffer, f"INSERT INTO plays SELECT 10 * d1.n + d0.n, d0.n, 'song ' || d1.n, 100.25 + d0.n FROM {common.DIGITS} d0, {common.DIGITS} d1")
    for power in range(2, len(str(rows)) - 1):
        run(sock, buffer, f"INSERT INTO plays SELECT {10 ** power} * n + play_id, user_id, song, seconds FROM plays, {common.DIGITS} d WHERE n > 0")


def read_all(sock, stop_after_bytes=None, pause_seconds=0):
    """Reads a result without looking at it; its size, and its last bytes."""
    sock.sendall(protocol.query(SELECT))
    size, chunk, last = 0, bytearray(1 << 20), b""
    while not last.endswith(b"Z\0\0\0\5I"):
        count = sock.recv_into(chunk)
        if count == 0:
            sys.exit("the server closed the connection")
        size += count
        last = (last + bytes(chunk[max(0, count - 64):count]))[-64:]
        if stop_after_bytes and size >= stop_after_bytes:
            time.sleep(pause_seconds)
            stop_after_bytes = None
    return size, last


def size_of(rows):
    """The size of a result's DataRow messages: type, length and number of columns, and four texts with a length each."""
    play_ids = 1 + sum(9 * 10 ** (digits - 1) * digits for digits in range(1, len(str(rows))))
    return rows * (7 + 4 * 4 + len("0") + len("song 0") + len("100.25")) + play_ids


def check(rows, size, last):
    """All rows came, and beside them only the columns, the tag and the end."""
    if not size_of(rows) < size < size_of(rows) + 300 or b"SELECT" not in last:
        sys.exit(f"{size} bytes for {rows} rows, which are {size_of(rows)}; the last are {last!r}")


def measure(where, rows, memory_of):
    sock, buffer = protocol.log_in(where)
    sock.settimeout(600)
    fill(sock, buffer, rows)
    read_all(sock)
    before = common.resident_mib(where["pid"])
    with common.MemoryWatch(where["pid"], 0.2) as memory:
        began = time.monotonic()
        size, last = read_all(sock)
        seconds = time.monotonic() - began
    check(rows, size, last)
    result = {"rows_s": rows / seconds, "mb_s": size / seconds / 1e6, "before": before, "during": memory.between(0, 1)}
    if memory_of:
        with common.MemoryWatch(where["pid"], 0.2) as memory:
            check(rows, *read_all(sock, stop_after_bytes=size // 3, pause_seconds=5))
        result["slow"] = memory.between(0, 1)
    sock.close()
    return result


def main():
    parser = common.arguments(__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="a power of ten")
    parser.add_argument("--without-postgresql", action="store_true")
    given = parser.parse_args()
    with common.served(given.dwh) as where:
        dwh = measure(where, given.rows, True)
    print(f"{given.rows} rows of four columns")
    print(f"       dwh: {dwh['rows_s']:12.0f} rows/s, {dwh['mb_s']:6.0f} MB/s; resident {dwh['before']:.0f} MiB before, {dwh['during']:.0f} MiB "
          f"at most meanwhile, {dwh['slow']:.0f} MiB with a client that pauses")
    if not given.without_postgresql:
        with postgres.started() as where:
            if where:
                peer = measure(where, given.rows, False)
                print(f"PostgreSQL: {peer['rows_s']:12.0f} rows/s, {peer['mb_s']:6.0f} MB/s")
    if max(dwh["during"], dwh["slow"]) > dwh["before"] + 64:
        sys.exit("memory grew")


if __name__ == "__main__":
    main()
