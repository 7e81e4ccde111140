"""pgjdbc (Debian's libpostgresql-jdbc-java): prepared statements, fetch size, metadata. The program is one Java
file, which the JVM compiles and runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

JAR = Path("/usr/share/java/postgresql.jar")


@pytest.mark.skipif(shutil.which("java") is None or not JAR.exists(), reason="pgjdbc is not installed")
def test_the_java_client_passes(browsed):
    url = f"jdbc:postgresql://{browsed.host}:{browsed.port}/{browsed.database}"
    program = Path(__file__).with_name("jdbc") / "Client.java"
    ran = subprocess.run(
        ["java", "-cp", str(JAR), str(program), url, browsed.user, browsed.password],
        capture_output=True, text=True, timeout=180,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "passed"
