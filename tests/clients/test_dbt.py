"""dbt-redshift with the small project in dbt_project/: everything twice, the second time with new data."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).with_name("dbt_project")


@pytest.fixture(scope="module")
def project(dwh_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dbt") / "project"
    shutil.copytree(PROJECT, folder)
    run_sql(dwh_server, "CREATE USER reader PASSWORD 'Reader1Reader'")
    return folder


def run_sql(server, sql):
    connection = server.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else None
    connection.close()
    return rows


def dbt(project, server, *arguments):
    environment = {
        **os.environ, "DBT_HOST": server.host, "DBT_PORT": str(server.port), "DBT_USER": server.user,
        "DBT_PASSWORD": server.password, "DBT_DATABASE": server.database, "DBT_PROFILES_DIR": str(project),
    }
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments, "--project-dir", str(project)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def change(path, *replacements, more=""):
    text = path.read_text()
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text + more)


def test_a_project_is_built_tested_documented_and_built_again(project, dwh_server):
    # seed, run, snapshot and test, in the order of the graph.
    dbt(project, dwh_server, "build")
    assert run_sql(dwh_server, "SELECT day::varchar, level, plays, songs FROM analytics.plays_of_days ORDER BY 1, 2") == [
        ("2018-11-01", "free", 1, "Ob-La-Di"), ("2018-11-01", "paid", 1, "Été, encore"),
        ("2018-11-02", "free", 1, "Yesterday"), ("2018-11-03", "paid", 1, None),
    ]
    assert run_sql(dwh_server, "SELECT COUNT(*) FROM snapshots.users_over_time") == [(3,)]

    change(project / "seeds/raw_plays.csv", ("4,12,,paid,10", "4,12,Help,paid,140"), more="5,11,Girl,free,150,2018-11-04 08:00:00\n")
    change(project / "seeds/raw_users.csv", ("11,Bo,free,2018-11-01", "11,Bo,paid,2018-11-04"), more="13,Di,free,2018-11-04 00:00:00\n")
    for command in ("seed", "run", "snapshot", "test"):
        dbt(project, dwh_server, command)
    for table in ("plays_delete_insert", "plays_merge"):
        plays = run_sql(dwh_server, f"SELECT play_id, song FROM analytics.{table} ORDER BY 1")
        assert plays == [(1, "Ob-La-Di"), (2, "Été, encore"), (3, "Yesterday"), (4, "Help"), (5, "Girl")], table
    assert run_sql(dwh_server, "SELECT COUNT(*), COUNT(DISTINCT play_id) FROM analytics.plays_append") == [(5, 5)]
    assert run_sql(dwh_server, "SELECT seconds::int FROM analytics.seconds_of_users WHERE user_id = 11") == [(275,)]
    for snapshot in ("users_over_time", "users_by_timestamp"):
        versions = run_sql(dwh_server, f"SELECT user_id, level, dbt_valid_to IS NULL FROM snapshots.{snapshot} ORDER BY 1, 3")
        assert versions == [(10, "paid", True), (11, "free", False), (11, "paid", True), (12, "paid", True), (13, "free", True)], snapshot

    dbt(project, dwh_server, "docs", "generate")
    catalog = json.loads((project / "target" / "catalog.json").read_text())
    users = catalog["nodes"]["model.plays.users"]
    assert users["metadata"]["comment"] == "who listens" and users["columns"]["user_id"]["comment"] == "number of the user"
    assert users["columns"]["last_play"]["type"] == "timestamp without time zone"
    assert "model.plays.plays_of_days" in catalog["nodes"] and catalog["errors"] is None

    # A full refresh, and dbt's own question whether the profile works.
    dbt(project, dwh_server, "run", "--full-refresh", "--select", "plays_merge+", "users")
    assert "All checks passed" in dbt(project, dwh_server, "debug")
    assert run_sql(dwh_server, "SELECT has_table_privilege('reader', 'analytics.users', 'select')") == [(True,)]
