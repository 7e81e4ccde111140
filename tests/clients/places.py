"""Places for connections: a server gives one back a moment after its client has gone."""

import time

import psycopg2
import pytest


def connect_when_one_is_free(server):
    for _ in range(100):
        try:
            return server.connect()
        except psycopg2.OperationalError:
            time.sleep(0.05)
    pytest.fail("no place was given back")
