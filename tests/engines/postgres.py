"""A PostgreSQL of the machine, in a temporary folder, for as long as a block of Python lasts."""

import contextlib
import glob
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile


@contextlib.contextmanager
def started(*settings):
    """Yields host, port, user, database and process id of a new server; None if PostgreSQL is not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    if not initdb:
        yield None
        return
    programs = pathlib.Path(initdb).parent
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        as_user = []
        if os.geteuid() == 0:
            # It does not run as root.
            shutil.chown(folder, "postgres")
            as_user = ["runuser", "-u", "postgres", "--"]
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        data = str(pathlib.Path(folder) / "data")

        def run(*command):
            subprocess.run([*as_user, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL)

        run(initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        options = ["-k", folder, "-h", "127.0.0.1", "-p", str(port), *(part for setting in settings for part in ("-c", setting))]
        run(programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", " ".join(options), "start")
        try:
            pid = int(pathlib.Path(data, "postmaster.pid").read_text().splitlines()[0])
            yield {"host": "127.0.0.1", "port": port, "user": "postgres", "database": "postgres", "password": "", "pid": pid}
        finally:
            run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


@contextlib.contextmanager
def postgresql():
    """The connection string of a server that ends with the block; None where there is no PostgreSQL."""
    with started("fsync=off") as server:
        yield server and "host={host} port={port} user={user} dbname={database}".format(**server)
