"""dwh's own S3-compatible server on loopback, with latency, started anew for each run."""

import json
import pathlib
import socket
import subprocess

BUCKET = "bench"
ACCESS_KEY_ID = "dwh-test"
SECRET_ACCESS_KEY = "dwh-test-secret"


class LoopbackS3:
    """Serves a folder as a bucket; counts what a contestant asks of it."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, latency_ms: int):
        self.latency_ms = latency_ms
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.arguments = [str(program), str(folder), BUCKET, str(self.port), str(latency_ms)]
        self.process: subprocess.Popen | None = None

    @property
    def variables(self) -> dict[str, str]:
        """What the contestants find the server by."""
        return {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.port}", "AWS_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }

    def start(self) -> None:
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("the S3 server does not start")

    def stop(self) -> dict[str, int]:
        """Ends the server: `requests`, and `most_in_flight` at the same time."""
        output, _ = self.process.communicate("", timeout=60)
        return json.loads(output)

    def kill(self) -> None:
        """Ends a server that is left when something went wrong."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
