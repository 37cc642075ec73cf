"""ARNs of resources in policies: which of them IAM takes, and in which words it refuses the others.

Source: IAM User Guide, "IAM JSON policy elements: Resource"; sentences and their order as recorded from IAM by moto
(tests/test_iam/test_iam_policies.py), whose cases these rules were held against.
"""

import re

PARTITIONS = frozenset(
    ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"]
)  # botocore's endpoints.json
_IAM_PATHS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_PATTERN = re.compile(r"[*?$]")  # wildcards, or a policy variable


def refusal_of(resource: str) -> str:
    """Why IAM refuses a resource, in its words; empty where it takes it. What an ARN lacks at its end it completes."""
    if resource == "*" or resource.startswith("${"):
        return ""
    _, colon, rest = resource.partition(":")
    if not colon:
        return f'Resource {resource} must be in ARN format or "*".'
    partition, colon, rest = rest.partition(":")
    if partition not in PARTITIONS and not _PATTERN.search(partition):
        completed = ":".join([*(rest.split(":", 3) if rest or colon else []), *["*"] * 4][:4])
        return f'Partition "{partition}" is not valid for resource "arn:{partition}:{_starred(completed)}".'
    if not colon or set(rest.partition(":")[0]) & {"*", "?"}:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    return _refusal_of_parts(resource, *[*rest.split(":", 3), "", "", ""][:4])


def _starred(parts: str) -> str:
    """A service that is missing altogether is any."""
    return f"*{parts}" if parts.startswith(":") and not parts.strip(":*") else parts


def _refusal_of_parts(resource: str, service: str, region: str, _account: str, named: str) -> str:
    if service == "iam" and region not in ("", "*"):
        return f"IAM resource {resource} cannot contain region information."
    if service == "s3" and region not in ("", "*") and not named.startswith("accesspoint/"):
        return f"Resource {resource} can not contain region information."
    if service == "iam" and resource.count(":") >= 5 and named != "*" and not named.startswith((*_IAM_PATHS, "${")):
        return f'IAM resource path must either be "*" or start with {", ".join(_IAM_PATHS)}.'
    return ""


def fails_legacy_parsing(resource: str) -> bool:
    """Whether the older of IAM's two parsers refuses an ARN that the other one takes: a part is empty and a colon is
    missing, as in `arn:aws:s3::bucket`, or it names no service."""
    if resource == "*" or resource.startswith("${"):
        return False
    return (resource.count(":") < 5 and "::" in resource) or resource.split(":", 3)[2:3] == [""]
