"""The steps of `deploy/by-hand.sh`, for the console and the AWS CLI, with somebody's own names in them."""

import re
import shlex
from pathlib import Path


def steps(file: Path, *, stack: str, region: str, public_url: str) -> str:
    """The text of `file` with these values in the lines that name them. Buckets are called after the stack, so its
    name is written in small letters."""
    text = file.read_text(encoding="utf-8")
    values = {"export AWS_REGION": region, "STACK": stack.lower(), "PUBLIC_URL": public_url}
    for name, value in values.items():
        line = f"{name}={shlex.quote(value)}"
        text = re.sub(rf"^{name}=.*$", line.replace("\\", r"\\"), text, count=1, flags=re.MULTILINE)
    return text
