"""Starts and stops `dwh serve --ephemeral`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Mapping, Optional, Sequence

_OWN_BINARY = Path(__file__).with_name("bin") / "dwh"


class StartError(RuntimeError):
    """The server did not start; the text says what it printed."""


class Server:
    """A server on a free port of loopback, with an empty warehouse that is removed when it stops.

    Use it in a `with` statement, or call `start` and `stop`.

    arguments: more arguments for `dwh serve`, for example `["--auth", "scram-sha-256"]`.
    environment: variables beside those of this process, for example `AWS_ENDPOINT_URL_S3`.
    binary: the binary; by default `DWH_BINARY`, the wheel's own, or `dwh` on the path.
    """

    host: str
    port: int
    database: str
    user: str
    password: str
    data_api: str  # the URL of the Redshift Data API, for boto3's `endpoint_url`

    def __init__(
        self,
        arguments: Sequence[str] = (),
        environment: Optional[Mapping[str, str]] = None,
        binary: Optional[os.PathLike] = None,
    ) -> None:
        self._command = [str(binary or _find_binary()), "serve", "--ephemeral", *arguments]
        self._environment = {**os.environ, **(environment or {})}
        self._process: Optional[subprocess.Popen] = None
        self._log: list[str] = []

    def start(self) -> "Server":
        """Starts the server and waits until it takes connections."""
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read_log, daemon=True).start()
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise StartError(f"dwh ended with exit code {self._process.returncode}: {''.join(self._log)}")
        where = json.loads(line)
        self.host, self.port = where["host"], where["port"]
        self.database, self.user, self.password = where["database"], where["user"], where["password"]
        self.data_api = where["data_api"]
        return self

    def stop(self) -> None:
        """Stops the server and removes its warehouse."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=35)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process = None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What the server has printed on stderr."""
        return "".join(self._log)

    @property
    def dsn(self) -> str:
        """The address as a URL, for SQLAlchemy and libpq."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"

    def connect(self, **options):
        """A new psycopg2 connection."""
        import psycopg2

        where = dict(host=self.host, port=self.port, dbname=self.database, user=self.user, password=self.password)
        return psycopg2.connect(**{**where, **options})

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_exception) -> None:
        self.stop()

    def _read_log(self) -> None:
        for line in self._process.stderr:
            self._log.append(line)


def _find_binary() -> str:
    named = os.environ.get("DWH_BINARY")
    if named:
        return named
    if _OWN_BINARY.exists():
        return str(_OWN_BINARY)
    found = shutil.which("dwh")
    if found is None:
        raise StartError("there is no dwh binary: set DWH_BINARY or put dwh on the path")
    return found
