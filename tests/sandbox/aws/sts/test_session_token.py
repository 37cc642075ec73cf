"""GetSessionToken: the administrator's credentials for a time."""

import io
from typing import Any

import pytest

from tests.sandbox.aws.iam.helpers import refused
from tests.sandbox.lab import Lab, allow


@pytest.fixture
def keys(lab: Lab) -> dict[str, Any]:
    return dict(lab.client("sts").get_session_token()["Credentials"])


def test_they_are_the_users_own(lab: Lab, keys: dict[str, Any]) -> None:
    who = lab.with_credentials("sts", keys).get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{lab.account}:user/administrator"
    assert who["UserId"] == lab.client("sts").get_caller_identity()["UserId"]
    assert keys["AccessKeyId"].startswith("ASIA")


def test_they_do_what_the_user_may(lab: Lab, keys: dict[str, Any]) -> None:
    s3 = lab.with_credentials("s3", keys)
    bucket = f"of-a-session-{lab.account}"
    s3.create_bucket(Bucket=bucket)
    # A stream is signed chunk by chunk with the same secret.
    s3.put_object(Bucket=bucket, Key="k", Body=io.BytesIO(b"text"))
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"text"
    assert lab.with_credentials("cognito-identity", keys).list_identity_pools(MaxResults=1)["IdentityPools"] == []
    statement = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    role = lab.role("Assumed", {"Version": "2012-10-17", "Statement": [statement]}, allow("*"))
    assert lab.with_credentials("sts", keys).assume_role(RoleArn=role, RoleSessionName="again")["Credentials"]


def test_they_do_not_call_iam_nor_make_more_of_themselves(lab: Lab, keys: dict[str, Any]) -> None:
    told = ("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
    assert refused(lab.with_credentials("iam", keys).list_roles) == told
    sts = lab.with_credentials("sts", keys)
    told = ("AccessDenied", 403, "Cannot call GetSessionToken with session credentials")
    assert refused(sts.get_session_token) == told
    code, _, message = refused(lab.client("sts").get_session_token, SerialNumber="GAHT12345678", TokenCode="123456")
    assert (code, message[:32]) == ("AccessDenied", "MultiFactorAuthentication failed")


def test_no_second_factor_was_shown(lab: Lab, keys: dict[str, Any]) -> None:
    """Of a long-term key nothing is known about that, so a condition that is to hold if it is known holds."""
    condition = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    role = lab.role("Careful", {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})
    assert lab.client("sts").assume_role(RoleArn=role, RoleSessionName="again")["Credentials"]
    assert (
        refused(lab.with_credentials("sts", keys).assume_role, RoleArn=role, RoleSessionName="again")[0]
        == "AccessDenied"
    )


def test_they_end(lab: Lab) -> None:
    keys = lab.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    sts = lab.with_credentials("sts", keys)
    assert sts.get_caller_identity()
    lab.sandbox.switch("clock", {"advance": 901}, account=lab.account)
    try:
        assert refused(sts.get_caller_identity)[0] == "ExpiredToken"
    finally:
        lab.sandbox.switch("clock", method="DELETE", account=lab.account)
    assert refused(lab.client("sts").get_session_token, DurationSeconds=129_601)[0] == "ValidationError"


def test_a_reset_ends_them(lab: Lab, keys: dict[str, Any]) -> None:
    sts = lab.with_credentials("sts", keys)
    lab.sandbox.switch("reset", account=lab.account)
    assert refused(sts.get_caller_identity)[0] == "InvalidClientTokenId"


def test_altered_ones_are_none(lab: Lab, keys: dict[str, Any]) -> None:
    for wrong in ({"SessionToken": keys["SessionToken"][:-4] + "AAAA"}, {"SecretAccessKey": "x" * 40}):
        assert refused(lab.with_credentials("sts", {**keys, **wrong}).get_caller_identity)[1] == 403
