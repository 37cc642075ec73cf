"""Global condition keys of real requests."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.aws.gate.people import Person, allow, refused

Hired = Callable[..., Person]
PUBLIC = "identity-pools-lab-public"


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, True),
        ({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, True),
        ({"StringLike": {"aws:UserAgent": "Boto3/*"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "000000000000"}}, True),
        ({"StringEquals": {"aws:ResourceAccount": "000000000000", "s3:ResourceAccount": "000000000000"}}, True),
        ({"StringNotEquals": {"aws:ResourceAccount": "000000000000"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::000000000000:role/Hired*"}}, True),
        ({"StringLike": {"aws:userid": "AROA*:test"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/TEAM": "red"}}, True),
        ({"Null": {"aws:PrincipalTag/other": "true"}}, True),
        ({"Null": {"cognito-identity.amazonaws.com:sub": "true"}}, True),
        ({"Bool": {"aws:ViaAWSService": "false"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"Null": {"aws:Referer": "true"}}, True),
    ],
)
def test_keys_of_a_role_session(hired: Hired, condition: dict[str, Any], allowed: bool) -> None:
    client = hired(allow("s3:ListBucket", Condition=condition), tags={"team": "red"}).client("s3")
    if allowed:
        assert client.list_objects_v2(Bucket=PUBLIC)["KeyCount"]
    else:
        assert refused(client.list_objects_v2, Bucket=PUBLIC)[0] == "AccessDenied"


def test_the_way_of_signing_is_a_key(hired: Hired) -> None:
    condition = {"StringEquals": {"s3:authType": "REST-HEADER"}}
    client = hired(allow("s3:GetObject", Condition=condition)).client("s3")
    assert client.get_object(Bucket=PUBLIC, Key="product-catalog.pdf")
    from tests.sandbox.aws.gate.test_s3_smoke import fetch

    params = {"Bucket": PUBLIC, "Key": "product-catalog.pdf"}
    assert fetch(client.generate_presigned_url("get_object", Params=params))[0] == 403


def test_a_header_does_not_change_where_a_request_comes_from(hired: Hired) -> None:
    """Nobody stands before the sandbox, so `X-Forwarded-For` is the word of the client itself."""
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    client = hired(allow("s3:ListBucket", Condition=condition)).client("s3")

    def claim(request: Any, **_: Any) -> None:
        request.headers["X-Forwarded-For"] = "10.1.2.3"

    client.meta.events.register("before-send.s3.ListObjectsV2", claim)
    assert refused(client.list_objects_v2, Bucket=PUBLIC)[0] == "AccessDenied"
