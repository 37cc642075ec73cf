"""A call as a command of the AWS CLI."""

from typing import Any

from botocore import xform_name
from botocore.model import Shape

from flows.programs.call import Call
from flows.programs.shell import word

_COMMANDS = {"s3": "s3api"}
_BODY = "body.bin"


def written(call: Call) -> str:
    """For bash, or another POSIX shell."""
    model = call.model
    command = [f"aws {_COMMANDS.get(call.service, call.service)} {xform_name(model.name, '-')}"]
    before = call.notes("#")
    members = model.input_shape.members if model.input_shape else {}
    for name, value in call.values.items():
        option = f"--{xform_name(name, '-')}"
        if model.input_shape and name == model.input_shape.serialization.get("payload") and _is_blob(members.get(name)):
            before.append(f"printf %s {word(value)} > {_BODY}")  # the CLI reads what is sent from a file
            command.append(f"{option} {_BODY}")
        elif isinstance(value, bool):
            command.append(option if value else f"--no-{option[2:]}")
        else:
            command.append(f"{option} {word(value)}")
    command.append(f"--region {call.region}")
    if call.endpoint:
        command.append(f"--endpoint-url {call.endpoint}")
    if not call.signed:
        command.append("--no-sign-request")
    if model.has_streaming_output:
        command.append("/dev/stdout")
    return "\n".join([*before, " \\\n  ".join(command)]) + "\n"


def _is_blob(shape: Shape | Any) -> bool:
    return isinstance(shape, Shape) and shape.type_name == "blob"
