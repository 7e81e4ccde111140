"""The servers for the clients' tests: the package in python/, around the binary that DWH_BINARY names; moto as S3."""

import logging
import os
import sys
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

sys.path.insert(0, str(Path(__file__).parents[2] / "python" / "src"))

from dwh import Server  # noqa: E402

pytest_plugins = ["dwh.pytest_plugin"]

REGION = "us-west-2"


@pytest.fixture(scope="session")
def browsed(dwh_server):
    """The server, with a schema `browse` to look around in."""
    connection = dwh_server.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_name("schema.sql").read_text())
    connection.close()
    return dwh_server


@pytest.fixture(scope="session")
def s3_environment():
    """Variables that lead this process and its children to an S3 on loopback."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    stand_in = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    stand_in.start()
    host, port = stand_in.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": "a-secret-that-nobody-may-read",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    yield variables
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    stand_in.stop()


@pytest.fixture(scope="session")
def s3(s3_environment):
    """A client of that S3, with an empty bucket `lake`."""
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


@pytest.fixture(scope="session")
def lake(s3, s3_environment):
    """A server that reads and writes that S3."""
    with Server(environment=s3_environment) as server:
        yield server
