"""Callers with chosen rights: a role of the sandbox, assumed through STS."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with credentials; no keys mean the administrator."""

    sandbox: RunningSandbox
    keys: dict[str, str]
    identity_id: str = ""

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, **self.keys)


def allow(action: str | list[str], resource: str | list[str] = "*", **members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


def hire(sandbox: RunningSandbox, statements: list[dict[str, Any]], tags: dict[str, str]) -> Person:
    """A session of a new role that has these statements."""
    iam, name = sandbox.client("iam"), f"Hired{next(_numbers)}"
    trust = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )["Role"]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="Rights", PolicyDocument=document)
    answer = sandbox.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    keys = {
        "access_key": answer["AccessKeyId"],
        "secret_key": answer["SecretAccessKey"],
        "token": answer["SessionToken"],
    }
    return Person(sandbox, keys)


def refused(call: Any, **params: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the refusal of a boto3 call."""
    with pytest.raises(ClientError) as error:
        call(**params)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"].get("Message", "")
