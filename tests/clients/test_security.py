"""What keeps others out: addresses, TLS, limits, local files, keys."""

import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg2
import pytest

from dwh import Server
from dwh.server import _find_binary
from places import connect_when_one_is_free

sys.path.insert(0, str(Path(__file__).parents[1] / "engines"))

import protocol  # noqa: E402


def where(server):
    return dict(host=server.host, port=server.port, user=server.user, database=server.database, password=server.password)


def test_the_server_listens_on_loopback_unless_told(dwh_server):
    assert dwh_server.host == "127.0.0.1"
    listening = {line.split()[1] for line in Path(f"/proc/{dwh_server.pid}/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"}
    assert f"0100007F:{dwh_server.port:04X}" in listening and f"00000000:{dwh_server.port:04X}" not in listening


def test_the_data_api_is_not_answered_unless_asked_for(tmp_path):
    """Without a key whoever reaches it is trusted: --http must be given, and be of loopback."""
    for arguments, is_answered in ((["--listen", "127.0.0.1:0"], False), (["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"], True),
                                   (["--listen", "127.0.0.1:0", "--http", "0.0.0.0:0"], False)):
        command = [_find_binary(), "--quiet", "--warehouse", str(tmp_path / "w"), "serve", *arguments]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = [server.stdout.readline() for _ in range(3)]
        port = int(lines[2].rsplit(":", 1)[1].strip("/ \n"))
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", data=b"{}", headers={"X-Amz-Target": "RedshiftData.ListStatements"})
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request)
        server.terminate()
        server.communicate(timeout=60)
        assert ("x-amzn-errortype" in raised.value.headers) is is_answered, lines


def test_wrong_passwords_are_answered_later_and_later(dwh_server):
    times = []
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(psycopg2.OperationalError):
            dwh_server.connect(password="wrong", sslmode="disable")
        times.append(time.monotonic() - began)
    assert times[0] >= 0.2 and times[2] >= 0.9 and times[2] > times[1] > times[0]
    dwh_server.connect().close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], cwd=folder, check=True, capture_output=True)
    return folder


def test_a_given_certificate_is_checked_by_clients(certificate):
    arguments = ["--tls-cert", str(certificate / "cert.pem"), "--tls-key", str(certificate / "key.pem"), "--require-tls"]
    with Server(arguments) as server:
        connection = server.connect(sslmode="verify-full", sslrootcert=str(certificate / "cert.pem"))
        assert connection.info.ssl_in_use and connection.info.ssl_attribute("protocol") in ("TLSv1.2", "TLSv1.3")
        connection.close()
        with pytest.raises(psycopg2.OperationalError, match="SSL off"):
            server.connect(sslmode="disable")
    with Server() as server, pytest.raises(psycopg2.OperationalError, match="certificate verify failed"):
        server.connect(sslmode="verify-full", sslrootcert=str(certificate / "cert.pem"))


def test_messages_statements_and_start_ups_have_limits(dwh_server):
    connection = dwh_server.connect()
    cursor = connection.cursor()
    with pytest.raises(psycopg2.Error, match="Statement is too large. Statement Size: 178"):
        cursor.execute("SELECT '" + "x" * (17 << 20) + "'")
    # The connection goes on: the message has gone by.
    connection.rollback()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
    connection.close()
    # A length that no packet has: nothing is waited for or kept.
    for length in (3, 20_000, 2**31 - 1, -5):
        with socket.create_connection((dwh_server.host, dwh_server.port), timeout=10) as sock:
            sock.sendall(struct.pack("!i", length))
            try:
                assert sock.recv(1000) == b""
            except ConnectionResetError:
                pass
    sock, buffer = protocol.log_in(where(dwh_server))
    sock.sendall(b"Q" + struct.pack("!i", -7))
    tag, body = protocol.receive(sock, buffer)
    assert tag == b"E" and b"08P01" in body and protocol.receive(sock, buffer) is None
    sock.close()


def test_who_does_not_log_in_holds_no_place_for_ever():
    # The limit is a minute; here only that a place is held by who has begun to log in, and until they have gone.
    with Server(["--max-connections", "1"]) as server:
        silent = socket.create_connection((server.host, server.port))
        begun = socket.create_connection((server.host, server.port))
        begun.sendall(protocol.startup(user=server.user, database=server.database))
        assert protocol.receive(begun, bytearray())[0] == b"R"
        with pytest.raises(psycopg2.OperationalError, match="connection limit"):
            server.connect()
        begun.close()
        connect_when_one_is_free(server).close()
        silent.close()


