"""A call as a curl command: for those that nobody has to sign. A signature cannot be written down beforehand."""

from typing import Any

from botocore.serialize import create_serializer

from flows.programs.call import ProgramCall
from flows.programs.shell import HeldVariables, json_word, word


def written(call: ProgramCall) -> str:
    """For bash, or another POSIX shell."""
    metadata = call.model.service_model.metadata
    address = call.endpoint or f"https://{metadata['endpointPrefix']}.{call.region}.amazonaws.com"
    command = [f"curl -sS {word(address.rstrip('/') + '/')}"]
    if metadata.get("targetPrefix"):
        command.append(f"-H 'Content-Type: application/x-amz-json-{metadata['jsonVersion']}'")
        command.append(f"-H 'X-Amz-Target: {metadata['targetPrefix']}.{call.model.name}'")
        command.append(f"--data {json_word(call.values)}")
    else:
        for name, value in _fields(call).items():
            command.append(f"--data-urlencode {word((f'{name}=', *value))}")
    return "\n".join([*call.notes("#"), " \\\n  ".join(command)]) + "\n"


def _fields(call: ProgramCall) -> dict[str, Any]:
    """The form's fields as the query protocol flattens them, with `Parts` where secrets are."""
    held = HeldVariables()
    serializer = create_serializer("query", include_validation=False)
    flat = serializer.serialize_to_request(held.plain(call.values), call.model)["body"]
    return {name: held.split(str(value)) for name, value in flat.items()}
