"""A call, and a run, as a Python program (boto3)."""

from botocore import xform_name

from flows.programs.call import ProgramCall
from flows.programs.chain import WHOSE, Chain
from flows.programs.literals import Notation

_PYTHON = Notation(
    {True: "True", False: "False", None: "None"}, 'os.environ["%s"]', "answer_%d", '["%s"]', surrogates=False
)


def written(call: ProgramCall) -> str:
    """`python call.py`"""
    imports = ["import json", *(["import os"] if call.secrets else []), "", "import boto3"]
    options = [_PYTHON.written(call.service), f"region_name={_PYTHON.written(call.region)}"]
    if call.endpoint:
        options.append(f"endpoint_url={_PYTHON.written(call.endpoint)}")
    if not call.signed:
        imports += ["from botocore import UNSIGNED", "from botocore.config import Config"]
        options.append("config=Config(signature_version=UNSIGNED)")
    lines = [
        *call.notes("#"),
        *imports,
        "",
        f"client = boto3.client({', '.join(options)})",
        f"answer = client.{_asked(call)}",
        "print(json.dumps(answer, indent=2, default=str))",
    ]
    return "\n".join(lines) + "\n"


def whole(chain: Chain) -> str:
    """`python run.py`"""
    unsigned = any(not link.call.signed for link in chain.links)
    lines = [
        *chain.notes("#"),
        *([] if chain.credentials else ["import json"]),
        *(["import os"] if chain.secrets else []),
        *([] if chain.credentials and not chain.secrets else [""]),
        "import boto3",
        *(["from botocore import UNSIGNED", "from botocore.config import Config"] if unsigned else []),
    ]
    if chain.endpoint:
        lines += ["", f"ENDPOINT = {_PYTHON.written(chain.endpoint)}  # the sandbox; None for AWS"]
    clients: dict[tuple[str, str, bool], str] = {}
    for link in chain.links:
        call = link.call
        lines += ["", f"# {link.title}"]
        key = (call.service, call.region, call.signed)
        if key not in clients:
            clients[key] = f"client_{len(clients) + 1}"
            config = [] if call.signed else ["config=Config(signature_version=UNSIGNED)"]
            lines.append(f"{clients[key]} = {_client(chain, call.service, call.region, config)}")
        lines.append(f"answer_{link.number} = {clients[key]}.{_asked(call)}")
    if not chain.credentials:
        return "\n".join([*lines, f"print(json.dumps(answer_{len(chain.links)}, indent=2, default=str))"]) + "\n"
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    keys = [f"{name}={_PYTHON.taken(taken)}" for name, taken in zip(names, chain.credentials, strict=True)]
    lines += ["", f"# {WHOSE}", f"whoever = {_client(chain, 'sts', chain.region, keys)}"]
    if chain.identity:
        lines.append(f'print("Identity ID:", {_PYTHON.taken(chain.identity)})')
    lines.append('print(whoever.get_caller_identity()["Arn"])')
    return "\n".join(lines) + "\n"


def _client(chain: Chain, service: str, region: str, more: list[str]) -> str:
    options = [_PYTHON.written(service), f"region_name={_PYTHON.written(region)}"]
    options += ["endpoint_url=ENDPOINT"] if chain.endpoint else []
    return "boto3.client(\n" + "".join(f"    {option},\n" for option in [*options, *more]) + ")"


def _asked(call: ProgramCall) -> str:
    """`get_id(...)`, an argument a line."""
    arguments = "".join(f"    {name}={_PYTHON.written(value, 1)},\n" for name, value in call.values.items())
    return f"{xform_name(call.model.name)}({f'{chr(10)}{arguments}' if arguments else ''})"
