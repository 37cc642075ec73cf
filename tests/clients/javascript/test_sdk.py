"""The AWS SDK for JavaScript v3 against the sandbox: in Node, and in a browser's page of another origin."""

from typing import Any

import pytest

from tests.clients.conftest import ACCOUNT, NO_GUESTS_POOL, REGION, SAMPLE, Member, OpenIdProvider
from tests.clients.javascript.conftest import Scenario

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings_for_the_scenario(endpoint: str, member_pool: Member, openid_provider: OpenIdProvider) -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "region": REGION,
        "poolId": member_pool.pool_id,
        "closedPoolId": NO_GUESTS_POOL,
        "logins": {openid_provider.logins_key: openid_provider.token("javascript")},
        "roleArn": member_pool.role_arn,
        "sample": SAMPLE,
    }


def test_credential_providers_s3_and_dynamodb(scenario: Scenario, settings_for_the_scenario: dict[str, Any]) -> None:
    seen = scenario("sdk", settings_for_the_scenario)
    assert seen["expiresInMinutes"] in (59, 60)
    sessions = {
        "guest": "Members-unauthenticated/CognitoIdentityCredentials",
        "member": "Members-authenticated/CognitoIdentityCredentials",
        "basic": "Members-authenticated/javascript",
    }
    for name, session in sessions.items():
        used = seen[name]
        assert used["keyId"].startswith("ASIA")
        assert used["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{session}"
        assert "product-catalog.pdf" in used["keys"]
        assert used["start"] == "%PDF-"
        assert used["size"] > 1000
        assert used["items"] == 5
        assert used["put"]["name"] == "AccessDenied"
        assert used["put"]["status"] == 403
    assert seen["closed"]["name"] == "NotAuthorizedException"
    assert seen["closed"]["message"] == "Unauthenticated access is not supported for this identity pool."
