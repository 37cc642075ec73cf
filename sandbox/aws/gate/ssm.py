"""Which actions on which parameters and documents a request to Systems Manager needs.

Source: Service Authorization Reference, "AWS Systems Manager"; a path is authorised as the parameter of its name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iampolicy.evaluator import Access
from sandbox.core.errors import AwsError

_ONE = ("GetParameter", "GetParameterHistory", "PutParameter", "DeleteParameter", "LabelParameterVersion",
        "UnlabelParameterVersion")  # fmt: skip
_PARAMETERS = {**dict.fromkeys(_ONE, "Name"), "GetParameters": "Names", "DeleteParameters": "Names"}
# Only these take a version or a label behind the name.
_SELECTED = ("GetParameter", "GetParameters")
# The member that names what an operation is about, and the kind of resource that is.
_OTHERS = {"WindowId": "maintenancewindow", "BaselineId": "patchbaseline"}
_DOCUMENTS = re.compile(r"(Create|Delete|Describe|Get|Modify|Update|List)\w*Document\w*")
_TAGGING = {"AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"}
_TAGGED = {
    "Parameter": "parameter",
    "Document": "document",
    "MaintenanceWindow": "maintenancewindow",
    "PatchBaseline": "patchbaseline",
}
_NAME = re.compile(r"[A-Za-z0-9_./-]{1,1011}")
_SELECTOR = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


@dataclass(frozen=True, slots=True)
class SsmRequest:
    """A request as it was understood: every access that it needs, and its input written again from that.

    Attributes:
        given: name as it is passed on -> as the request has it.
    """

    accesses: list[Access]
    params: dict[str, Any]
    given: Mapping[str, str] = field(default_factory=dict)

    def finished(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, in which the names of what is not there are as they were asked for: ARNs too."""
        if not answer.get("InvalidParameters"):
            return answer
        return {**answer, "InvalidParameters": [self.given.get(name, name) for name in answer["InvalidParameters"]]}


def ssm_request(operation: str, params: Mapping[str, Any], region: str, account: str) -> SsmRequest:
    """Read the input of an operation, which holds no members but the operation's own.

    Raises:
        AwsError: ValidationException for what can be no name; ParameterNotFound for another account's parameter.
    """
    reader = _Reader(operation, region, account)
    rewritten = dict(params)
    resources: list[str] = []
    given: dict[str, str] = {}
    if operation in _TAGGING:
        resources, rewritten["ResourceId"] = _tagged(reader, params)
    elif operation in _PARAMETERS and _PARAMETERS[operation] in params:
        member = _PARAMETERS[operation]
        names = params[member] if member == "Names" else [params[member]]
        read = [reader.parameter(name) for name in names]
        rewritten[member] = [name for _, name in read] if member == "Names" else read[0][1]
        resources = [arn for arn, _ in read]
        given = {passed_on: name for (_, passed_on), name in zip(read, names, strict=True)}
    elif operation == "GetParametersByPath" and "Path" in params:
        resources = [reader.path(params["Path"])]
    elif operation in ("SendCommand", "StartAutomationExecution") and "DocumentName" in params:
        instances = [f"arn:aws:ec2:{region}:{account}:instance/{name}" for name in params.get("InstanceIds", [])]
        resources = [reader.document(params["DocumentName"]), *(instances or ["*"])]
    elif _DOCUMENTS.fullmatch(operation) and "Name" in params:
        resources = [reader.document(params["Name"])]
    else:
        resources = [reader.arn(kind, params[member]) for member, kind in _OTHERS.items() if member in params]
    return SsmRequest([Access(f"ssm:{operation}", resource) for resource in resources or ["*"]], rewritten, given)


def _tagged(reader: "_Reader", params: Mapping[str, Any]) -> tuple[list[str], str]:
    kind, resource_id = _TAGGED.get(params.get("ResourceType", "")), params.get("ResourceId", "")
    if kind == "parameter":
        arn, name = reader.parameter(resource_id)
        return [arn], name
    return [reader.arn(kind, resource_id)] if kind else ["*"], resource_id


@dataclass(frozen=True, slots=True)
class _Reader:
    operation: str
    region: str
    account: str

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:ssm:{self.region}:{self.account}:{kind}/{name}"

    def parameter(self, given: str) -> tuple[str, str]:
        """The ARN of a parameter that is given by its name or ARN, and the name by which it is passed on.

        A version or a label after the name (`name:3`) is no part of the ARN.
        """
        own = f"arn:aws:ssm:{self.region}:{self.account}:parameter"
        if given.startswith("arn:") and not given.startswith(f"{own}/"):
            raise AwsError("ParameterNotFound", f"Parameter {given[:200]} not found.")
        name, colon, selector = given.removeprefix(own).partition(":")
        if given.startswith("arn:") and name.count("/") == 1:
            name = name[1:]  # A name without a path has no slash of its own; its ARN has one.
        if self.operation == "GetParameter" and ":" in selector:
            raise AwsError("ParameterNotFound", f"Parameter {given[:200]} not found.")
        known = _NAME.fullmatch(name) and (not colon or (self.operation in _SELECTED and _SELECTOR.fullmatch(selector)))
        if not known:
            raise AwsError(
                "ValidationException",
                'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can '
                "consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, "
                "numbers and the "
                "following 3 symbols .-_",
            )
        return self.arn("parameter", name.removeprefix("/")), f"{name}{colon}{selector}"

    def path(self, given: str) -> str:
        """The ARN as which the parameters below a path are authorised."""
        if not given.startswith("/") or not _NAME.fullmatch(given):
            raise AwsError(
                "ValidationException",
                "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a "
                'forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
            )
        return self.arn("parameter", given.removeprefix("/"))

    def document(self, given: str) -> str:
        if not _PLAIN.fullmatch(given) or given.startswith("arn:"):
            raise AwsError("InvalidDocument", "The specified SSM document doesn't exist.")
        return self.arn("document", given)
