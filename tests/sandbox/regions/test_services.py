"""DynamoDB, Systems Manager, STS and IAM by region, with clients as people make them: one address, a region each."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, allow, refused
from tests.sandbox.signing import signed_query

HERE, THERE = "us-east-1", "eu-west-1"
KEYS = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def employed(lab: Lab, *statements: dict[str, Any], trusting: dict[str, Any] | None = None) -> dict[str, Any]:
    """Credentials of a role of the account with exactly these rights."""
    account = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole", **(trusting or {})}
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    role = lab.role(f"r{uuid.uuid4().hex[:8]}", {"Version": "2012-10-17", "Statement": [account]}, policy)
    return dict(lab.client("sts").assume_role(RoleArn=role, RoleSessionName="xx")["Credentials"])


def grant(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource=resource)["Statement"][0], **more}


def test_tables_of_one_name_in_two_regions_are_two_tables(lab: Lab) -> None:
    for region in (HERE, THERE):
        client = lab.client("dynamodb", region)
        table = client.create_table(TableName="notes", **KEYS)["TableDescription"]
        assert table["TableArn"] == f"arn:aws:dynamodb:{region}:{lab.account}:table/notes"
        client.put_item(TableName="notes", Item={"pk": {"S": region}})
    for region in (HERE, THERE):
        items = lab.client("dynamodb", region).scan(TableName="notes")["Items"]
        assert items == [{"pk": {"S": region}}]
    assert lab.client("dynamodb", "sa-east-1").list_tables()["TableNames"] == []


def test_a_table_of_another_region_is_not_named_by_its_arn(lab: Lab) -> None:
    lab.client("dynamodb", THERE).create_table(TableName="there", **KEYS)
    arn = f"arn:aws:dynamodb:{THERE}:{lab.account}:table/there"
    assert lab.client("dynamodb", THERE).describe_table(TableName=arn)
    with pytest.raises(ClientError) as error:
        lab.client("dynamodb").describe_table(TableName=arn)
    assert refused(error.value)[1] == "ResourceNotFoundException"


def test_a_policy_for_one_regions_table_does_not_open_anothers(lab: Lab) -> None:
    for region in (HERE, THERE):
        client = lab.client("dynamodb", region)
        client.create_table(TableName="notes", **KEYS)
        client.put_item(TableName="notes", Item={"pk": {"S": "secret"}})
    keys = employed(lab, grant("dynamodb:*", f"arn:aws:dynamodb:{THERE}:{lab.account}:table/notes"))
    key = {"pk": {"S": "secret"}}
    assert lab.with_credentials("dynamodb", keys, THERE).get_item(TableName="notes", Key=key)["Item"] == key
    here = lab.with_credentials("dynamodb", keys, HERE)
    reads: list[Callable[[], Any]] = [
        lambda: here.get_item(TableName="notes", Key=key),
        lambda: here.scan(TableName="notes"),
        lambda: here.get_item(TableName=f"arn:aws:dynamodb:{HERE}:{lab.account}:table/notes", Key=key),
        lambda: here.batch_get_item(RequestItems={"notes": {"Keys": [key]}}),
        lambda: here.transact_get_items(TransactItems=[{"Get": {"TableName": "notes", "Key": key}}]),
    ]
    for read in reads:
        with pytest.raises(ClientError) as error:
            read()
        status, code, message = refused(error.value)
        assert (status, code) == (400, "AccessDeniedException")
        assert f"arn:aws:dynamodb:{HERE}:{lab.account}:table/notes" in message


def test_the_leading_key_is_that_of_the_regions_own_table(lab: Lab) -> None:
    """Two tables of one name may have different partition keys: the condition is about the one that is asked."""
    other = {
        "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "owner", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    lab.client("dynamodb", HERE).create_table(TableName="notes", **KEYS)
    lab.client("dynamodb", THERE).create_table(TableName="notes", **other)
    mine = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["me"]}}
    keys = employed(lab, grant("dynamodb:PutItem", Condition=mine))
    there = lab.with_credentials("dynamodb", keys, THERE)
    assert there.put_item(TableName="notes", Item={"owner": {"S": "me"}, "pk": {"S": "somebody"}})
    with pytest.raises(ClientError, match="AccessDenied"):
        there.put_item(TableName="notes", Item={"owner": {"S": "somebody"}, "pk": {"S": "me"}})
    with pytest.raises(ClientError, match="AccessDenied"):
        lab.with_credentials("dynamodb", keys, HERE).put_item(TableName="notes", Item={"pk": {"S": "somebody"}})


def test_tags_are_those_of_the_regions_own_table(lab: Lab) -> None:
    for region, team in ((HERE, "red"), (THERE, "blue")):
        tags = [{"Key": "team", "Value": team}]
        lab.client("dynamodb", region).create_table(TableName="notes", Tags=tags, **KEYS)
    only_blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    keys = employed(lab, grant("dynamodb:DescribeTable", Condition=only_blue))
    assert lab.with_credentials("dynamodb", keys, THERE).describe_table(TableName="notes")
    with pytest.raises(ClientError, match="AccessDenied"):
        lab.with_credentials("dynamodb", keys, HERE).describe_table(TableName="notes")


def test_parameters_are_by_region_as_are_their_arns(lab: Lab) -> None:
    for region in (HERE, THERE):
        lab.client("ssm", region).put_parameter(Name="/app/greeting", Value=region, Type="String")
    for region in (HERE, THERE):
        found = lab.client("ssm", region).get_parameter(Name="/app/greeting")["Parameter"]
        assert (found["Value"], found["ARN"]) == (
            region,
            f"arn:aws:ssm:{region}:{lab.account}:parameter/app/greeting",
        )
    keys = employed(lab, grant("ssm:GetParameter", f"arn:aws:ssm:{THERE}:{lab.account}:parameter/app/*"))
    assert lab.with_credentials("ssm", keys, THERE).get_parameter(Name="/app/greeting")
    here = lab.with_credentials("ssm", keys, HERE)
    for name in ("/app/greeting", f"arn:aws:ssm:{THERE}:{lab.account}:parameter/app/greeting"):
        with pytest.raises(ClientError):
            here.get_parameter(Name=name)


def test_the_requested_region_is_that_of_the_call(lab: Lab) -> None:
    lab.client("dynamodb", HERE).create_table(TableName="notes", **KEYS)
    lab.client("dynamodb", THERE).create_table(TableName="notes", **KEYS)
    keys = employed(lab, grant("*", Condition={"StringEquals": {"aws:RequestedRegion": [THERE]}}))
    assert lab.with_credentials("dynamodb", keys, THERE).describe_table(TableName="notes")
    assert lab.with_credentials("ssm", keys, THERE).describe_parameters()
    assert lab.with_credentials("cognito-identity", keys, THERE).list_identity_pools(MaxResults=1)
    for service, operation, params in (
        ("dynamodb", "describe_table", {"TableName": "notes"}),
        ("ssm", "describe_parameters", {}),
        ("cognito-identity", "list_identity_pools", {"MaxResults": 1}),
    ):
        with pytest.raises(ClientError) as error:
            getattr(lab.with_credentials(service, keys, HERE), operation)(**params)
        assert refused(error.value)[1] == "AccessDeniedException"


def test_a_call_to_iam_is_made_in_the_region_of_global_services(lab: Lab) -> None:
    """So a policy for the calls of one region has to except IAM (IAM User Guide, `aws:RequestedRegion`)."""
    keys = employed(lab, grant("iam:ListRoles", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))
    assert lab.with_credentials("iam", keys, HERE).list_roles()
    assert lab.with_credentials("iam", keys, THERE).list_roles()


def test_iam_is_the_same_from_every_region(lab: Lab) -> None:
    lab.role("Everywhere", {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}]})  # fmt: skip
    assert lab.client("iam", THERE).get_role(RoleName="Everywhere")


def test_iams_own_host_takes_the_first_regions_signature_only(lab: Lab) -> None:
    for region, status in (("us-east-1", 200), ("eu-west-1", 403)):
        request = signed_query(
            lab.sandbox, service="iam", region=region, body=b"Action=ListRoles&Version=2010-05-08",
            host="iam.amazonaws.com",
        )  # fmt: skip
        answer = request.send(lab.sandbox)
        assert answer.status == status
    assert b"<Code>SignatureDoesNotMatch</Code>" in answer.body
    assert b"<Message>Credential should be scoped to a valid region, not 'eu-west-1'. </Message>" in answer.body


@pytest.mark.parametrize(
    ("host", "region", "status"),
    [
        ("sts.amazonaws.com", "us-east-1", 200),
        ("sts.amazonaws.com", "eu-west-1", 403),
        ("sts.us-east-1.amazonaws.com", "us-east-1", 200),
        ("sts.eu-west-1.amazonaws.com", "eu-west-1", 200),
        ("sts.eu-west-1.amazonaws.com", "us-east-1", 403),
        ("sts.eu-south-2.amazonaws.com", "eu-south-2", 200),
        ("", "ap-northeast-3", 200),
        ("", "eu-nowhere-9", 403),
        ("", "cn-north-1", 403),
        ("", "", 403),
    ],
)
def test_sts_answers_at_its_global_and_its_regional_endpoints(lab: Lab, host: str, region: str, status: int) -> None:
    answer = signed_query(lab.sandbox, region=region, host=host).send(lab.sandbox)
    assert answer.status == status
    if status == 403:
        assert f"Credential should be scoped to a valid region, not '{region}'. ".encode() in answer.body


def test_a_host_of_a_region_that_does_not_exist_is_nobodys_name(lab: Lab) -> None:
    for host in ("sts.eu-nowhere-9.amazonaws.com", "sts.us-gov-west-1.amazonaws.com"):
        answer = signed_query(lab.sandbox, region="us-east-1", host=host).send(lab.sandbox)
        assert (answer.status, answer.body) == (400, b"This is not a host name of the sandbox.\n")


def test_credentials_of_one_region_are_good_in_every_region(lab: Lab) -> None:
    account = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    role = lab.role("Traveller", {"Version": "2012-10-17", "Statement": [account]}, allow("*"))
    keys = lab.client("sts", THERE).assume_role(RoleArn=role, RoleSessionName="xx")["Credentials"]
    for region in (HERE, THERE, "af-south-1"):
        arn = lab.with_credentials("sts", keys, region).get_caller_identity()["Arn"]
        assert arn.endswith("assumed-role/Traveller/xx")
        assert lab.with_credentials("dynamodb", keys, region).list_tables()["TableNames"] == []


def test_a_trust_policy_may_ask_for_the_region(lab: Lab) -> None:
    condition = {"Condition": {"StringEquals": {"aws:RequestedRegion": THERE}}}
    account = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole", **condition}
    role = lab.role("FromEurope", {"Version": "2012-10-17", "Statement": [account]}, allow("*"))
    assert lab.client("sts", THERE).assume_role(RoleArn=role, RoleSessionName="xx")["Credentials"]
    with pytest.raises(ClientError) as error:
        lab.client("sts", HERE).assume_role(RoleArn=role, RoleSessionName="xx")
    assert refused(error.value)[1] == "AccessDenied"


def test_services_that_are_not_emulated_are_refused_with_the_regions_arn(lab: Lab) -> None:
    keys = employed(lab, grant("s3:*"))
    with pytest.raises(ClientError) as error:
        lab.with_credentials("lambda", keys, THERE).invoke(FunctionName="f")
    assert f"arn:aws:lambda:{THERE}:{lab.account}:function:f" in json.dumps(error.value.response)
