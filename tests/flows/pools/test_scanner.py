"""What a scanner reports about a pool, and that the pool tells strangers what the page says it does."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.test import Client

from flows.exchange.pool import Pool
from flows.exchange.pool_facts import COGNITO, PoolFacts, RoleFacts
from flows.pages.pools.scanner import scan, told_to_strangers
from lessons.scanner_rules import RULES
from sandbox.core.facts import IDENTITY_POOLS
from sandbox.testing import RunningSandbox
from tests.flows.history.conftest import browser

_ROLE = "arn:aws:iam::000000000000:role/Guests"
_POOL_ID = "us-east-1:5a4db000-0000-c000-8000-000000000001"


def trust(*claims: str) -> dict[str, Any]:
    values = {"aud": _POOL_ID, "amr": "unauthenticated"}
    condition = {"StringEquals": {f"{COGNITO}:{claim}": values[claim] for claim in claims}}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": COGNITO}}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}


def allowing(action: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def facts(**definition: Any) -> PoolFacts:
    pool = Pool("lab", _POOL_ID, "lab", "", "us-east-1", "000000000000")
    return PoolFacts(pool, {"AllowClassicFlow": False, **definition}, {"unauthenticated": _ROLE}, {})


def reported(pool: PoolFacts, role: RoleFacts) -> set[str]:
    found = {finding.rule.title for finding in scan(pool, [role]) if finding.reported}
    return {key for key, rule in RULES.items() if rule.title in found}


def test_a_narrow_pool_is_not_reported() -> None:
    assert reported(facts(), RoleFacts(_ROLE, trust("aud", "amr"))) == set()


@pytest.mark.parametrize(
    ("pool", "role", "what"),
    [
        (facts(AllowUnauthenticatedIdentities=True), {}, "guests"),
        (facts(AllowClassicFlow=None), {}, "classic"),
        (facts(), {"trust": trust("amr")}, "aud"),
        (facts(), {"trust": trust("aud")}, "amr"),
        (
            facts(),
            {"policies": {"All": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}},
            "rights",
        ),
        (
            facts(),
            {"attached": {"S3": {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}},
            "rights",
        ),
    ],
)
def test_each_rule_finds_its_own_fault_and_no_other(pool: PoolFacts, role: dict[str, Any], what: str) -> None:
    assert reported(pool, replace(RoleFacts(_ROLE, trust("aud", "amr")), **role)) == {what}


@pytest.mark.parametrize("key", ["lab", "no-guests", "no-classic"])
def test_a_stranger_is_told_what_the_page_says(sandbox: RunningSandbox, key: str, db: None) -> None:
    pool_id = next(pool for pool in IDENTITY_POOLS if pool.key == key).pool_id(
        "us-east-1", "000000000000", "000000000000"
    )
    page = browser().get(f"/pools/{key}/scan/").content.decode()
    stranger = sandbox.anonymous("cognito-identity")
    told = []
    try:
        identity = stranger.get_id(IdentityPoolId=pool_id)["IdentityId"]
        told.append("guest access is on")
        stranger.get_open_id_token(IdentityId=identity)
        told.append("the basic flow is allowed")
    except ClientError as refused:
        told.append(refused.response["Error"]["Message"])
    assert [sentence for sentence in told if sentence not in page] == []


def test_its_page_names_who_reports_it(sandbox: RunningSandbox, client: Client, db: None) -> None:
    page = client.get("/pools/lab/scan/").content.decode()
    for rule in RULES.values():
        for tool in rule.tools:
            assert tool.doc in page


def test_where_no_guest_gets_in_no_more_is_told() -> None:
    assert [operation for operation, _ in told_to_strangers(facts())] == ["GetId"]
