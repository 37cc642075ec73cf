"""The published and observed behaviour of identity pools, case by case, against the sandbox as a black box."""

import base64
import json
import re
from typing import Any

import pytest

from tests.sandbox.lab import Lab
from tests.sandbox.vectors import CASES, World

NOT_RUN: dict[str, str] = {}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} ({case['confidence']})" for case in CASES])
def test_case(lab: Lab, case: dict[str, Any]) -> None:
    if case["id"] in NOT_RUN:
        pytest.skip(NOT_RUN[case["id"]])
    world = World.of(lab, case)
    world.bring_about()
    try:
        answer = world.call()
    finally:
        lab.providers.down.clear()
    expect = world.case["expect"]
    if "http_status" in expect:
        _check_refusal(answer, expect)
    elif "allowed" in expect:
        assert ("not authorized" not in answer.get("Error", {}).get("Message", "")) == expect["allowed"]
    else:
        assert "Error" not in answer, answer["Error"]
        _check_success(world, answer, expect)


def test_every_case_that_is_not_run_exists() -> None:
    assert NOT_RUN.keys() <= {case["id"] for case in CASES}


def _check_refusal(answer: dict[str, Any], expect: dict[str, Any]) -> None:
    error, metadata = answer["Error"], answer["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == expect["http_status"], error
    if expect.get("code"):
        assert error["Code"] == expect["code"], error
    for name in ("message_contains", "message_also_contains"):
        assert (expect.get(name) or "") in error["Message"]
    headers = {name.lower(): value for name, value in metadata["HTTPHeaders"].items()}
    for name, value in expect.get("headers", {}).items():
        assert headers[name.lower()] == value
    assert {name.lower() for name in expect.get("headers_present", [])} <= headers.keys()


def _check_success(world: World, answer: dict[str, Any], expect: dict[str, Any]) -> None:
    for name in ("Provider", "Audience", "DeveloperUserIdentifierList", "Logins"):
        if name in expect:
            assert answer[name] == expect[name]
    if "SubjectFromWebIdentityToken" in expect:
        assert answer["SubjectFromWebIdentityToken"] == world.known(expect["SubjectFromWebIdentityToken"])
    if "IdentityId" in expect:
        assert answer["IdentityId"] == world.known(expect["IdentityId"])
    if "IdentityId_matches" in expect:
        assert re.fullmatch(expect["IdentityId_matches"], answer["IdentityId"])
    if "IdentityId_in" in expect:
        assert answer["IdentityId"] in [world.known(one) for one in expect["IdentityId_in"]]
    assert not set(expect.get("absent", [])) & answer.keys()
    if expect.get("creates_identity") is False:
        assert answer["IdentityId"] in world.ids.values()
    _check_credentials(world, answer, expect)
    _check_token(world, answer, expect.get("token", {}))
    _check_disabled(world, expect)
    for step in expect.get("then", []):
        again = world.lab.pools.get_open_id_token_for_developer_identity(
            IdentityPoolId=world.pool_id, **step["request"]
        )
        assert again["IdentityId"] == world.known(step["expect"]["IdentityId"])


def _check_credentials(world: World, answer: dict[str, Any], expect: dict[str, Any]) -> None:
    if "AssumedRoleUser_Arn" in expect:
        assert answer["AssumedRoleUser"]["Arn"] == expect["AssumedRoleUser_Arn"]
    credentials = answer.get("Credentials")
    if credentials is None:
        return
    assert credentials["AccessKeyId"].startswith(expect.get("AccessKeyId_prefix", "ASIA"))
    if "expires_in_seconds" in expect:
        left = (
            credentials["Expiration"].timestamp()
            - world.lab.sandbox.switch("clock", method="GET", account=world.lab.account)["now"]
        )
        assert left == pytest.approx(expect["expires_in_seconds"], abs=20)
    arn = world.lab.with_credentials("sts", credentials).get_caller_identity()["Arn"]
    _, role, session = arn.split(":")[5].split("/")
    if "role" in expect:
        assert role == expect["role"].rpartition("/")[2]
    if "session_name" in expect:
        assert session == expect["session_name"]


def _check_token(world: World, answer: dict[str, Any], expect: dict[str, Any]) -> None:
    if not expect:
        return
    header, claims = (json.loads(_decoded(part)) for part in answer["Token"].split(".")[:2])
    for name, value in expect.items():
        if name == "header":
            assert value.items() <= header.items()
        elif name == "lifetime_seconds":
            assert claims["exp"] - claims["iat"] == value
        elif name == "sub":
            assert claims["sub"] == world.known(value)
        else:
            assert claims[name] == value


def _check_disabled(world: World, expect: dict[str, Any]) -> None:
    listed = world.lab.pools.list_identities(IdentityPoolId=world.pool_id, MaxResults=60, HideDisabled=True)
    enabled = {identity["IdentityId"] for identity in listed["Identities"]}
    assert not enabled & {world.known(one) for one in expect.get("disabled", [])}
    if "exactly_one_disabled" in expect:
        assert len(enabled & {world.known(one) for one in expect["exactly_one_disabled"]}) == 1


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
