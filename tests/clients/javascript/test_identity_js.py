"""amazon-cognito-identity-js against a user pool that was made through the API: in Node, and in a browser."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.clients.javascript.conftest import PoolOfUsers, Scenario

pytestmark = pytest.mark.slow


@pytest.fixture
def username(request: pytest.FixtureRequest) -> str:
    return f"identity-js-{request.node.callspec.params['scenario']}"


def test_an_application_with_amazon_cognito_identity_js(
    scenario: Scenario, pool_of_users: PoolOfUsers, served: RunningSandbox, codes: str, username: str
) -> None:
    seen = scenario(
        "identity_js",
        {
            "endpoint": served.url,
            "userPoolId": pool_of_users.user_pool_id,
            "clientId": pool_of_users.client_id,
            "username": username,
            "codes": codes,
        },
    )
    assert seen["signedUp"] == {"name": username, "confirmed": False, "sub": seen["session"]["claims"]["sub"]}
    assert seen["unconfirmed"]["name"] == "UserNotConfirmedException"
    assert seen["wrongCode"]["name"] == "CodeMismatchException"
    assert seen["confirmed"] == "SUCCESS"
    for refused in (seen["wrongPassword"], seen["oldPassword"]):
        assert refused["name"] == "NotAuthorizedException"
        assert refused["message"] == "Incorrect username or password."
    assert seen["session"]["claims"]["cognito:username"] == username
    assert seen["attributes"]["email"] == f"{username}@example.com"
    assert seen["attributes"]["email_verified"] == "true"
    assert seen["renewed"]["access"] != seen["session"]["access"]
    assert seen["renewed"]["claims"]["origin_jti"] == seen["session"]["claims"]["origin_jti"]
    assert seen["delivery"]["CodeDeliveryDetails"]["Destination"] == "i***@e***"
    assert seen["wrongResetCode"]["name"] == "CodeMismatchException"
    _judge_what_is_over(seen, served)


def _judge_what_is_over(seen: dict[str, Any], served: RunningSandbox) -> None:
    for session in (seen["session"], seen["renewed"], seen["again"]):
        with pytest.raises(ClientError) as refused:
            served.anonymous("cognito-idp").get_user(AccessToken=session["access"])
        assert refused.value.response["Error"]["Message"] == "Access Token has been revoked"
