"""AWS on loopback for the tests: moto, and what moto lacks.

    stand_in.py

Prints its URL, for AWS_ENDPOINT_URL, and serves until its stdin ends.

What it adds to moto:

- Redshift Serverless, which moto does not have: namespaces, workgroups, tags, temporary credentials (`serverless.py`);
- `creating` for the first looks at a new cluster, `pausing` and `resuming` likewise, `deleting` for those at a workgroup,
  if asked to;
- the clusters' host and the password of temporary credentials, as the test sets them, so that a server of the test
  can be the cluster's database;
- JSON objects of S3 that take their time, if asked to;
- failures of the nth call, and a log of the calls.

Tests talk to it below `/_stand_in/`: POST `settings`, `faults`, `bucket`, `keys`, `workgroup` and `reset`, GET `calls` and `left`.
"""

import io
import json
import pathlib
import re
import sys
import threading
import time
from urllib.parse import parse_qs

import moto.backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from serverless import Serverless

ACCOUNT = "123456789012"
# A fault's status and code by protocol: EC2's, that of the other Query APIs, JSON.
FAULTS = {
    "throttled": (400, "RequestLimitExceeded", "Throttling", "ThrottlingException"),
    "denied": (403, "UnauthorizedOperation", "AccessDenied", "AccessDeniedException"),
    "expired": (400, "RequestExpired", "ExpiredToken", "ExpiredTokenException"),
}


class StandIn:
    def __init__(self):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        for name in ("iam", "ec2", "redshift", "sts", "s3", "redshift-data"):
            for account in moto.backends.get_backend(name).values():
                for backend in account.values():
                    backend.reset()
        self.serverless = Serverless(ACCOUNT)
        self.settings = {"host": None, "db_password": None, "looks": 0, "looks_deleting": 0,
                         "object_delay_s": 0}
        self.calls = []
        self.fault = None
        self.looks = {}

    def __call__(self, environ, start_response):
        request = Request(environ)
        if request.path.startswith("/_stand_in/"):
            with self.lock:
                return self.control(request)(environ, start_response)
        call = call_of(request)
        if call is None:
            # S3 and the Data API: their bodies are not looked at.
            if request.method == "GET" and re.search(r"\.json$", request.path):
                time.sleep(self.settings["object_delay_s"])
            return self.moto(environ, start_response)
        with self.lock:
            return self.answer(request, call)(environ, start_response)

    def control(self, request):
        # The server waits for more where a body is left unread.
        request.get_data()
        name = request.path.rsplit("/", 1)[-1]
        if name == "reset":
            self.reset()
        elif name == "settings":
            self.settings.update(request.get_json())
        elif name == "faults":
            self.fault = request.get_json()
            self.calls = []
        elif name == "bucket":
            put_folder(**request.get_json())
        elif name == "keys":
            keys = sorted(s3().buckets[request.get_json()["name"]].keys)
            return Response(json.dumps(keys), content_type="application/json")
        elif name == "workgroup":
            body = request.get_json()
            self.serverless.do_CreateNamespace({"namespaceName": body["namespaceName"], "manageAdminPassword": True}, {})
            self.serverless.do_CreateWorkgroup(body, self.settings)
        elif name == "calls":
            return Response(json.dumps(self.calls), content_type="application/json")
        elif name == "left":
            return Response(json.dumps(self.left()), content_type="application/json")
        return Response("{}", content_type="application/json")

    def left(self):
        """The names of all resources that a test may have created."""
        region = "us-west-2"
        redshift = moto.backends.get_backend("redshift")[ACCOUNT][region]
        ec2 = moto.backends.get_backend("ec2")[ACCOUNT][region]
        roles = moto.backends.get_backend("iam")[ACCOUNT]["aws"].roles.values()
        groups = [group for by_vpc in ec2.groups.values() for group in by_vpc.values() if group.name != "default"]
        return {
            "clusters": sorted(redshift.clusters),
            "subnet_groups": sorted(name for name in redshift.subnet_groups if name != "default"),
            "security_groups": sorted(group.name for group in groups),
            "rules": sum(len(group.ingress_rules) for group in groups),
            "roles": sorted(role.name for role in roles),
            "namespaces": sorted(self.serverless.namespaces),
            "workgroups": sorted(self.serverless.workgroups),
            "snapshots": sorted(
                name for name, snapshot in redshift.snapshots.items() if snapshot.snapshot_type == "manual"
            ),
        }

    def answer(self, request, call):
        self.calls.append(f"{call.service}:{call.action}")
        fault = self.fault
        if fault and len(self.calls) >= fault["call"] and fault["times"] > 0:
            fault["times"] -= 1
            if fault["kind"] != "lost":
                return refusal(call, fault["kind"])
            self.real_answer(request, call)
            return Response(status=504)
        return self.real_answer(request, call)

    def real_answer(self, request, call):
        if call.service == "redshift-serverless":
            return self.serverless.answer(call.action, json.loads(request.get_data()), self.settings)
        if call.service == "redshift":
            special = self.redshift(call)
            if special is not None:
                return special
        # The body has been read; moto reads it again.
        request.environ["wsgi.input"] = io.BytesIO(request.get_data())
        response = Response.from_app(self.moto, request.environ)
        if call.service == "redshift":
            self.rewrite(response, call)
        return response

    def redshift(self, call):
        """What moto does otherwise than AWS."""
        clusters = moto.backends.get_backend("redshift")[ACCOUNT]["us-west-2"].clusters
        name = call.parameters.get("ClusterIdentifier")
        if call.action in ("CreateCluster", "PauseCluster", "ResumeCluster"):
            self.looks[name] = self.settings["looks"]
            self.transition = {"Create": "creating", "Pause": "pausing", "Resume": "resuming"}[call.action[:-7]]
        if call.action == "GetClusterCredentials" and self.settings["db_password"] and name in clusters:
            user = call.parameters["DbUser"]
            body = (
                "<GetClusterCredentialsResponse><GetClusterCredentialsResult>"
                f"<DbUser>IAM:{user}</DbUser><DbPassword>{self.settings['db_password']}</DbPassword>"
                "</GetClusterCredentialsResult></GetClusterCredentialsResponse>"
            )
            return Response(body, content_type="text/xml")
        return None

    def rewrite(self, response, call):
        text = response.get_data(as_text=True)
        if self.settings["host"]:
            text = re.sub(r"<Address>[^<]*</Address>", f"<Address>{self.settings['host']}</Address>", text)
        name = call.parameters.get("ClusterIdentifier")
        if call.action == "DescribeClusters" and self.looks.get(name, 0) > 0:
            self.looks[name] -= 1
            text = re.sub(
                r"<ClusterStatus>[^<]*</ClusterStatus>", f"<ClusterStatus>{self.transition}</ClusterStatus>", text
            )
        response.set_data(text)


