"""A call as a command of the AWS CLI, and a run as a script of them."""

from typing import Any

from botocore import xform_name
from botocore.model import Shape

from flows.programs.call import ProgramCall
from flows.programs.chain import WHOSE, Chain
from flows.programs.shell import json_word, word

_COMMANDS = {"s3": "s3api"}
_BODY = "body.bin"
_BREAK = " \\\n  "


def written(call: ProgramCall) -> str:
    """For bash, or another POSIX shell."""
    before, command = _command(call, f"--endpoint-url {word(call.endpoint)}" if call.endpoint else "")
    if call.model.has_streaming_output:
        command.append("/dev/stdout")
    return "\n".join([*call.notes("#"), *before, _BREAK.join(command)]) + "\n"


def whole(chain: Chain) -> str:
    """For bash: an answer is read into a variable for each value that is taken from it.

    In parentheses, so that a call that is refused ends the script, and not the shell of whoever pastes it.
    """
    endpoint = '"${endpoint[@]}"' if chain.endpoint else ""
    lines = [*chain.notes("#"), "(", "set -e"]
    if chain.endpoint:
        lines.append(f"endpoint=(--endpoint-url {word(chain.endpoint)})  # the sandbox; endpoint=() for AWS")
    for link in chain.links:
        before, command = _command(link.call, endpoint)
        lines += ["", f"# {link.title}", *before]
        if taken := chain.taken_of(link.number):
            paths = ", ".join(".".join(each.path) for each in taken)
            command += [f"--query '[{paths}]'", "--output text"]
            lines.append(f"answer_{link.number}=$({_BREAK.join(command)})")
            lines.append(f'read -r {" ".join(each.variable for each in taken)} <<< "$answer_{link.number}"')
        else:
            lines.append(_BREAK.join(command))
    if chain.credentials:
        key, secret, session = chain.credentials
        asked = [
            "aws sts get-caller-identity",
            f"--region {word(chain.region)}",
            *([endpoint] if endpoint else []),
        ]
        lines += ["", f"# {WHOSE}"]
        if chain.identity:
            lines.append(f'echo "Identity ID: ${{{chain.identity.variable}}}"')
        lines.append(
            _BREAK.join(
                [
                    f'AWS_ACCESS_KEY_ID="${{{key.variable}}}"',
                    f'AWS_SECRET_ACCESS_KEY="${{{secret.variable}}}"',
                    f'AWS_SESSION_TOKEN="${{{session.variable}}}"',
                    *asked,
                    "--query Arn --output text",
                ]
            )
        )
    return "\n".join([*lines, ")"]) + "\n"


def _command(call: ProgramCall, endpoint: str) -> tuple[list[str], list[str]]:
    """What has to be done before it, and its words by lines. `endpoint`: the option, written for the shell."""
    model = call.model
    command = [f"aws {_COMMANDS.get(call.service, call.service)} {xform_name(model.name, '-')}"]
    before = []
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
    command.append(f"--region {word(call.region)}")
    if endpoint:
        command.append(endpoint)
    if not call.signed:
        command.append("--no-sign-request")
    return before, command


def _is_blob(shape: Shape | Any) -> bool:
    return isinstance(shape, Shape) and shape.type_name == "blob"


def _means_more(value: Any) -> bool:
    """Whether the CLI would not take a text for what it is: it reads the files and addresses that a parameter names
    (AWS CLI User Guide, "Loading a parameter from a file"), and takes what begins with a hyphen for an option."""
    text = value[0] if isinstance(value, tuple) else value
    return isinstance(text, str) and text.startswith(("file://", "fileb://", "http://", "https://", "-"))
