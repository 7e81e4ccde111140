"""Fixtures for pytest: a server for the whole run, a connection for each test."""

import pytest

from dwh.server import Server


@pytest.fixture(scope="session")
def dwh_server():
    """A running server with an empty warehouse."""
    with Server() as server:
        yield server


@pytest.fixture
def dwh_connection(dwh_server):
    """A psycopg2 connection; what is not committed is rolled back at the end."""
    connection = dwh_server.connect()
    yield connection
    connection.close()
