"""The Python package as a user gets it: the wheel is built around the binary, installed, and its fixtures used."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dwh.server import _find_binary

PYTHON = Path(__file__).parents[2] / "python"

TEST = '''
import dwh


def test_top_songs(dwh_connection, dwh_server):
    assert dwh.__file__.startswith(PLACE) and "/bin/dwh" in dwh.server._find_binary()
    with dwh_connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plays (song VARCHAR, n INT) DISTKEY (song)")
        cursor.execute("INSERT INTO plays VALUES ('a', 2), ('b', 3)")
        cursor.execute("SELECT TOP 1 song FROM plays ORDER BY n DESC")
        assert cursor.fetchone() == ("b",)
    assert dwh_server.data_api.startswith("http://127.0.0.1:")


def test_nothing_is_left_of_the_test_before(dwh_connection):
    with dwh_connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM svv_tables WHERE table_name = 'plays'")
        assert cursor.fetchone() == (0,)
'''


def test_the_wheel_brings_the_binary_and_the_fixtures(tmp_path):
    binary, wheels, place, project = (tmp_path / name for name in ("dwh", "wheels", "site", "project"))
    # Symbols are not what is tested, and make half of the file.
    if subprocess.run(["strip", "-o", str(binary), _find_binary()], capture_output=True).returncode != 0:
        shutil.copy(_find_binary(), binary)
    environment = {**os.environ, "PYTHON": sys.executable}
    subprocess.run(["bash", str(PYTHON / "build_wheel.sh"), str(binary), str(wheels)], env=environment, check=True)
    (wheel,) = wheels.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(place)]
    subprocess.run([*install, str(wheel)], check=True)
    project.mkdir()
    (project / "test_songs.py").write_text(f"PLACE = {str(place)!r}\n{TEST}")
    environment = {name: value for name, value in os.environ.items() if name not in ("DWH_BINARY", "PYTEST_PLUGINS")}
    environment["PYTHONPATH"] = str(place)
    done = subprocess.run([sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"], cwd=project, env=environment,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout + done.stderr
