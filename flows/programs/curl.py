"""A call as a curl command: for those that nobody has to sign. A signature cannot be written down beforehand."""

import shlex
from typing import Any

from botocore.serialize import create_serializer

from flows.programs.call import Call
from flows.programs.shell import json_word, word


def written(call: Call) -> str:
    """For bash, or another POSIX shell."""
    metadata = call.model.service_model.metadata
    address = call.endpoint or f"https://{metadata['endpointPrefix']}.{call.region}.amazonaws.com"
    command = [f"curl -sS {shlex.quote(address.rstrip('/') + '/')}"]
    if metadata.get("targetPrefix"):
        command.append(f"-H 'Content-Type: application/x-amz-json-{metadata['jsonVersion']}'")
        command.append(f"-H 'X-Amz-Target: {metadata['targetPrefix']}.{call.model.name}'")
        command.append(f"--data {json_word(call.values)}")
    else:
        for name, value in _fields(call).items():
            command.append(
                f"--data-urlencode {word((f'{name}=', *value) if isinstance(value, tuple) else f'{name}={value}')}"
            )
    return "\n".join([*call.notes("#"), " \\\n  ".join(command)]) + "\n"


def _fields(call: Call) -> dict[str, Any]:
    """The form's fields as the query protocol flattens them, with `Parts` where secrets are."""
    secrets: dict[str, Any] = {}

    def held(value: Any) -> Any:
        if isinstance(value, tuple):
            place = f"\ue000{len(secrets)}\ue001"
            secrets[place] = value
            return place
        if isinstance(value, dict):
            return {name: held(part) for name, part in value.items()}
        return [held(part) for part in value] if isinstance(value, list) else value

    flat = create_serializer("query", include_validation=False).serialize_to_request(held(call.values), call.model)[
        "body"
    ]
    return {name: secrets.get(value, value) for name, value in flat.items()}
