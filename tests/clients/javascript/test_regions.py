"""The AWS SDK for JavaScript v3 in two regions at once: in Node, and in a browser's page of another origin."""

import uuid
from typing import Any

import pytest

from sandbox.testing import RunningSandbox
from tests.clients.conftest import REGION, RolesFor
from tests.clients.javascript.conftest import Scenario

pytestmark = pytest.mark.slow

THERE = "eu-west-1"


@pytest.fixture(scope="module")
def settings_for_the_scenario(served: RunningSandbox, roles_for: RolesFor) -> dict[str, Any]:
    name = f"regions-{uuid.uuid4().hex[:8]}"
    cognito, s3 = (served.client(service, region=THERE) for service in ("cognito-identity", "s3"))
    pool = cognito.create_identity_pool(IdentityPoolName=name, AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
    cognito.set_identity_pool_roles(IdentityPoolId=pool, Roles=roles_for(pool, name))
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": THERE})
    s3.put_object(Bucket=name, Key="paper.txt", Body=b"hello")
    for region in (REGION, THERE):
        dynamodb = served.client("dynamodb", region=region)
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.put_item(TableName=name, Item={"pk": {"S": region}})
    return {
        "endpoint": served.url,
        "here": REGION,
        "there": THERE,
        "poolId": pool,
        "bucket": name,
        "key": "paper.txt",
        "table": name,
    }


def test_a_pool_a_bucket_and_tables_of_two_regions(
    scenario: Scenario, settings_for_the_scenario: dict[str, Any]
) -> None:
    seen = scenario("regions", settings_for_the_scenario)
    assert seen["identityId"].startswith(f"{THERE}:")
    assert seen["tables"] == {REGION: [REGION], THERE: [THERE]}
    assert (seen["stays"]["name"], seen["stays"]["status"]) == ("PermanentRedirect", 301)
    assert seen["body"] == "hello"
    assert seen["bucketRegion"] == THERE
