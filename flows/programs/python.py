"""A call as a Python program (boto3)."""

import json

from botocore import xform_name

from flows.programs.call import Call
from flows.programs.literals import Notation

_PYTHON = Notation({True: "True", False: "False", None: "None"}, 'os.environ["%s"]')


def written(call: Call) -> str:
    """`python call.py`"""
    imports = ["import json", *(["import os"] if call.secrets else []), "", "import boto3"]
    options = [json.dumps(call.service), f"region_name={json.dumps(call.region)}"]
    if call.endpoint:
        options.append(f"endpoint_url={json.dumps(call.endpoint)}")
    if not call.signed:
        imports += ["from botocore import UNSIGNED", "from botocore.config import Config"]
        options.append("config=Config(signature_version=UNSIGNED)")
    arguments = "".join(f"    {name}={_PYTHON.written(value, 1)},\n" for name, value in call.values.items())
    asked = f"client.{xform_name(call.model.name)}({f'{chr(10)}{arguments}' if arguments else ''})"
    lines = [
        *call.notes("#"),
        *imports,
        "",
        f"client = boto3.client({', '.join(options)})",
        f"answer = {asked}",
        "print(json.dumps(answer, indent=2, default=str))",
    ]
    return "\n".join(lines) + "\n"
