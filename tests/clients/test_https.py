"""The HTTP port with TLS: the console and the Data API, the certificate checked by the clients."""

import json
import ssl
import subprocess
import urllib.error
import urllib.request

import boto3
import botocore.config
import botocore.exceptions
import pytest

from dwh import Server
from dwh.server import _find_binary

WHERE = {"ClusterIdentifier": "plays", "Database": "dev", "DbUser": "awsuser"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("https")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-addext", "basicConstraints=critical,CA:FALSE"], cwd=folder, check=True, capture_output=True)
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.fixture(scope="module")
def server(certificate):
    chain, key = certificate
    with Server(["--https", "--tls-cert", chain, "--tls-key", key]) as server:
        yield server


def data_api(server, verify):
    return boto3.client("redshift-data", endpoint_url=server.data_api, region_name="us-west-2", aws_access_key_id="AKIATEST",
                        aws_secret_access_key="any", verify=verify, config=botocore.config.Config(retries={"max_attempts": 0}))


def ask(url, verify=None, **options):
    context = ssl.create_default_context(cafile=verify) if verify else ssl._create_unverified_context()
    return urllib.request.urlopen(urllib.request.Request(url, **options), context=context, timeout=30)


def test_boto3_checks_the_certificate_and_gets_its_rows(server, certificate):
    assert server.data_api.startswith("https://")
    client = data_api(server, certificate[0])
    statement = client.execute_statement(Sql="SELECT 42 AS answer", **WHERE)["Id"]
    assert client.describe_statement(Id=statement, WaitTimeSeconds=30)["Status"] == "FINISHED"
    assert client.get_statement_result(Id=statement)["Records"] == [[{"longValue": 42}]]
    with pytest.raises(botocore.exceptions.SSLError):
        data_api(server, True).list_statements()


def test_the_page_signs_in_with_a_cookie_for_tls_only(server, certificate):
    origin = server.data_api
    assert b"<title>" in ask(f"{origin}/", certificate[0]).read()
    body = json.dumps({"user": server.user, "password": server.password}).encode()
    headers = {"Content-Type": "application/json", "Origin": origin}
    signed_in = ask(f"{origin}/api/v1/login", certificate[0], data=body, headers=headers)
    assert signed_in.headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict; Secure")


def test_without_tls_nothing_is_told(server):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.data_api.replace("https:", "http:"), timeout=30)
    assert refused.value.code == 400 and b"ask for https://" in refused.value.read()


def test_many_clients_that_never_agree_on_tls_are_in_nobodys_way(server, certificate):
    import socket

    host, port = server.data_api.removeprefix("https://").split(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(50)]
    assert ask(f"{server.data_api}/", certificate[0]).status == 200
    for client in silent:
        client.close()


@pytest.mark.parametrize("arguments, scheme", [
    (["serve", "--listen", "127.0.0.1:0"], "http"),
    (["serve", "--listen", "127.0.0.1:0", "--require-tls"], "http"),
    (["serve", "--listen", "127.0.0.1:0", "--https"], "https"),
    (["serve", "--listen", "0.0.0.0:0", "--require-tls"], "https"),
    (["serve", "--listen", "127.0.0.1:0", "--http", "0.0.0.0:0", "--require-tls"], "https"),
    (["console", "--listen", "127.0.0.1:0"], "http"),
    (["console", "--listen", "127.0.0.1:0", "--https"], "https"),
])
def test_where_passwords_must_not_be_read_along_there_is_no_plain_http(arguments, scheme, tmp_path):
    command = [_find_binary(), "--quiet", "--warehouse", str(tmp_path / "w"), *arguments]
    started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url = next(line for line in started.stdout if line.startswith("http")).split("#")[0].strip()
        assert url.startswith(f"{scheme}://")
        assert ask(url).status == 200
    finally:
        started.terminate()
        started.communicate(timeout=60)