def run(server, *statements):
    connection = server.connect()
    connection.autocommit = True
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    rows = cursor.fetchall() if cursor.description else None
    connection.close()
    return rows


def test_local_files_are_closed_to_clients(dwh_server, tmp_path):
    (tmp_path / "rows.csv").write_text("1\n2\n")
    run(dwh_server, "CREATE TABLE IF NOT EXISTS from_files (a INT)")
    for path in (tmp_path / "rows.csv", f"file://{tmp_path}/rows.csv", "/etc/passwd"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="may not use the local path"):
            run(dwh_server, f"COPY from_files FROM '{path}' CSV")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="may not use the local path"):
            run(dwh_server, f"UNLOAD ('SELECT 1') TO '{path}_out'")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_a_folder_can_be_opened_to_clients(tmp_path, s3, s3_environment):
    shared, outside = tmp_path / "shared", tmp_path / "outside"
    shared.mkdir(), outside.mkdir()
    (shared / "rows.csv").write_text("1\n2\n")
    (outside / "rows.csv").write_text("3\n")
    (shared / "link").symlink_to(outside)
    with Server(["--local-files", str(shared)], environment=s3_environment) as server:
        run(server, "CREATE TABLE t (a INT)", f"COPY t FROM '{shared}/rows.csv' CSV")
        assert run(server, "SELECT SUM(a) FROM t") == [(3,)]
        run(server, f"UNLOAD ('SELECT * FROM t') TO '{shared}/out/part_'")
        assert list((shared / "out").iterdir())
        for path in (outside / "rows.csv", shared / "../outside/rows.csv", shared / "link/rows.csv"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                run(server, f"COPY t FROM '{path}' CSV")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run(server, f"UNLOAD ('SELECT 1') TO '{shared}/link/x'")
        # Not by way of a manifest or a JSONPaths file either.
        s3.put_object(Bucket="lake", Key="manifest", Body=f'{{"entries": [{{"url": "file://{outside}/rows.csv", "mandatory": true}}]}}')
        s3.put_object(Bucket="lake", Key="one.json", Body='{"a": 1}')
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run(server, "COPY t FROM 's3://lake/manifest' IAM_ROLE default MANIFEST CSV")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run(server, f"COPY t FROM 's3://lake/one.json' IAM_ROLE default JSON '{outside}/rows.csv'")
        assert run(server, "SELECT SUM(a) FROM t") == [(3,)]


def test_keys_of_s3_are_never_readable(lake, s3, s3_environment):
    """Neither the server's own nor those in a COPY: not in system tables, settings, errors or the log."""
    own, given = s3_environment["AWS_SECRET_ACCESS_KEY"], "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
    s3.put_object(Bucket="lake", Key="keys/rows.csv", Body="1\nno number\n")
    connection = lake.connect()
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE IF NOT EXISTS keyed (a INT)")
    keys = f"ACCESS_KEY_ID 'AKIAIOSFODNN7EXAMPLE' SECRET_ACCESS_KEY '{given}'"
    texts = []
    for authorization in (keys, f"CREDENTIALS 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key={given}'", "IAM_ROLE default"):
        for source in ("s3://lake/keys/rows.csv", "s3://nowhere/at/all"):
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(f"COPY keyed FROM '{source}' {authorization} CSV")
            texts.append(str(raised.value))
    with pytest.raises(psycopg2.Error) as raised:
        cursor.execute(f"COPPY keyed FROM 's3://lake/keys/rows.csv' {keys}")
    texts.append(raised.value.diag.message_primary)
    cursor.execute("SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace")
    tables = {row[0] for row in cursor.fetchall()}
    tables |= {"stl_query", "stl_querytext", "stl_load_errors", "stl_utilitytext", "sys_query_history", "sys_query_text", "sys_load_history",
               "svl_statementtext", "svl_qlog", "stv_recents", "pg_settings", "stl_error"}
    shown = 0
    for table in sorted(tables):
        try:
            cursor.execute(f"SELECT * FROM {table}")
            texts.append(str(cursor.fetchall()))
            shown += 1
        except psycopg2.Error:
            pass
    assert shown > 20
    cursor.execute("SHOW ALL")
    texts += [str(cursor.fetchall()), lake.log]
    for secret in (own, given):
        assert not [text for text in texts if secret in text]
    connection.close()
