"""Callers with chosen rights: a role of the sandbox, assumed through STS."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox

_numbers = itertools.count(1)
_clients: dict[tuple[str, str, str, str], Any] = {}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with credentials; no keys mean the administrator."""

    sandbox: RunningSandbox
    keys: dict[str, str]
    identity_id: str = ""

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client; made once, since making one takes longer than most tests."""
        key = (self.sandbox.url, self.keys.get("access_key", ""), service, region)
        if key not in _clients:
            _clients[key] = self.sandbox.client(service, region=region, **self.keys)
        return _clients[key]


def allow(action: str | list[str], resource: str | list[str] = "*", **members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **members}


def hire(sandbox: RunningSandbox, statements: list[dict[str, Any]], tags: dict[str, str]) -> Person:
    """A session of a new role that has these statements."""
    admin, name = Person(sandbox, {}), f"Hired{next(_numbers)}"
    iam = admin.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )["Role"]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="Rights", PolicyDocument=document)
    answer = admin.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    keys = {
        "access_key": answer["AccessKeyId"],
        "secret_key": answer["SecretAccessKey"],
        "token": answer["SessionToken"],
    }
    return Person(sandbox, keys)


@contextmanager
def a_table(client: Any, name: str, *, key: str = "pk", **more: Any) -> Iterator[None]:
    """A DynamoDB table while the block runs. Workers that share out the tests may set a module up more than once."""
    definition = {
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    client.create_table(TableName=name, **{**definition, **more})
    try:
        yield
    finally:
        client.delete_table(TableName=name)


def refused(call: Any, **params: Any) -> tuple[str, int, str]:
    """Code, HTTP status and message of the refusal of a boto3 call."""
    with pytest.raises(ClientError) as error:
        call(**params)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"].get("Message", "")
