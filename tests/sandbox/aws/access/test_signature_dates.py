"""Dates of signatures: how far off each service lets them be, and what it says beyond."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.lab import Lab
from tests.sandbox.signing import CALLER, presigned_query, signed_json, signed_query
from tests.sandbox.wire import Answer, send

LIST_POOLS = ("AWSCognitoIdentityService.ListIdentityPools", b'{"MaxResults":1}', "cognito-identity")
LIST_TABLES = ("DynamoDB_20120810.ListTables", b"{}", "dynamodb")
LIST_PARAMETERS = ("AmazonSSM.DescribeParameters", b"{}", "ssm")
At = Callable[[float], None]
LIST_ROLES = b"Action=ListRoles&Version=2010-05-08"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Has signatures made so many minutes from now."""

    def shift(minutes: float) -> None:
        when = (datetime.now(UTC) + timedelta(minutes=minutes)).replace(tzinfo=None)
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: when)

    return shift


def call(lab: Lab, service: str) -> Answer:
    if service in ("sts", "iam"):
        body = LIST_ROLES if service == "iam" else CALLER
        return signed_query(lab.sandbox, key=lab.account, service=service, body=body).send(lab.sandbox)
    target, body, _ = {"dynamodb": LIST_TABLES, "ssm": LIST_PARAMETERS}.get(service, LIST_POOLS)
    return signed_json(lab.sandbox, target, body, service, key=lab.account).send(lab.sandbox)


@pytest.mark.parametrize(
    ("service", "allowed"), [("sts", 15), ("iam", 15), ("dynamodb", 15), ("ssm", 5), ("cognito-identity", 5)]
)
def test_dates_are_taken_as_far_off_as_aws_takes_them(lab: Lab, at: At, service: str, allowed: int) -> None:
    for minutes in (1 - allowed, allowed - 1):
        at(minutes)
        assert call(lab, service).status == 200
    for minutes, sentence, sign in (
        (-1 - allowed, "is now earlier than", "-"),
        (1 + allowed, "is still later than", "+"),
    ):
        at(minutes)
        answer = call(lab, service)
        assert answer.status == (403 if service in ("sts", "iam") else 400)
        assert re.search(rf"{sentence} \w+ \(\w+ {re.escape(sign)} {allowed} min\.\)", answer.body.decode())


def test_a_presigned_call_of_sts_is_good_for_a_quarter_of_an_hour_whatever_it_says(lab: Lab, at: At) -> None:
    """Tokens of Kubernetes clusters are such calls, signed for sixty seconds and used for longer."""
    at(-14)
    assert presigned_query(lab.sandbox, expires=60).send(lab.sandbox).status == 200
    at(-16)
    assert b"- 15 min." in presigned_query(lab.sandbox, expires=3600).send(lab.sandbox).body


def by_url(lab: Lab, seconds: int = 600) -> Answer:
    request = AWSRequest("GET", f"{lab.sandbox.url}/some-bucket/k")
    S3SigV4QueryAuth(Credentials(lab.account, "test"), "s3", "us-east-1", expires=seconds).add_auth(request)
    parts = urlsplit(request.prepare().url)
    return send(lab.sandbox, "GET", f"{parts.path}?{parts.query}")


def by_header(lab: Lab) -> Answer:
    headers = {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
    request = AWSRequest("GET", f"{lab.sandbox.url}/some-bucket/k", headers=headers)
    S3SigV4Auth(Credentials(lab.account, "test"), "s3", "us-east-1").add_auth(request)
    return send(lab.sandbox, "GET", "/some-bucket/k", headers=dict(request.headers.items()))


def members(answer: Answer) -> dict[str, str]:
    found: list[tuple[str, str]] = re.findall(r"<([\w-]+)>([^<]*)</\1>", answer.body.decode())
    return dict(found)


DAY_AND_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_a_url_of_the_future(lab: Lab, at: At) -> None:
    at(20)
    answer = by_url(lab)
    told = members(answer)
    assert (answer.status, told["Code"], told["Message"]) == (403, "AccessDenied", "Request is not yet valid")
    assert re.fullmatch(r"\d{8}T\d{6}Z", told["X-Amz-Date"])
    assert DAY_AND_TIME.fullmatch(told["Expires"])
    assert DAY_AND_TIME.fullmatch(told["ServerTime"])
    assert told["Expires"] > told["ServerTime"]


def test_a_url_that_is_over(lab: Lab, at: At) -> None:
    at(-11)
    told = members(by_url(lab, 600))
    assert (told["Code"], told["Message"], told["X-Amz-Expires"]) == ("AccessDenied", "Request has expired", "600")
    assert told["Expires"] < told["ServerTime"]
    assert members(by_url(lab, 3600))["Code"] != "AccessDenied"


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_header_of_another_time(lab: Lab, at: At, minutes: int) -> None:
    at(minutes)
    answer = by_header(lab)
    told = members(answer)
    assert (answer.status, told["Code"], told["MaxAllowedSkewMilliseconds"]) == (403, "RequestTimeTooSkewed", "900000")
    assert re.fullmatch(r"\d{8}T\d{6}Z", told["RequestTime"])
    assert DAY_AND_TIME.fullmatch(told["ServerTime"])
