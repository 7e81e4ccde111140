"""The server for the clients' tests: the package in python/, around the binary that DWH_BINARY names."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "python" / "src"))

pytest_plugins = ["dwh.pytest_plugin"]
