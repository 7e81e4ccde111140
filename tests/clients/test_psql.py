"""psql: the commands that describe, which read pg_catalog (PostgreSQL documentation, psql)."""

import os
import shutil
import subprocess

import pytest

psql = shutil.which("psql")
pytestmark = pytest.mark.skipif(psql is None, reason="psql is not installed")


def run(server, *commands, **options):
    environment = {**os.environ, "PGPASSWORD": server.password, "PGOPTIONS": options.pop("options", "")}
    arguments = [psql, "-X", "-A", "-h", server.host, "-p", str(server.port), "-U", server.user, server.database]
    for command in commands:
        arguments += ["-c", command]
    ran = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0 and "ERROR" not in ran.stderr, ran.stderr
    return ran.stdout


def test_tables_and_views_are_listed(browsed):
    listed = run(browsed, r"\dt browse.*")
    assert "browse|plays|table|awsuser" in listed and "browse|songs|table|awsuser" in listed
    assert "titles" not in listed
    assert "browse|titles|view|awsuser" in run(browsed, r"\dv browse.*")
    assert "No relations" not in run(browsed, "SET search_path TO browse", r"\d")
    assert "the catalog of songs" in run(browsed, r"\dt+ browse.*")


def test_a_table_is_described(browsed):
    described = run(browsed, r"\d browse.songs")
    for line in (
        'Table "browse.songs"',
        "song_id|character varying(18)||not null|",
        "title|character varying(256)||not null|",
        "year|smallint|||0",
        "duration|numeric(10,5)|||",
    ):
        assert line in described, described
    assert '"songs_pkey" PRIMARY KEY, btree (song_id)' in described
    assert "browse|songs_pkey|index|awsuser|songs" in run(browsed, r"\di browse.*")
    assert "as on the cover" in run(browsed, r"\d+ browse.songs")
    assert "SELECT title FROM browse.songs" in run(browsed, r"\d+ browse.titles")


@pytest.mark.parametrize("command", [r"\dn", r"\dn+", r"\l", r"\du", r"\df", r"\di", r"\ds", r"\dT", r"\db", r"\dp browse.*",
                                     r"\dd", r"\dS pg_class", r"\dL", r"\sv browse.titles", r"\conninfo", r"\encoding"])
def test_the_other_lists_answer(browsed, command):
    run(browsed, command)


def test_schemas_databases_and_users_have_rows(browsed):
    assert "browse|awsuser" in run(browsed, r"\dn")
    assert "dev|awsuser|UTF8" in run(browsed, r"\l")
    assert "awsuser" in run(browsed, r"\du")


def test_positions_and_hints_are_shown(browsed):
    environment = {**os.environ, "PGPASSWORD": browsed.password}
    where = ["-h", browsed.host, "-p", str(browsed.port), "-U", browsed.user, browsed.database]
    ran = subprocess.run([psql, "-X", *where, "-c", "SELECT\n  nope FROM browse.songs"], env=environment,
                         capture_output=True, text=True, timeout=60)
    assert 'ERROR:  column "nope" does not exist\nLINE 2:   nope FROM browse.songs\n          ^' in ran.stderr
