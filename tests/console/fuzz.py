#!/usr/bin/env python3
"""Ask the console's API whatever its OpenAPI document allows, and does not allow: no answer may be a fault (5xx), and
each must be of a status, media type and shape that the document has.

    DWH_BIN=target/debug/dwh python3 tests/console/fuzz.py [--examples 20]

Needs the Python package schemathesis.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Signing out would end the fuzzing, and a run of the pipeline is slow; the browser tests have both.
LEFT_OUT = ["signOut", "startEtl"]


def sign_in(url: str) -> tuple[str, str]:
    """The console's address and a cookie."""
    origin, token = url.split("/#token=")
    request = urllib.request.Request(
        f"{origin}/api/v1/login",
        json.dumps({"token": token}).encode(),
        {"Content-Type": "application/json", "Origin": origin},
    )
    with urllib.request.urlopen(request) as answer:
        return origin, answer.headers["Set-Cookie"].split(";")[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=20, help="requests of each kind")
    arguments = parser.parse_args()
    dwh = os.environ.get("DWH_BIN", "dwh")
    schemathesis = pathlib.Path(sys.executable).parent / "schemathesis"
    with tempfile.TemporaryDirectory() as folder:
        for command in (
            ["generate", "data", "--events", "500", "--songs", "20", "--users", "10", "--days", "3"],
            ["init", "--data", "data"],
            ["etl"],
        ):
            subprocess.run([dwh, "--quiet", *command], cwd=folder, check=True)
        limits = ["--max-seconds", "2", "--max-rows", "1000"]
        console = subprocess.Popen(
            [dwh, "--quiet", "console", "--listen", "127.0.0.1:0", *limits],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            origin, cookie = sign_in(console.stdout.readline().strip())
            command = [schemathesis, "run", f"{origin}/api/v1/openapi.json", "--url", f"{origin}/api/v1"]
            command += ["--checks", CHECKS, "--max-examples", str(arguments.examples), "--seed", "7"]
            command += ["--phases", "examples,coverage,fuzzing", "--warnings", "off", "--continue-on-failure"]
            command += ["-H", f"Cookie: {cookie}", "-H", f"Origin: {origin}"]
            for operation in LEFT_OUT:
                command += ["--exclude-operation-id", operation]
            return subprocess.run(command, cwd=folder).returncode
        finally:
            console.terminate()
            console.wait()


if __name__ == "__main__":
    sys.exit(main())
