"""The Redshift Data API through boto3.client("redshift-data")."""

import csv
import datetime
import io
import json
import time
import urllib.error
import urllib.request
import uuid

import boto3
import botocore.config
import botocore.exceptions
import pytest

from dwh import Server


def client_of(server, key="AKIATEST", secret="any"):
    return boto3.client("redshift-data", endpoint_url=server.data_api, region_name="us-west-2", aws_access_key_id=key,
                        aws_secret_access_key=secret, config=botocore.config.Config(retries={"max_attempts": 0}))


@pytest.fixture(scope="module")
def client(dwh_server):
    return client_of(dwh_server)


WHERE = {"ClusterIdentifier": "plays", "Database": "dev", "DbUser": "awsuser"}


def ended(client, statement_id):
    while True:
        described = client.describe_statement(Id=statement_id)
        if described["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return described
        time.sleep(0.05)


def run(client, sql, **more):
    """The description of a statement that has finished."""
    answer = client.execute_statement(Sql=sql, **{**WHERE, **more})
    described = ended(client, answer["Id"])
    assert described["Status"] == "FINISHED", described
    return described


def records(client, statement_id):
    pages = client.get_paginator("get_statement_result").paginate(Id=statement_id)
    return [record for page in pages for record in page["Records"]]


def failure(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def test_values_are_fields_of_their_types(client):
    described = run(client, """
        SELECT 1::smallint AS s, 2 AS i, 3::bigint AS b, 1.5::float4 AS f, -0.25::float8 AS d, 12.30::numeric(10,2) AS n, true AS t,
               'é"\\n'::varchar(20) AS v, 'abcd'::char(4) AS c, '2018-11-30'::date AS day, '2018-11-30 17:31:24.796'::timestamp AS at,
               '2018-11-30 17:31:24+00'::timestamptz AS atz, '10:11:12'::time AS tm, JSON_PARSE('[1,{"a":2}]') AS su, 'ab'::varbyte AS vb,
               NULL::int AS nothing""")
    assert described["HasResultSet"] and described["ResultRows"] == 1 and described["Duration"] > 0 and described["RedshiftPid"] > 0
    result = client.get_statement_result(Id=described["Id"])
    assert result["TotalNumRows"] == 1 and "NextToken" not in result
    assert result["Records"] == [[
        {"longValue": 1}, {"longValue": 2}, {"longValue": 3}, {"doubleValue": 1.5}, {"doubleValue": -0.25}, {"stringValue": "12.30"},
        {"booleanValue": True}, {"stringValue": 'é"\n'}, {"stringValue": "abcd"}, {"stringValue": "2018-11-30"},
        {"stringValue": "2018-11-30 17:31:24.796"}, {"stringValue": "2018-11-30 17:31:24+00"}, {"stringValue": "10:11:12"},
        {"stringValue": '[1,{"a":2}]'}, {"blobValue": b"ab"}, {"isNull": True},
    ]]
    columns = result["ColumnMetadata"]
    assert [column["name"] for column in columns][:3] == ["s", "i", "b"]
    assert [column["typeName"] for column in columns] == [
        "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "varchar", "bpchar", "date", "timestamp", "timestamptz", "time",
        "super", "varbyte", "int4"]
    assert (columns[5]["precision"], columns[5]["scale"], columns[5]["isSigned"]) == (10, 2, True)
    assert columns[7]["precision"] == 20 and columns[7]["label"] == "v"


def test_a_statement_without_rows_says_how_many_it_changed(client):
    run(client, "CREATE TABLE IF NOT EXISTS api_rows (a INT, b VARCHAR(20))")
    described = run(client, "INSERT INTO api_rows VALUES (1, 'x'), (2, 'y')")
    assert described["ResultRows"] == 2 and not described["HasResultSet"]
    assert failure(client.get_statement_result, Id=described["Id"]) == "ResourceNotFoundException"
    run(client, "DROP TABLE api_rows")


def test_named_parameters_are_texts_of_the_type_of_their_place(client):
    described = run(client, "SELECT :number::int + 1, :word, 'not :word', :word || '!' WHERE '2018-11-30'::date = :day",
                    Parameters=[{"name": "number", "value": "41"}, {"name": "word", "value": "it's ; --"}, {"name": "day", "value": "2018-11-30"}])
    assert records(client, described["Id"]) == [[{"longValue": 42}, {"stringValue": "it's ; --"}, {"stringValue": "not :word"},
                                                 {"stringValue": "it's ; --!"}]]
    assert described["QueryParameters"][0] == {"name": "number", "value": "41"}
    unused = [{"name": "nobody", "value": "1"}]
    assert failure(client.execute_statement, Sql="SELECT 1", Parameters=unused, **WHERE) == "ValidationException"


def test_large_results_come_in_pages(client):
    # 3^10 rows of some 50 bytes each are more than a page.
    ones = "(SELECT 'x' AS a UNION ALL SELECT 'y' UNION ALL SELECT 'z')"
    joins = ", ".join(f"{ones} t{i}" for i in range(10))
    described = run(client, f"SELECT {' || '.join(f't{i}.a' for i in range(10))} AS word, ROW_NUMBER() OVER () AS number FROM {joins}")
    assert described["ResultRows"] == 3**10
    first = client.get_statement_result(Id=described["Id"])
    assert "NextToken" in first and first["TotalNumRows"] == 3**10
    rows = records(client, described["Id"])
    assert len(rows) == 3**10 and len({row[0]["stringValue"] for row in rows}) == 3**10
    assert failure(client.get_statement_result, Id=described["Id"], NextToken="nonsense") == "ValidationException"


def test_csv_results(client):
    described = run(client, "SELECT 1 AS a, 'x,\"y\"' AS b, NULL AS c, '' AS d UNION ALL SELECT 2, 'z', 'w', 'v' ORDER BY 1", ResultFormat="CSV")
    assert described["ResultFormat"] == "CSV"
    result = client.get_statement_result_v2(Id=described["Id"])
    text = "".join(record["CSVRecords"] for record in result["Records"])
    assert list(csv.reader(io.StringIO(text))) == [["a", "b", "c", "d"], ["1", 'x,"y"', "", ""], ["2", "z", "w", "v"]]
    assert text.splitlines()[1] == '1,"x,""y""",,""'
    assert failure(client.get_statement_result, Id=described["Id"]) == "ValidationException"


def test_a_batch_is_one_transaction(client):
    run(client, "CREATE TABLE batched (a INT)")
    batch = client.batch_execute_statement(Sqls=["INSERT INTO batched VALUES (1)", "INSERT INTO batched VALUES (:a)", "SELECT * FROM batched ORDER BY 1"],
                                           Parameters=[{"name": "a", "value": "2"}], **WHERE)
    described = ended(client, batch["Id"])
    assert described["Status"] == "FINISHED" and described["HasResultSet"]
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED"] * 3
    assert [part["Id"] for part in described["SubStatements"]] == [f"{batch['Id']}:{n}" for n in (1, 2, 3)]
    assert records(client, f"{batch['Id']}:3") == [[{"longValue": 1}], [{"longValue": 2}]]

    batch = client.batch_execute_statement(Sqls=["INSERT INTO batched VALUES (3)", "SELECT * FROM nowhere", "SELECT 1"], **WHERE)
    described = ended(client, batch["Id"])
    assert described["Status"] == "FAILED" and "#2" in described["Error"] and 'relation "nowhere" does not exist' in described["Error"]
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    count = run(client, "SELECT COUNT(*) FROM batched")
    assert records(client, count["Id"]) == [[{"longValue": 2}]]

    batch = client.batch_execute_statement(Sqls=["INSERT INTO batched VALUES (3)", "SELECT * FROM nowhere"], ExecutionMode="AUTO_COMMIT", **WHERE)
    assert ended(client, batch["Id"])["Status"] == "FAILED"
    count = run(client, "SELECT COUNT(*) FROM batched")
    assert records(client, count["Id"]) == [[{"longValue": 3}]]
    run(client, "DROP TABLE batched")
    assert failure(client.batch_execute_statement, Sqls=["SELECT 1"] * 41, **WHERE) == "ValidationException"


def test_errors_are_told_by_the_description(client):
    answer = client.execute_statement(Sql="SELECT nope FROM pg_tables", **WHERE)
    described = ended(client, answer["Id"])
    assert described["Status"] == "FAILED" and described["Error"].startswith("ERROR: ") and 'column "nope" does not exist' in described["Error"]
    assert failure(client.get_statement_result, Id=answer["Id"]) == "ResourceNotFoundException"
    assert failure(client.describe_statement, Id=str(uuid.uuid4())) == "ResourceNotFoundException"
    for wrong in ({"Database": "nowhere"}, {"DbUser": "nobody"}):
        answer = client.execute_statement(Sql="SELECT 1", **{**WHERE, **wrong})
        described = ended(client, answer["Id"])
        assert described["Status"] == "FAILED" and described["Error"].startswith("FATAL: ")
    assert failure(client.list_tables, **{**WHERE, "DbUser": "nobody"}) == "DatabaseConnectionException"
    assert failure(client.execute_statement, Sql="SELECT 1", **WHERE, WorkgroupName="default") == "ValidationException"
    assert failure(client.execute_statement, Sql="SELECT '" + "x" * 102_400 + "'", **WHERE) == "ValidationException"


def test_a_statement_can_be_cancelled(client):
    run(client, "CREATE TABLE four AS SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4")
    joins = ", ".join(f"four f{i}" for i in range(16))
    answer = client.execute_statement(Sql=f"SELECT COUNT(*) FROM {joins} WHERE f0.a + f1.a + f2.a > f15.a", **WHERE)
    while client.describe_statement(Id=answer["Id"])["Status"] != "STARTED":
        time.sleep(0.02)
    assert client.cancel_statement(Id=answer["Id"])["Status"] is True
    described = ended(client, answer["Id"])
    assert described["Status"] == "ABORTED"
    assert failure(client.cancel_statement, Id=answer["Id"]) == "ValidationException"
    run(client, "DROP TABLE four")


def test_statements_are_listed_the_newest_first(client):
    name = f"listed-{uuid.uuid4()}"
    ids = [run(client, f"SELECT {n}", StatementName=f"{name}-{n}")["Id"] for n in range(5)]
    pages = client.get_paginator("list_statements").paginate(StatementName=name, PaginationConfig={"PageSize": 2})
    found = [statement for page in pages for statement in page["Statements"]]
    assert [statement["Id"] for statement in found] == ids[::-1]
    assert found[0]["QueryString"] == "SELECT 4" and found[0]["Status"] == "FINISHED"
    age = datetime.datetime.now(datetime.timezone.utc) - found[0]["CreatedAt"]
    assert abs(age.total_seconds()) < 60
    assert client.list_statements(StatementName=name, Status="FAILED")["Statements"] == []
    assert failure(client.list_statements, Status="SUBMITED") == "ValidationException"


def test_a_token_makes_a_request_idempotent(client):
    run(client, "CREATE TABLE once (a INT)")
    token = str(uuid.uuid4())
    first, second = (client.execute_statement(Sql="INSERT INTO once VALUES (1)", ClientToken=token, **WHERE) for _ in range(2))
    assert first["Id"] == second["Id"]
    ended(client, first["Id"])
    assert records(client, run(client, "SELECT COUNT(*) FROM once")["Id"]) == [[{"longValue": 1}]]
    assert failure(client.execute_statement, Sql="SELECT 2", ClientToken=token, **WHERE) == "ValidationException"
    run(client, "DROP TABLE once")


def test_waiting_answers_when_the_statement_has_ended(client):
    answer = client.execute_statement(Sql="SELECT 7 AS seven", WaitTimeSeconds=10, **WHERE)
    assert answer["Status"] == "FINISHED" and answer["HasResultSet"]
    assert client.get_statement_result(Id=answer["Id"], WaitTimeSeconds=5)["Records"] == [[{"longValue": 7}]]


def test_a_session_is_kept_between_statements(client):
    first = run(client, "CREATE TEMP TABLE kept AS SELECT 5 AS a", SessionKeepAliveSeconds=60)
    session = first["SessionId"]
    answer = client.execute_statement(Sql="SELECT a FROM kept", SessionId=session)
    assert ended(client, answer["Id"])["Status"] == "FINISHED"
    assert records(client, answer["Id"]) == [[{"longValue": 5}]]
    listed = client.list_sessions(SessionId=session)["Sessions"]
    assert listed[0]["Status"] == "AVAILABLE" and listed[0]["DbUser"] == "awsuser"
    answer = client.execute_statement(Sql="SELECT 1", SessionId=session, SessionKeepAliveSeconds=0)
    ended(client, answer["Id"])
    assert failure(client.execute_statement, Sql="SELECT 1", SessionId=session) == "ResourceNotFoundException"
    # Without it each statement has a session of its own.
    assert ended(client, client.execute_statement(Sql="SELECT a FROM kept", **WHERE)["Id"])["Status"] == "FAILED"


def test_a_kept_session_ends_by_itself(client):
    session = run(client, "CREATE TEMP TABLE kept AS SELECT 5 AS a", SessionKeepAliveSeconds=1)["SessionId"]
    time.sleep(1.5)
    assert client.list_sessions(SessionId=session)["Sessions"] == []


def test_the_catalog_is_browsed(client, browsed):
    assert client.list_databases(**WHERE)["Databases"] == ["dev"]
    assert "browse" in client.list_schemas(**WHERE)["Schemas"]
    assert client.list_schemas(SchemaPattern="bro%", **WHERE)["Schemas"] == ["browse"]
    tables = client.list_tables(SchemaPattern="browse", **WHERE)["Tables"]
    assert {"TABLE", "VIEW"} <= {table["type"] for table in tables} and {table["schema"] for table in tables} == {"browse"}
    pages = client.get_paginator("list_tables").paginate(SchemaPattern="browse", **WHERE, PaginationConfig={"PageSize": 1})
    assert [page["Tables"][0]["name"] for page in pages] == [table["name"] for table in tables]
    run(client, "CREATE TABLE browse.described (id INT NOT NULL DEFAULT 7, name VARCHAR(30), price NUMERIC(8,3), at TIMESTAMP)")
    described = client.describe_table(Schema="browse", Table="described", **WHERE)
    assert described["TableName"] == "described"
    columns = described["ColumnList"]
    assert [(column["name"], column["typeName"], column["nullable"]) for column in columns] == [
        ("id", "int4", 0), ("name", "varchar", 1), ("price", "numeric", 1), ("at", "timestamp", 1)]
    assert columns[0]["columnDefault"] == "7" and columns[1]["length"] == 30
    assert (columns[2]["precision"], columns[2]["scale"]) == (8, 3)
    run(client, "DROP TABLE browse.described")


def test_each_user_has_its_own_rights(client):
    run(client, "CREATE USER api_reader PASSWORD 'Reader1Reader'")
    run(client, "CREATE TABLE secret_plays (a INT)")
    for who in ({"DbUser": "api_reader"}, {"DbUser": None, "SecretArn": "arn:aws:secretsmanager:us-west-2:123456789012:secret:api_reader-AbCdEf"}):
        where = {name: value for name, value in {**WHERE, **who}.items() if value is not None}
        described = ended(client, client.execute_statement(Sql="SELECT current_user", **where)["Id"])
        assert records(client, described["Id"]) == [[{"stringValue": "api_reader"}]]
        described = ended(client, client.execute_statement(Sql="SELECT * FROM secret_plays", **where)["Id"])
        assert described["Status"] == "FAILED" and "permission denied" in described["Error"]
    # The caller's own identity is the owner's, on a workgroup or a cluster.
    answer = client.execute_statement(Sql="SELECT current_user", WorkgroupName="default", Database="dev")
    ended(client, answer["Id"])
    assert records(client, answer["Id"]) == [[{"stringValue": "awsuser"}]]
    run(client, "DROP TABLE secret_plays")


def test_keys_in_a_statement_are_not_shown(client):
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
    answer = client.execute_statement(
        Sql=f"COPY nowhere FROM 's3://lake/x' ACCESS_KEY_ID 'AKIAIOSFODNN7EXAMPLE' SECRET_ACCESS_KEY '{secret}' JSON 'auto'", **WHERE)
    assert secret not in str(ended(client, answer["Id"])) and secret not in str(client.list_statements())


def test_requests_must_be_signed(dwh_server):
    def post(headers):
        headers = {"X-Amz-Target": "RedshiftData.ListStatements", "Content-Type": "application/x-amz-json-1.1", **headers}
        request = urllib.request.Request(dwh_server.data_api, data=b"{}", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request)
        return raised.value.code, json.loads(raised.value.read())["__type"]

    assert post({}) == (403, "MissingAuthenticationTokenException")
    assert post({"Authorization": "Bearer abc"}) == (403, "IncompleteSignatureException")
    signed = "AWS4-HMAC-SHA256 Credential=A/20261129/us-west-2/redshift-data/aws4_request, SignedHeaders=host, Signature=00"
    # A page of a browser that reaches this port by a name of its own.
    assert post({"Authorization": signed, "Host": "evil.example"}) == (403, "AccessDeniedException")
    assert post({"Authorization": signed, "X-Amz-Target": "RedshiftData.DropEverything"}) == (400, "UnknownOperationException")


def test_with_a_key_signatures_are_checked():
    key = {"DWH_HTTP_ACCESS_KEY_ID": "AKIADWH", "DWH_HTTP_SECRET_ACCESS_KEY": "s3cret"}
    with Server(environment=key) as server:
        right = client_of(server, "AKIADWH", "s3cret")
        assert right.list_databases(**WHERE)["Databases"] == ["dev"]
        assert failure(client_of(server, "AKIADWH", "wrong").list_databases, **WHERE) == "InvalidSignatureException"
        assert failure(client_of(server, "AKIAOTHER", "s3cret").list_databases, **WHERE) == "UnrecognizedClientException"
