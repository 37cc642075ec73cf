"""Amplify 6 against a user pool and an identity pool that were made through the API: in Node, and in a browser."""

from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.clients.conftest import ACCOUNT, REGION, SAMPLE
from tests.clients.javascript.conftest import PoolOfUsers, Scenario

pytestmark = pytest.mark.slow


@pytest.fixture
def seen(
    request: pytest.FixtureRequest, scenario: Scenario, pool_of_users: PoolOfUsers, served: RunningSandbox, codes: str
) -> dict[str, Any]:
    settings = {
        "endpoint": served.url,
        "region": REGION,
        "userPoolId": pool_of_users.user_pool_id,
        "clientId": pool_of_users.client_id,
        "identityPoolId": pool_of_users.identity_pool_id,
        "username": f"amplify-{request.node.callspec.params['scenario']}",
        "codes": codes,
        "sample": SAMPLE,
    }
    return {"settings": settings, **scenario("amplify", settings)}


def test_an_application_with_amplify(seen: dict[str, Any], served: RunningSandbox, pool_of_users: PoolOfUsers) -> None:
    _judge_sign_up(seen)
    _judge_session(seen, pool_of_users)
    _judge_what_is_over(seen, served, pool_of_users)


def _judge_sign_up(seen: Mapping[str, Any]) -> None:
    delivery = {"attributeName": "email", "deliveryMedium": "EMAIL", "destination": "a***@e***"}
    assert seen["signUp"]["step"] == "CONFIRM_SIGN_UP"
    assert seen["signUp"]["delivery"] == delivery
    assert seen["signUp"]["tooEarly"] == "CONFIRM_SIGN_UP"
    assert seen["signUp"]["wrongCode"]["name"] == "CodeMismatchException"
    assert seen["resent"]
    assert seen["confirmed"]
    assert seen["reset"]["step"] == "CONFIRM_RESET_PASSWORD_WITH_CODE"
    assert seen["reset"]["delivery"] == delivery
    assert seen["reset"]["wrongResetCode"]["name"] == "CodeMismatchException"
    for refused in (seen["wrongPassword"], seen["oldPassword"]):
        assert refused["name"] == "NotAuthorizedException"
        assert refused["message"] == "Incorrect username or password."


def _judge_session(seen: Mapping[str, Any], pool_of_users: PoolOfUsers) -> None:
    for name, role in (("guest", "Javascript-unauthenticated"), ("member", "Javascript-authenticated")):
        used = seen[name]
        assert used["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/CognitoIdentityCredentials"
        assert SAMPLE["key"] in used["keys"]
        assert used["items"] == 5
        assert used["put"]["name"] == "AccessDenied"
    assert not seen["guest"]["hasTokens"]
    assert seen["signedIn"]
    member, renewed = seen["member"], seen["renewed"]
    username = seen["settings"]["username"]
    assert member["claims"]["cognito:username"] == username
    assert member["claims"]["aud"] == pool_of_users.client_id
    assert member["claims"]["token_use"] == "id"
    assert seen["user"]["username"] == username
    assert seen["user"]["userId"] == member["claims"]["sub"] == seen["attributes"]["sub"]
    assert seen["attributes"]["email"] == f"{username}@example.com"
    assert seen["attributes"]["email_verified"] == "true"
    assert seen["attributes"]["name"] == "Ana"
    assert renewed["access"] != member["access"]
    assert renewed["claims"]["name"] == "Ana"
    assert renewed["claims"]["origin_jti"] == member["claims"]["origin_jti"]
    assert renewed["identityId"] == member["identityId"] == seen["again"]["identityId"]


def _judge_what_is_over(seen: Mapping[str, Any], served: RunningSandbox, pool_of_users: PoolOfUsers) -> None:
    """Amplify keeps quiet where signing out fails, so what was signed out is tried."""
    assert not seen["afterwards"]["hasTokens"]
    assert seen["afterwards"]["identityId"] != seen["member"]["identityId"]
    user_pools, identity_pools = served.anonymous("cognito-idp"), served.anonymous("cognito-identity")
    for session in (seen["member"], seen["renewed"], seen["again"]):
        with pytest.raises(ClientError) as refused:
            user_pools.get_user(AccessToken=session["access"])
        assert refused.value.response["Error"]["Code"] == "NotAuthorizedException"
        assert refused.value.response["Error"]["Message"] == "Access Token has been revoked"
        issuer = jwt.decode(session["id"], options={"verify_signature": False})["iss"]
        with pytest.raises(ClientError) as refused:
            identity_pools.get_id(
                IdentityPoolId=pool_of_users.identity_pool_id, Logins={issuer.removeprefix("https://"): session["id"]}
            )
        assert refused.value.response["Error"]["Code"] == "NotAuthorizedException"
