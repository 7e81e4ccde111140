"""Users of the warehouse over the wire: passwords, and privileges that hold for who has proven to be whom."""

import psycopg
import psycopg2
import pytest
import redshift_connector

from dwh import Server

PASSWORDS = {"alice": "Wonder4Land", "bob": "Build3rBob"}


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        owner = server.connect()
        owner.autocommit = True
        cursor = owner.cursor()
        for user, password in PASSWORDS.items():
            cursor.execute(f"CREATE USER {user} PASSWORD %s", [password])
        cursor.execute("CREATE TABLE plays (song VARCHAR(20), seconds INT)")
        cursor.execute("INSERT INTO plays VALUES ('Ob-La-Di', 188)")
        cursor.execute("GRANT SELECT ON plays TO alice")
        owner.close()
        yield server


def connect(server, user, password=None, **options):
    return server.connect(user=user, password=password or PASSWORDS[user], **options)


def run(server, *statements):
    """As the owner."""
    connection = server.connect()
    connection.autocommit = True
    for statement in statements:
        connection.cursor().execute(statement)
    connection.close()


def test_each_user_has_its_own_rights(server):
    with connect(server, "alice") as alice, connect(server, "bob") as bob:
        cursor = alice.cursor()
        cursor.execute("SELECT current_user, session_user, song FROM plays")
        assert cursor.fetchall() == [("alice", "alice", "Ob-La-Di")]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="permission denied for relation plays"):
            cursor.execute("DELETE FROM plays")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            bob.cursor().execute("SELECT * FROM plays")
        assert alice.get_parameter_status("is_superuser") == "off"
        assert alice.get_parameter_status("session_authorization") == "alice"


def test_a_grant_counts_for_a_connection_that_is_open_and_a_revoke_too(server):
    bob = connect(server, "bob")
    bob.autocommit = True
    cursor = bob.cursor()
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SELECT * FROM plays")
    run(server, "GRANT SELECT, INSERT ON plays TO bob")
    cursor.execute("INSERT INTO plays VALUES ('Yesterday', 125)")
    run(server, "REVOKE ALL ON plays FROM bob", "DELETE FROM plays WHERE song = 'Yesterday'")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SELECT * FROM plays")
    bob.close()


def test_no_user_becomes_another(server):
    alice = connect(server, "alice")
    alice.autocommit = True
    cursor = alice.cursor()
    for statement in ("SET SESSION AUTHORIZATION bob", "SET session_authorization TO 'awsuser'", "SET ROLE bob",
                      "CREATE USER eve PASSWORD 'Evil0Evil'", "ALTER USER alice CREATEUSER"):
        with pytest.raises(psycopg2.Error):
            cursor.execute(statement)
    cursor.execute("SELECT current_user")
    assert cursor.fetchone() == ("alice",)
    alice.close()
    sneaky = connect(server, "alice", options="-c session_authorization=awsuser")
    cursor = sneaky.cursor()
    cursor.execute("SELECT current_user, session_user")
    assert cursor.fetchone() == ("alice", "alice")
    sneaky.close()


def test_the_owner_can_act_as_a_user_and_is_told_so(server):
    owner = server.connect()
    cursor = owner.cursor()
    cursor.execute("SET SESSION AUTHORIZATION bob")
    assert owner.get_parameter_status("session_authorization") == "bob"
    assert owner.get_parameter_status("is_superuser") == "off"
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SELECT * FROM plays")
    owner.rollback()
    cursor.execute("RESET SESSION AUTHORIZATION")
    assert owner.get_parameter_status("is_superuser") == "on"
    owner.close()


@pytest.mark.parametrize("user, password", [("alice", "wrong"), ("alice", "Build3rBob"), ("nobody", "Wonder4Land")])
def test_who_does_not_prove_the_password_stays_out(server, user, password):
    with pytest.raises(psycopg2.OperationalError, match=f'password authentication failed for user "{user}"'):
        connect(server, user, password, sslmode="disable")


def test_passwords_change_end_and_are_disabled(server):
    run(server, "CREATE USER carol PASSWORD 'Carol1Carol'")
    connect(server, "carol", "Carol1Carol").close()
    own = connect(server, "carol", "Carol1Carol")
    own.autocommit = True
    own.cursor().execute("ALTER USER carol PASSWORD 'Carol2Carol'")
    with pytest.raises(psycopg2.OperationalError):
        connect(server, "carol", "Carol1Carol")
    connect(server, "carol", "Carol2Carol").close()
    run(server, "ALTER USER carol VALID UNTIL '2001-01-01'")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(server, "carol", "Carol2Carol")
    run(server, "ALTER USER carol VALID UNTIL 'infinity'")
    connect(server, "carol", "Carol2Carol").close()
    run(server, "ALTER USER carol PASSWORD DISABLE")
    for password in ("Carol2Carol", "", "DISABLE"):
        with pytest.raises(psycopg2.OperationalError):
            server.connect(user="carol", password=password)
    # Sessions that are open go on (RS 8.3).
    cursor = own.cursor()
    cursor.execute("SELECT 1")
    own.close()