def s3():
    return moto.backends.get_backend("s3")[ACCOUNT]["aws"]


def put_folder(name, folder):
    if name not in s3().buckets:
        s3().create_bucket(name, "us-west-2")
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            s3().put_object(name, path.relative_to(folder).as_posix(), path.read_bytes())


class Call:
    def __init__(self, service, action, parameters):
        self.service, self.action, self.parameters = service, action, parameters


def call_of(request):
    """The service and action of a request; None for S3 and the Data API, which are not counted."""
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", request.headers.get("Authorization", ""))
    service = scope.group(1) if scope else None
    target = request.headers.get("X-Amz-Target", "")
    if service == "redshift-serverless":
        return Call(service, target.rsplit(".", 1)[-1], {})
    if service not in ("iam", "sts", "ec2", "redshift"):
        return None
    parameters = {name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()}
    return Call(service, parameters["Action"], parameters)


def refusal(call, kind):
    status, of_ec2, of_query, of_json = FAULTS[kind]
    message = f"{kind} by the test"
    if call.service == "ec2":
        body = f"<Response><Errors><Error><Code>{of_ec2}</Code><Message>{message}</Message></Error></Errors></Response>"
        return Response(body, status=status, content_type="text/xml")
    if call.service == "redshift-serverless":
        body = json.dumps({"__type": of_json, "message": message})
        return Response(body, status=status, content_type="application/x-amz-json-1.1")
    return query_error(of_query, message, status)


def query_error(code, message, status=400):
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
    )
    return Response(body, status=status, content_type="text/xml")


def main():
    server = make_server("127.0.0.1", 0, StandIn(), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
