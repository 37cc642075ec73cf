"""CloudFormation's own protocol over HTTP, for the operations that `manage.py provision` calls, driven by the deployer.

Requests are read and answers written by botocore's model of the service, so that a real client talks to it. An account
is whoever signs: the access key ID is its number, as at the sandbox.
"""

import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.aws.wire.query import form_fields, parse_query
from sandbox.aws.wire.xml import query_error, query_result
from sandbox.core.errors import AwsError
from tests.cloudformation.deployer import Change, Deployer, DeployFailed, Event
from tests.cloudformation.template import Template, TemplateError

_CREDENTIAL = re.compile(r"Credential=(\w+)/\d{8}/([\w-]+)/cloudformation/")
_NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
DeployerFor = Callable[[str, str, str, Mapping[str, str]], Deployer]  # account, region, name, tags


@dataclass
class ChangeSet:
    """A template and parameters that were submitted, and what they would change."""

    template: Template
    parameters: dict[str, str]
    changes: list[Change] = field(default_factory=list)
    problem: str = ""


@dataclass
class KeptStack:
    """A stack as the service knows it."""

    deployer: Deployer
    region: str
    status: str = "REVIEW_IN_PROGRESS"
    parameters: dict[str, str] = field(default_factory=dict)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    deleted_on_failure: bool = False

    def note(self, event: Event) -> None:
        self.events.append(
            {
                "StackId": self.deployer.stack_id,
                "EventId": str(uuid.uuid4()),
                "StackName": self.deployer.stack,
                "LogicalResourceId": event.logical,
                "ResourceType": event.kind,
                "PhysicalResourceId": event.physical_id,
                "Timestamp": time.time(),
                "ResourceStatus": event.status,
                "ResourceStatusReason": event.reason or None,
            }
        )

    def turn(self, status: str) -> None:
        """The stack's own status, with the event that says so."""
        self.note(Event(self.deployer.stack, "AWS::CloudFormation::Stack", self.deployer.stack_id, status))
        self.status = status


