"""A PostgreSQL of the machine, in a temporary folder, for as long as a block of Python lasts."""

import contextlib
import glob
import os
import pathlib
import shutil
import subprocess
import tempfile


@contextlib.contextmanager
def postgresql():
    """The connection string of a server that ends with the block; None where there is no PostgreSQL."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    if not initdb:
        yield None
        return
    programs = pathlib.Path(initdb).parent
    with tempfile.TemporaryDirectory() as folder:
        as_user = []
        if os.getuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(folder, "postgres")
            as_user = ["runuser", "-u", "postgres", "--"]
        data = f"{folder}/data"
        run = lambda *command: subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)  # noqa: E731
        run(initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run(str(programs / "pg_ctl"), "-D", data, "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield f"host={folder} user=postgres dbname=postgres"
        finally:
            run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
