"""What the script needs on the machine: a built dwh, and Pythons with the peers."""

import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


def cache_folder() -> pathlib.Path:
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "dwh-peers"


def built(name: str) -> pathlib.Path | None:
    """A built program, the release profile's first."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    for profile in ["release", "debug"]:
        program = target / profile / name
        if program.is_file():
            return program
    return None


def python_with(requirements: str) -> pathlib.Path:
    """A Python with the packages of a requirements file; made when missing or when the file has changed."""
    text = (HERE / requirements).read_text(encoding="utf-8")
    folder = cache_folder() / requirements.removesuffix(".txt")
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == text):
        print(f"installing {requirements} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--requirement", str(HERE / requirements)], check=True)
        stamp.write_text(text, encoding="utf-8")
    return python