class CloudFormation:
    """The stacks of all accounts."""

    def __init__(self, deployer_for: DeployerFor) -> None:
        self._deployer_for = deployer_for
        self.stacks: list[KeptStack] = []
        self._work: list[threading.Thread] = []

    def answer(self, account: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """What an operation gives.

        Raises:
            AwsError: its refusal.
        """
        handler = getattr(self, f"_{operation}", None)
        if handler is None:
            raise AwsError("NotImplemented", f"{operation} is not here.", 501)
        found: dict[str, Any] = handler(account, region, params)
        return found

    def finish(self) -> None:
        """Wait for what is under way."""
        for thread in self._work:
            thread.join(timeout=60)

    # --- Operations: named as the API's -------------------------------------------------------------------------------

    def _DescribeStacks(self, account: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        stack = self._named(account, region, params["StackName"])
        given = [{"ParameterKey": name, "ParameterValue": value} for name, value in stack.parameters.items()]
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in stack.deployer.outputs.items()]
        described = {
            "StackId": stack.deployer.stack_id,
            "StackName": stack.deployer.stack,
            "CreationTime": time.time(),
            "StackStatus": stack.status,
            "Parameters": given,
            "Outputs": outputs,
            "Tags": stack.deployer.tag_list(),
        }
        return {"Stacks": [described]}

    def _DescribeStackEvents(self, account: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        """The latest first, ten a page."""
        events = list(reversed(self._named(account, region, params["StackName"]).events))
        start = int(params.get("NextToken") or 0)
        more = {"NextToken": str(start + 10)} if len(events) > start + 10 else {}
        return {"StackEvents": events[start : start + 10], **more}

    def _CreateChangeSet(self, account: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        named = '"RoleName"' in params["TemplateBody"] or "RoleName:" in params["TemplateBody"]
        wanted = {"CAPABILITY_NAMED_IAM"} if named else {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}
        if not wanted & set(params.get("Capabilities") or []):
            needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
            raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
        if len(params["TemplateBody"].encode()) > 51_200:
            raise AwsError("ValidationError", "templateBody must have length less than or equal to 51200")
        stack = self._find(account, region, params["StackName"])
        creates = params.get("ChangeSetType") == "CREATE"
        if creates and stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            raise AwsError("ValidationError", f"Stack [{params['StackName']}] already exists")
        if not creates:
            stack = self._named(account, region, params["StackName"])
        if stack is None:
            tags = {one["Key"]: one["Value"] for one in params.get("Tags") or []}
            stack = KeptStack(self._deployer_for(account, region, params["StackName"], tags), region)
            stack.deployer.tell = stack.note
            self.stacks.append(stack)
        stack.deleted_on_failure = params.get("OnStackFailure") == "DELETE"
        change_set = _change_set(stack, params)
        stack.change_sets[params["ChangeSetName"]] = change_set
        arn = f"arn:aws:cloudformation:{region}:{account}:changeSet/{params['ChangeSetName']}/{uuid.uuid4()}"
        return {"Id": arn, "StackId": stack.deployer.stack_id}

    def _DescribeChangeSet(self, account: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        """Seven changes a page."""
        found = self._change_set(account, region, params)[1]
        start = int(params.get("NextToken") or 0)
        changes = [
            {
                "Type": "Resource",
                "ResourceChange": {
                    "Action": one.action,
                    "LogicalResourceId": one.logical,
                    "ResourceType": one.kind,
                    **({"PhysicalResourceId": one.physical_id} if one.physical_id else {}),
                    **({"Replacement": str(one.replacement)} if one.action == "Modify" else {}),
                },
            }
            for one in found.changes[start : start + 7]
        ]
        return {
            "ChangeSetName": params["ChangeSetName"],
            "Status": "FAILED" if found.problem else "CREATE_COMPLETE",
            "StatusReason": found.problem or None,
            "Changes": changes,
            "NextToken": str(start + 7) if len(found.changes) > start + 7 else None,
        }

    def _DeleteChangeSet(self, account: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        stack, _ = self._change_set(account, region, params)
        del stack.change_sets[_change_set_name(params)]
        return {}

    def _ExecuteChangeSet(self, account: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        stack, change_set = self._change_set(account, region, params)
        if change_set.problem:
            raise AwsError("InvalidChangeSetStatus", "ChangeSet cannot be executed in its current status of [FAILED]")
        del stack.change_sets[_change_set_name(params)]
        # At once: who asks before the work has begun is not to read how the one before ended.
        stack.turn("CREATE_IN_PROGRESS" if stack.deployer.deployed is None else "UPDATE_IN_PROGRESS")
        self._begin(lambda: _deploy(stack, change_set))
        return {}

    def _DeleteStack(self, account: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        stack = self._find(account, region, params["StackName"])
        if stack is not None:
            stack.turn("DELETE_IN_PROGRESS")
            self._begin(lambda: _remove(stack))
        return {}

    # --- What they share ----------------------------------------------------------------------------------------------

    def _find(self, account: str, region: str, name: str) -> KeptStack | None:
        """By ID, or by the name of one that is there."""
        for stack in self.stacks:
            if (stack.deployer.account, stack.region) == (account, region) and (
                stack.deployer.stack_id == name or (stack.deployer.stack == name and stack.status != "DELETE_COMPLETE")
            ):
                return stack
        return None

    def _named(self, account: str, region: str, name: str) -> KeptStack:
        stack = self._find(account, region, name)
        if stack is None:
            raise AwsError("ValidationError", f"Stack with id {name} does not exist")
        return stack

    def _change_set(self, account: str, region: str, params: dict[str, Any]) -> tuple[KeptStack, ChangeSet]:
        stack = self._named(account, region, params["StackName"])
        found = stack.change_sets.get(_change_set_name(params))
        if found is None:
            raise AwsError("ChangeSetNotFound", f"ChangeSet [{params['ChangeSetName']}] does not exist", 404)
        return stack, found

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._work.append(thread)
        thread.start()


def _change_set_name(params: dict[str, Any]) -> str:
    """Of one that is named by its ARN as well."""
    given: str = params["ChangeSetName"]
    return given.split("/")[1] if given.startswith("arn:") else given


def _change_set(stack: KeptStack, params: dict[str, Any]) -> ChangeSet:
    parameters = {}
    for one in params.get("Parameters") or []:
        kept = one.get("UsePreviousValue")
        parameters[one["ParameterKey"]] = (
            stack.parameters[one["ParameterKey"]] if kept else one.get("ParameterValue", "")
        )
    template = Template(params["TemplateBody"])
    try:
        changes = stack.deployer.changes(template, parameters)
    except TemplateError as refused:
        raise AwsError("ValidationError", str(refused)) from None
    return ChangeSet(template, parameters, changes, "" if changes else _NO_CHANGES)


def _deploy(stack: KeptStack, change_set: ChangeSet) -> None:
    creates = stack.deployer.deployed is None
    verb = "CREATE" if creates else "UPDATE"
    try:
        stack.deployer.deploy(change_set.template, change_set.parameters)
    except DeployFailed:
        stack.turn("DELETE_COMPLETE" if creates and stack.deleted_on_failure else f"{verb}_ROLLBACK_COMPLETE")
        return
    stack.parameters = change_set.template.checked(change_set.parameters)
    stack.turn(f"{verb}_COMPLETE")


def _remove(stack: KeptStack) -> None:
    try:
        stack.deployer.remove()
    except DeployFailed:
        stack.turn("DELETE_FAILED")
        return
    stack.turn("DELETE_COMPLETE")


@contextmanager
def serving(cloudformation: CloudFormation) -> Iterator[str]:
    """Serve on a free port of loopback while the block runs; the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, content = _answered(cloudformation, self.headers.get("Authorization", ""), body)
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    cloudformation.finish()
    server.shutdown()


def _answered(cloudformation: CloudFormation, authorization: str, body: str) -> tuple[int, bytes]:
    request_id = str(uuid.uuid4())
    signed = _CREDENTIAL.search(authorization)
    try:
        if signed is None:
            raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        fields = form_fields(body)
        operation = fields["Action"]
        account, region = signed.groups()
        params = parse_query("cloudformation", operation, fields)
        found = cloudformation.answer(account, region, operation, params)
    except AwsError as refused:
        return refused.status, query_error("cloudformation", refused, request_id)
    return 200, query_result("cloudformation", operation, found, request_id)
