"""A call as a command of the AWS CLI."""

import shlex
from typing import Any

from botocore import xform_name
from botocore.model import Shape

from flows.programs.call import Call
from flows.programs.shell import json_word, word

_COMMANDS = {"s3": "s3api"}
_BODY = "body.bin"


def written(call: Call) -> str:
    """For bash, or another POSIX shell."""
    model = call.model
    command = [f"aws {_COMMANDS.get(call.service, call.service)} {xform_name(model.name, '-')}"]
    before = call.notes("#")
    members = model.input_shape.members if model.input_shape else {}
    values = call.values
    payload = model.input_shape.serialization.get("payload", "") if model.input_shape else ""
    if payload in values and _is_blob(members.get(payload)):
        before.append(f"printf %s {word(values.pop(payload))} > {_BODY}")  # the CLI reads what is sent from a file
        command.append(f"--{xform_name(payload, '-')} {_BODY}")
    if any(_means_more(value) for value in values.values()):
        command.append(f"--cli-input-json {json_word(values)}")
        values = {}
    for name, value in values.items():
        option = f"--{xform_name(name, '-')}"
        if isinstance(value, bool):
            command.append(option if value else f"--no-{option[2:]}")
        else:
            command.append(f"{option} {word(value)}")
    command.append(f"--region {shlex.quote(call.region)}")
    if call.endpoint:
        command.append(f"--endpoint-url {shlex.quote(call.endpoint)}")
    if not call.signed:
        command.append("--no-sign-request")
    if model.has_streaming_output:
        command.append("/dev/stdout")
    return "\n".join([*before, " \\\n  ".join(command)]) + "\n"


def _is_blob(shape: Shape | Any) -> bool:
    return isinstance(shape, Shape) and shape.type_name == "blob"


def _means_more(value: Any) -> bool:
    """Whether the CLI would not take a text for what it is: it reads the files and addresses that a parameter names
    (AWS CLI User Guide, "Loading a parameter from a file"), and takes what begins with a hyphen for an option."""
    text = value[0] if isinstance(value, tuple) else value
    return isinstance(text, str) and text.startswith(("file://", "fileb://", "http://", "https://", "-"))
