"""The tables of operations in docs/sandbox.md, and that they say what callers meet."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.endpoint.operation_tables import operation_tables
from tests import ROOT
from tests.sandbox.lab import Lab, refused


@pytest.fixture(scope="module")
def tables() -> str:
    return operation_tables()


def rows(tables: str, service: str) -> dict[str, list[str]]:
    """Operation -> the actions that its row names."""
    (table,) = re.findall(rf"\*\*{service}\*\*: .*?\n\n(.*?)(?=\n\n|$)", tables, re.DOTALL)
    found = re.findall(r"^\| (\w+) \| [^|]+ \| (.*) \|$", table, re.MULTILINE)
    return {operation: re.findall(r"`([\w:-]+)`", needs) for operation, needs in found if operation != "operation"}


def listed(tables: str, service: str, what: str) -> list[str]:
    """The operations in the line behind a service's table."""
    part = tables.partition(f"**{service}**: ")[2].partition("\n\n**")[0]
    found = re.search(rf"^{what}: (.*)\.$", part, re.MULTILINE)
    return found[1].split(", ") if found else []


def test_the_page_has_them_as_the_code_makes_them(tables: str) -> None:
    """After a change: `.venv/bin/python scripts/operation_tables`."""
    page = (ROOT / "docs" / "sandbox.md").read_text()
    assert page.partition("<!-- operations -->\n\n")[2].partition("\n\n<!-- end of operations -->")[0] == tables


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("iam", "GetAccountSummary", {}),
    ("iam", "GetRole", {"RoleName": "Nobody"}),
    ("cognito-identity", "ListIdentityPools", {"MaxResults": 1}),
    ("s3", "GetBucketPolicy", {"Bucket": "some-bucket"}),
    ("s3", "ListParts", {"Bucket": "some-bucket", "Key": "k", "UploadId": "u"}),
    ("s3", "GetObjectTagging", {"Bucket": "some-bucket", "Key": "k"}),
    ("dynamodb", "ListTables", {}),
    ("dynamodb", "PutItem", {"TableName": "t", "Item": {"pk": {"S": "a"}}}),
    ("ssm", "GetParameter", {"Name": "/p"}),
]


@pytest.mark.parametrize(("service", "operation", "params"), CALLS)
def test_what_a_row_says_is_needed_is_what_is_asked_for(
    tables: str, lab: Lab, service: str, operation: str, params: dict[str, Any]
) -> None:
    needs = rows(tables, service)[operation]
    statement = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    role = lab.role("Powerless", {"Version": "2012-10-17", "Statement": [statement]})
    keys = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"]
    client = lab.with_credentials(service, keys)
    with pytest.raises(ClientError) as error:
        client._make_api_call(operation, params)
    assert any(f"is not authorized to perform: {action} " in refused(error.value)[2] for action in needs)


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("iam", "CreateUser", {"UserName": "ana"}),
        ("sts", "GetFederationToken", {"Name": "ana"}),
        ("cognito-idp", "GetDevice", {"DeviceKey": "us-east-1_0000", "AccessToken": "x.y.z"}),
        ("s3", "SelectObjectContent", {"Bucket": "b-1", "Key": "k", "Expression": "e", "ExpressionType": "SQL",
                                       "InputSerialization": {}, "OutputSerialization": {}}),
        ("dynamodb", "ExecuteStatement", {"Statement": "SELECT * FROM t"}),
        ("dynamodb", "DescribeContributorInsights", {"TableName": "t"}),
        ("ssm", "CreateOpsItem", {"Description": "d", "Source": "s", "Title": "t"}),
    ],
)  # fmt: skip
def test_what_is_said_to_be_left_out_says_so_itself(
    tables: str, lab: Lab, service: str, operation: str, params: dict[str, Any]
) -> None:
    left_out = [
        *listed(tables, service, "Refused on purpose, with a sentence"),
        *listed(tables, service, "Not emulated"),
    ]
    assert operation in left_out
    assert operation not in rows(tables, service)
    with pytest.raises(ClientError) as error:
        lab.client(service)._make_api_call(operation, params)
    status, code, message = refused(error.value)
    assert code == "NotImplemented"
    assert message.startswith("This sandbox ")
    assert status == 501
