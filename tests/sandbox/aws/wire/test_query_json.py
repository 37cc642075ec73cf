"""STS and IAM in JSON, to those who ask for it."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.lab import Lab
from tests.sandbox.wire import Answer, send


def asked(lab: Lab, accept: str | None, version: str = "2011-06-15", **fields: str) -> Answer:
    """An unsigned call by GET."""
    query = urlencode({"Version": version, **fields})
    return send(lab.sandbox, "GET", f"/?{query}", headers={"Accept": accept} if accept else {})


def web_identity(lab: Lab) -> dict[str, str]:
    """What assumes a role with a guest's token."""
    pool_id = lab.pool()
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))["Token"]
    role = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["unauthenticated"]
    names = {"RoleArn": role, "RoleSessionName": "gateway", "WebIdentityToken": token}
    return {"Action": "AssumeRoleWithWebIdentity", **names}


def test_credentials_for_a_gateway(lab: Lab) -> None:
    answer = asked(lab, "application/json", **web_identity(lab))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    whole = answer.json["AssumeRoleWithWebIdentityResponse"]
    assert whole["ResponseMetadata"] == {"RequestId": answer.headers["x-amzn-requestid"]}
    result = whole["AssumeRoleWithWebIdentityResult"]
    assert result["Credentials"]["Expiration"] == pytest.approx(time.time() + 3600, abs=60)
    assert result["PackedPolicySize"] is None
    assert result["Provider"] == "cognito-identity.amazonaws.com"
    keys = result["Credentials"]
    assert lab.with_credentials("sts", keys).get_caller_identity()["Account"] == lab.account


def test_a_refusal(lab: Lab) -> None:
    answer = asked(lab, "application/json", **{**web_identity(lab), "RoleSessionName": "a b"})
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    error = answer.json["Error"]
    assert (error["Code"], error["Type"]) == ("ValidationError", "Sender")
    assert "'roleSessionName' failed to satisfy constraint" in error["Message"]
    assert answer.json["RequestId"] == answer.headers["x-amzn-requestid"]
    unknown = asked(lab, "application/json", Action="AssumeNothing")
    assert (unknown.status, unknown.json["Error"]["Code"]) == (400, "InvalidAction")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "text/xml"),
        ("*/*", "text/xml"),
        ("application/xml", "text/xml"),
        ("application/jsonp", "text/xml"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
    ],
)
def test_xml_is_what_everybody_else_gets(lab: Lab, accept: str | None, kind: str) -> None:
    assert asked(lab, accept, Action="AssumeNothing").headers["content-type"] == kind


def test_lists_and_maps_of_iam(lab: Lab) -> None:
    def ask(action: str) -> Any:
        body = urlencode({"Action": action, "Version": "2010-05-08"}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        request = AWSRequest("POST", f"{lab.sandbox.url}/", data=body, headers=headers)
        SigV4Auth(Credentials(lab.account, "test"), "iam", "us-east-1").add_auth(request)
        return send(lab.sandbox, "POST", "/", body, dict(request.headers.items())).json

    lab.role("Listed", {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}]})  # fmt: skip
    listed = ask("ListRoles")["ListRolesResponse"]["ListRolesResult"]
    assert [role["RoleName"] for role in listed["Roles"]] == ["Listed"]
    assert (listed["IsTruncated"], listed["Marker"], listed["Roles"][0]["Description"]) == (False, None, None)
    assert ask("GetAccountSummary")["GetAccountSummaryResponse"]["GetAccountSummaryResult"]["SummaryMap"]["Roles"] == 1
