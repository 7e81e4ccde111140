"""The server for the clients' tests: the package in python/, around the binary that DWH_BINARY names."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "python" / "src"))

pytest_plugins = ["dwh.pytest_plugin"]


@pytest.fixture(scope="session")
def browsed(dwh_server):
    """The server, with a schema `browse` to look around in."""
    connection = dwh_server.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_name("schema.sql").read_text())
    connection.close()
    return dwh_server
