#!/usr/bin/env python3
"""How soon `dwh serve --ephemeral` is ready.

    benches/serve/start.py [--runs 20] [--dwh FILE] [--within-ms 300]
"""

import statistics
import sys
import time

import common
import protocol


def once(binary):
    """Milliseconds to the line, and to the first row."""
    began = time.monotonic()
    with common.served(binary) as where:
        ready = time.monotonic()
        sock, buffer = protocol.log_in(where)
        sock.sendall(protocol.query("SELECT 1"))
        while protocol.receive(sock, buffer)[0] != b"Z":
            pass
        answered = time.monotonic()
        sock.close()
    return (ready - began) * 1000, (answered - began) * 1000


def main():
    parser = common.arguments(__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--within-ms", type=float, default=300, help="end with 1 if the median is above it")
    given = parser.parse_args()
    runs = [once(given.dwh) for _ in range(given.runs)]
    for name, times in (("line", [ready for ready, _ in runs]), ("first row", [answered for _, answered in runs])):
        print(f"{name:>10}: {statistics.median(times):6.0f} ms in the median of {given.runs}, {max(times):6.0f} ms at most")
    if statistics.median(ready for ready, _ in runs) > given.within_ms:
        sys.exit(f"not ready within {given.within_ms:.0f} ms")


if __name__ == "__main__":
    main()
