"""The body of PutBucketCors: which rules S3 takes, and in which words it refuses others.

Source: Amazon S3 API Reference, PutBucketCors (an AllowedOrigin and an AllowedHeader may have one wildcard, an
ExposeHeader none); the sentences are those that AWS's command line shows in public reports.
"""

from lxml import etree

from sandbox.aws.gate.s3.xml import malformed, read_document
from sandbox.core.errors import AwsError

_MOST_RULES = 100


def check_cors_document(body: bytes) -> None:
    """Refuse rules that S3 would not take. Methods are left to who keeps the rules.

    Raises:
        AwsError: MalformedXML; InvalidRequest.
    """
    root = read_document(body)
    rules = [child for child in root if etree.QName(child).localname == "CORSRule"]
    if not 0 < len(rules) <= _MOST_RULES:
        raise malformed()
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: "etree._Element") -> None:
    if not (_values(rule, "AllowedMethod") and _values(rule, "AllowedOrigin")):
        raise malformed()
    ages = _values(rule, "MaxAgeSeconds")
    if len(ages) > 1 or not all(age.isascii() and age.isdigit() for age in ages):
        raise malformed()
    for name in ("AllowedOrigin", "AllowedHeader"):
        for value in _values(rule, name):
            if value.count("*") > 1:
                raise AwsError("InvalidRequest", f'{name} "{value}" can not have more than one wildcard.')
    for value in _values(rule, "ExposeHeader"):
        if "*" in value:
            sentence = (
                f'ExposeHeader "{value}" contains wildcard. We currently do not support wildcard for ExposeHeader.'
            )
            raise AwsError("InvalidRequest", sentence)


def _values(rule: "etree._Element", name: str) -> list[str]:
    """The texts of a rule's members of that name."""
    found = [child for child in rule if etree.QName(child).localname == name]
    if any(len(child) for child in found):
        raise malformed()
    return [(child.text or "").strip() for child in found]
