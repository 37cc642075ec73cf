"""Which actions on which parameters a request to Systems Manager needs.

Source: Service Authorization Reference, "AWS Systems Manager"; a path is authorised as the parameter of its name.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.policy.evaluator import Access

# Members that name parameters, one or several.
_MEMBERS = ("Name", "Names", "Path")
_TAGGING = {"AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"}


def ssm_accesses(operation: str, params: Mapping[str, Any], region: str, account: str) -> list[Access]:
    """An access for each parameter that the request names, or one for `*` where it names none."""
    tagged = operation in _TAGGING and params.get("ResourceType") == "Parameter"
    given = [params.get(member) for member in (("ResourceId",) if tagged else _MEMBERS)]
    names = [name for value in given for name in (value if isinstance(value, list) else [value])]
    resources = [_arn(name, region, account) for name in names if isinstance(name, str)]
    return [Access(f"ssm:{operation}", resource) for resource in resources or ["*"]]


def _arn(name: str, region: str, account: str) -> str:
    """The parameter's ARN; a version or a label after its name (`name:3`) is no part of it."""
    if name.startswith("arn:"):
        head, slash, rest = name.partition(":parameter")
        return f"{head}{slash}{rest.partition(':')[0]}"
    return f"arn:aws:ssm:{region}:{account}:parameter/{name.partition(':')[0].removeprefix('/')}"
