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


# Every command that describes, and a line of its answer; what psql itself does not ask servers before a version says so.
NOT_ASKED = "The server (version 8.0) does not support"
DESCRIBE = [
    (r"\d", "public|"), (r"\d+", "public|"), (r"\d browse.*", 'Table "browse.plays"'), (r"\d+ browse.*", 'View "browse.titles"'),
    (r"\dS pg_class", "relname|character varying(128)"), (r"\d browse.songs_pkey", "song_id|character varying(18)"),
    (r"\da", "schema|name"), (r"\daS sum", "pg_catalog|sum|bigint|integer"), (r"\da+ sum", "pg_catalog|sum"), (r"\dA", NOT_ASKED),
    (r"\dAc", "am|input type"), (r"\dAf", "am|operator family"), (r"\dAo", "operator"), (r"\dAp+", "function"),
    (r"\db", "pg_default|rdsdb"), (r"\db+", "pg_default|rdsdb|||"), (r"\dc", "schema|name"), (r"\dc+", "description"), (r"\dcS *", "source"),
    (r"\dconfig", "application_name|psql"), (r"\dconfig+ search_path", "search_path|"),
    (r"\dC", "integer|bigint||yes"), (r"\dC+", "bigint|integer||in assignment"), (r"\dC text", "text|character varying|(binary coercible)|yes"),
    (r"\dd", "object|description"), (r"\dd browse.*", "object|description"), (r"\ddp", "owner|schema|type"), (r"\ddp browse", "owner|schema"),
    (r"\dD", "check"), (r"\dD+", "access privileges"), (r"\des", "name|owner"), (r"\des+", "fdw options"), (r"\det", "server"),
    (r"\det+", "fdw options"), (r"\deu", "user name"), (r"\deu+", "fdw options"), (r"\dew", "handler"), (r"\dew+", "fdw options"),
    (r"\df", "public|f_twice|integer|integer|func"), (r"\df+ f_twice", "immutable|awsuser|invoker||sql"), (r"\df browse.*", "schema|name"),
    (r"\dfS lower", "pg_catalog|lower|text|text|func"), (r"\dfa", "type"), (r"\dfn", "f_twice"), (r"\dft", "type"), (r"\dfw", "type"),
    (r"\dF", "description"), (r"\dF+", ""), (r"\dFd", "description"), (r"\dFd+", "template"), (r"\dFp", "description"), (r"\dFp+", ""),
    (r"\dFt", "description"), (r"\dFt+", "lexize"), (r"\dg", "awsuser|Superuser"), (r"\dg+", "awsuser|Superuser"), (r"\dg awsuser", "awsuser"),
    (r"\di browse.*", "browse|songs_pkey|index|awsuser|songs"), (r"\di+ browse.*", "songs_pkey"), (r"\dl", "id|owner"), (r"\dL", "trusted"),
    (r"\dL+", "validator"), (r"\dLS", "plpythonu|rdsdb|t"), (r"\dm", ""), (r"\dm+", ""), (r"\dn", "browse|awsuser"), (r"\dn+", "browse|awsuser|"),
    (r"\dnS", "pg_catalog|rdsdb"), (r"\dn br*", "browse|awsuser"), (r"\do", "left arg type"), (r"\do+", "function"), (r"\doS", "left arg type"),
    (r"\dO", "collate"), (r"\dO+", "description"), (r"\dOS", "provider"), (r"\dp browse.*", "browse|plays|table"), (r"\dP", NOT_ASKED),
    (r"\drds", "did not find any settings"), (r"\dRp", NOT_ASKED), (r"\dRs", NOT_ASKED), (r"\ds", ""), (r"\ds+", ""), (r"\dt browse.*", "browse|songs|table"),
    (r"\dt+ browse.*", "the catalog of songs"), (r"\dt *.songs", "browse|songs|table"), (r"\dtS pg_c*", "pg_catalog|pg_class|table"),
    (r"\dT", "description"), (r"\dT+", "access privileges"), (r"\dTS int*", "pg_catalog|integer"), (r"\dTS+ int*", "int4"),
    (r"\du", "awsuser|Superuser"), (r"\du+", "awsuser|Superuser"), (r"\dv browse.*", "browse|titles|view"), (r"\dv+ browse.*", "titles"),
    (r"\dx", "name|version"), (r"\dx+", ""), (r"\dX", NOT_ASKED), (r"\dy", NOT_ASKED), (r"\dE", ""), (r"\dit browse.*", "plays_pkey"),
    (r"\l", "dev|awsuser|UTF8"), (r"\l+", "pg_default"), (r"\l dev", "dev|awsuser"), (r"\lo_list", "owner"), (r"\sf f_twice", "AS $function$"),
    (r"\sf+ f_twice(int)", "RETURNS integer"), (r"\sf lower", "pg_catalog.lower(text)"), (r"\sv browse.titles", "SELECT title FROM browse.songs"),
    (r"\sv+ browse.titles", "SELECT title"), (r"\z", "access privileges"), (r"\z browse.*", "browse|songs|table"), (r"\conninfo", "port"),
    (r"\encoding", "UTF8"),
]


@pytest.fixture(scope="module")
def described(browsed):
    """The server with a function too."""
    run(browsed, "DROP TABLE IF EXISTS seen; CREATE TABLE seen (a INT)")
    run(browsed, "CREATE OR REPLACE FUNCTION f_twice(INT) RETURNS INT IMMUTABLE AS $$ SELECT $1 * 2 $$ LANGUAGE sql")
    return browsed


@pytest.mark.parametrize("command, line", DESCRIBE, ids=[command for command, _ in DESCRIBE])
def test_every_command_that_describes_answers(described, command, line):
    environment = {**os.environ, "PGPASSWORD": described.password}
    where = ["-h", described.host, "-p", str(described.port), "-U", described.user, described.database]
    ran = subprocess.run([psql, "-X", "-A", *where, "-c", command], env=environment, capture_output=True, text=True, timeout=60)
    assert "ERROR" not in ran.stderr and line.lower() in (ran.stdout + ran.stderr).lower(), ran.stdout + ran.stderr


def test_foreign_keys_are_shown_at_both_tables(browsed):
    key = '"plays_song_id_fkey" FOREIGN KEY (song_id) REFERENCES browse.songs(song_id)'
    assert f"Foreign-key constraints:\n    {key}" in run(browsed, r"\d browse.plays")
    assert f'Referenced by:\n    TABLE "browse.plays" CONSTRAINT {key}' in run(browsed, r"\d browse.songs")


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
