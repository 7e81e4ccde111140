"""Redshift Serverless, as far as dwh uses it. Names, states and errors are those of its API reference."""

import itertools
import json
import time

from werkzeug.wrappers import Response


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Serverless:
    def __init__(self, account):
        self.account = account
        self.namespaces = {}
        self.workgroups = {}
        self.tags = {}
        self.ids = itertools.count(1)

    def answer(self, action, body, settings):
        try:
            answer = getattr(self, "do_" + action)(body, settings)
        except Refused as error:
            return self.json({"__type": error.code, "message": str(error)}, 400)
        return self.json(answer, 200)

    @staticmethod
    def json(answer, status):
        return Response(json.dumps(answer), status=status, content_type="application/x-amz-json-1.1")

    def arn(self, kind, tags):
        arn = f"arn:aws:redshift-serverless:us-west-2:{self.account}:{kind}/{next(self.ids):08d}"
        self.tags[arn] = tags
        return arn

    @staticmethod
    def of(known, name, kind):
        if name not in known:
            raise Refused("ResourceNotFoundException", f"The {kind} {name} was not found.")
        return known[name]

    def do_CreateNamespace(self, body, settings):
        name = body["namespaceName"]
        if name in self.namespaces:
            raise Refused("ConflictException", f"The namespace {name} already exists.")
        if "adminUserPassword" not in body and not body.get("manageAdminPassword"):
            raise Refused("ValidationException", "An administrator has a password.")
        self.namespaces[name] = {
            "namespaceName": name,
            "namespaceArn": self.arn("namespace", body.get("tags", [])),
            "status": "AVAILABLE",
            "dbName": body.get("dbName", "dev"),
            "adminUsername": body.get("adminUsername", "admin"),
            "iamRoles": body.get("iamRoles", []),
            "creationDate": iso(),
        }
        return {"namespace": self.namespaces[name]}

    def do_GetNamespace(self, body, settings):
        return {"namespace": self.of(self.namespaces, body["namespaceName"], "namespace")}

    def do_ListNamespaces(self, body, settings):
        return {"namespaces": list(self.namespaces.values())}

    def do_DeleteNamespace(self, body, settings):
        name = body["namespaceName"]
        namespace = self.of(self.namespaces, name, "namespace")
        if any(workgroup["namespaceName"] == name for workgroup in self.workgroups.values()):
            raise Refused("ConflictException", "There is an operation running on the namespace.")
        del self.namespaces[name]
        return {"namespace": {**namespace, "status": "DELETING"}}

    def do_CreateWorkgroup(self, body, settings):
        name = body["workgroupName"]
        if name in self.workgroups:
            raise Refused("ConflictException", f"The workgroup {name} already exists.")
        self.of(self.namespaces, body["namespaceName"], "namespace")
        port = body.get("port", 5439)
        host = settings["host"] or f"{name}.{self.account}.us-west-2.redshift-serverless.amazonaws.com"
        self.workgroups[name] = {
            "workgroupName": name,
            "workgroupArn": self.arn("workgroup", body.get("tags", [])),
            "namespaceName": body["namespaceName"],
            "status": "AVAILABLE",
            "baseCapacity": body.get("baseCapacity", 128),
            "endpoint": {"address": host, "port": port, "vpcEndpoints": [{"vpcId": "vpc-1"}]},
            "creationDate": iso(),
            "looks": settings["looks"],
        }
        return {"workgroup": {**self.workgroups[name], "status": "CREATING"}}

    def do_GetWorkgroup(self, body, settings):
        workgroup = self.of(self.workgroups, body["workgroupName"], "workgroup")
        transition = "DELETING" if workgroup["status"] == "DELETING" else "CREATING"
        if workgroup["looks"] > 0:
            workgroup["looks"] -= 1
            return {"workgroup": {**workgroup, "status": transition}}
        if transition == "DELETING":
            del self.workgroups[body["workgroupName"]]
            self.of(self.workgroups, body["workgroupName"], "workgroup")
        return {"workgroup": workgroup}

    def do_ListWorkgroups(self, body, settings):
        return {"workgroups": list(self.workgroups.values())}

    def do_DeleteWorkgroup(self, body, settings):
        workgroup = self.of(self.workgroups, body["workgroupName"], "workgroup")
        if settings["looks_deleting"] > 0:
            workgroup.update(status="DELETING", looks=settings["looks_deleting"])
            return {"workgroup": workgroup}
        return {"workgroup": {**self.workgroups.pop(body["workgroupName"]), "status": "DELETING"}}

    def do_ListTagsForResource(self, body, settings):
        if body["resourceArn"] not in self.tags:
            raise Refused("ResourceNotFoundException", "The resource was not found.")
        return {"tags": self.tags[body["resourceArn"]]}

    def do_GetCredentials(self, body, settings):
        self.of(self.workgroups, body["workgroupName"], "workgroup")
        return {"dbUser": "IAM:tester", "dbPassword": settings["db_password"] or "x", "expiration": time.time() + 900}


def iso():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
