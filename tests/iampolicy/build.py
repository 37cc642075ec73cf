"""Short ways to write policies in tables of tests."""

import json
from typing import Any

from iampolicy.documents import parse_policy
from iampolicy.evaluator import Access, Evaluation, authorize
from iampolicy.statements import PolicyDocument

BUCKET = "arn:aws:s3:::shop"
OBJECT = "arn:aws:s3:::shop/a/b.txt"


def statement(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **members}


def policy(*statements: dict[str, Any], version: str | None = "2012-10-17") -> PolicyDocument:
    document: dict[str, Any] = {"Statement": list(statements)}
    if version:
        document["Version"] = version
    return parse_policy(json.dumps(document))


def decide(
    *documents: PolicyDocument, action: str = "s3:GetObject", resource: str = OBJECT, **context: Any
) -> Evaluation:
    return authorize(documents, [], Access(action, resource, context.get("context", {})))


def holds(condition: dict[str, Any], context: dict[str, Any]) -> bool:
    """Whether an Allow with this Condition block allows."""
    return decide(policy(statement(Condition=condition)), context=context).verdict == "allow"