def test_a_connection_limit_counts_sessions(server):
    run(server, "CREATE USER dave PASSWORD 'Dave1Dave' CONNECTION LIMIT 2")
    first, second = connect(server, "dave", "Dave1Dave"), connect(server, "dave", "Dave1Dave")
    with pytest.raises(psycopg2.OperationalError, match='too many connections for user "dave"'):
        connect(server, "dave", "Dave1Dave")
    first.close()
    for attempt in range(50):
        try:
            third = connect(server, "dave", "Dave1Dave")
            break
        except psycopg2.OperationalError:
            pass  # The server has not yet seen that the first has gone.
    third.close()
    second.close()


def test_a_dropped_user_stays_out_and_its_session_can_do_nothing(server):
    run(server, "CREATE USER erin PASSWORD 'Erin1Erin'")
    erin = connect(server, "erin", "Erin1Erin")
    erin.autocommit = True
    run(server, "DROP USER erin")
    with pytest.raises(psycopg2.OperationalError):
        connect(server, "erin", "Erin1Erin")
    with pytest.raises(psycopg2.Error):
        erin.cursor().execute("SELECT * FROM plays")
    erin.close()


def test_settings_of_a_user_are_those_of_its_sessions(server):
    run(server, "CREATE USER frank PASSWORD 'Frank1Frank'", "ALTER USER frank SET query_group TO 'reports'")
    frank = connect(server, "frank", "Frank1Frank")
    cursor = frank.cursor()
    cursor.execute("SHOW query_group")
    assert cursor.fetchone() == ("reports",)
    frank.close()


def test_the_owners_password_can_be_changed():
    with Server() as server:
        run(server, "ALTER USER awsuser PASSWORD 'Owner1Owner'")
        server.connect(password="Owner1Owner").close()
        with pytest.raises(psycopg2.OperationalError):
            server.connect()


def test_scram_knows_the_users_too():
    with Server(["--auth", "scram-sha-256"]) as server:
        run(server, "CREATE USER alice PASSWORD 'Wonder4Land'",
            # As PostgreSQL's md5('md5' || password || user): no SCRAM can be made of it.
            "CREATE USER hashed PASSWORD 'md5153c434b4b77c89e6b94f12c5393af5b'")
        dsn = dict(host=server.host, port=server.port, dbname=server.database)
        with psycopg.connect(**dsn, user="alice", password="Wonder4Land") as alice:
            assert alice.execute("SELECT current_user").fetchone() == ("alice",)
        for user, password in (("alice", "wrong"), ("nobody", "Wonder4Land"), ("hashed", "ab12Cd34")):
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(**dsn, user=user, password=password, sslmode="disable")


def test_hashes_can_be_given_instead_of_passwords(server):
    """The guide's page CREATE USER: md5 of password and name, sha256 of a password or of password and salt."""
    import hashlib

    md5 = hashlib.md5(b"ab12Cd34" + b"grace").hexdigest()
    sha = hashlib.sha256(b"Mypassword1" + b"salty").hexdigest()
    run(server, f"CREATE USER grace PASSWORD 'md5{md5}'", f"CREATE USER heidi PASSWORD 'sha256|{sha}|salty'",
        "CREATE USER ivan PASSWORD 'sha256|Mypassword1'")
    connect(server, "grace", "ab12Cd34").close()
    for user in ("heidi", "ivan"):
        # libpq sends the password itself, Amazon's driver its digest.
        connect(server, user, "Mypassword1").close()
        with pytest.raises(psycopg2.OperationalError):
            connect(server, user, "Mypassword2", sslmode="require")
        where = dict(host=server.host, port=server.port, database=server.database, ssl=False, user=user)
        amazons = redshift_connector.connect(**where, password="Mypassword1")
        cursor = amazons.cursor()
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == [user]
        amazons.close()
        with pytest.raises(redshift_connector.Error):
            redshift_connector.connect(**where, password="Mypassword2")


def test_no_verifier_is_ever_shown(server):
    alice = connect(server, "alice")
    cursor = alice.cursor()
    for table in ("pg_user", "pg_user_info", "svl_user_info", "svv_user_info", "pg_shadow"):
        try:
            cursor.execute(f"SELECT * FROM {table}")
        except psycopg2.Error:
            alice.rollback()
            continue
        shown = str(cursor.fetchall())
        assert "SCRAM" not in shown and "md5" not in shown and "sha256" not in shown, table
    alice.close()
