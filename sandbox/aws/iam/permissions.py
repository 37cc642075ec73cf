"""How a call of IAM names its resource; a caller needs `iam:OPERATION` on it."""

from sandbox.aws.iam.names import arn
from sandbox.core.call import Call
from sandbox.core.service import Resource

# Under which parameter an operation names its resource, and how the ARN is made of it.
_NAMED = {"UserName": "user", "GroupName": "group", "PolicyName": "policy", "Name": "saml-provider"}
_ARNS = ("PolicyArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "PolicySourceArn")


def resources(call: Call) -> list[Resource]:
    """The one resource of the call."""
    return [Resource(_arn(call))]


def _arn(call: Call) -> str:
    if "RoleName" in call.params:
        return _role_arn(call)
    for name, kind in _NAMED.items():
        if name in call.params:
            return f"arn:aws:iam::{call.account}:{kind}{call.params.get('Path', '/')}{call.params[name]}"
    for name in _ARNS:
        if name in call.params:
            return str(call.params[name])
    return "*"


def _role_arn(call: Call) -> str:
    """The ARN of the role that the call names; its path is known only when the role exists."""
    name = call.params["RoleName"]
    row = call.instance.store.connection.execute(
        "SELECT path FROM iam_role WHERE account = ? AND name = ?", (call.account, name)
    ).fetchone()
    path = row["path"] if row else call.params.get("Path", "/")
    return arn(call.account, "role", path, name)
