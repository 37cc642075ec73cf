"""User pools made through the cognito-idp API: whose key signs, who may call what without a signature."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.gate.people import Person, allow, refused

PASSWORD = "Correct-horse-1"


@pytest.fixture(scope="module")
def pool(admin: Person) -> dict[str, str]:
    idp = admin.client("cognito-idp")
    pool_id = idp.create_user_pool(PoolName="people")["UserPool"]["Id"]
    client_id = idp.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    idp.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    return {"pool": pool_id, "client": client_id}


def tokens(sandbox: RunningSandbox, pool: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = sandbox.anonymous("cognito-idp").initiate_auth(
        ClientId=pool["client"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return answer


def page(sandbox: RunningSandbox, pool_id: str, name: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{sandbox.url}/{pool_id}/.well-known/{name}", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@pytest.mark.slow
def test_a_token_verifies_under_the_published_key(sandbox: RunningSandbox, pool: dict[str, str]) -> None:
    token = tokens(sandbox, pool)["IdToken"]
    (key,) = page(sandbox, pool["pool"], "jwks.json")["keys"]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=pool["client"])
    assert claims["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool['pool']}"
    assert page(sandbox, pool["pool"], "openid-configuration")["issuer"] == claims["iss"]


def test_people_need_no_signature_but_administrators_do(sandbox: RunningSandbox, pool: dict[str, str]) -> None:
    anonymous = sandbox.anonymous("cognito-idp")
    access = tokens(sandbox, pool)["AccessToken"]
    assert anonymous.get_user(AccessToken=access)["Username"] == "ada"
    code, status, _ = refused(anonymous.admin_get_user, UserPoolId=pool["pool"], Username="ada")
    assert (code, status) == ("MissingAuthenticationTokenException", 400)


def test_a_role_needs_the_right(hired: Callable[..., Person], pool: dict[str, str]) -> None:
    nobody = hired(allow("cognito-idp:ListUserPools")).client("cognito-idp")
    arn = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool['pool']}"
    assert f"cognito-idp:ListUsers on resource: {arn}" in refused(nobody.list_users, UserPoolId=pool["pool"])[2]
    reader = hired(allow("cognito-idp:ListUsers", arn)).client("cognito-idp")
    assert len(reader.list_users(UserPoolId=pool["pool"])["Users"]) == 1


def test_who_gives_a_role_to_a_group_needs_to_pass_it(hired: Callable[..., Person], pool: dict[str, str]) -> None:
    """Or whoever may look after groups would be in one with any role."""
    role = "arn:aws:iam::000000000000:role/LabAdmins"
    keeper = hired(allow("cognito-idp:*")).client("cognito-idp")
    group = {"UserPoolId": pool["pool"], "GroupName": "keepers"}
    assert f"iam:PassRole on resource: {role}" in refused(keeper.create_group, **group, RoleArn=role)[2]
    keeper.create_group(**group)
    assert f"iam:PassRole on resource: {role}" in refused(keeper.update_group, **group, RoleArn=role)[2]
    passing = hired(allow("cognito-idp:*"), allow("iam:PassRole", role)).client("cognito-idp")
    assert passing.update_group(**group, RoleArn=role)["Group"]["RoleArn"] == role


def test_a_pool_of_another_account_is_found_by_its_client(sandbox: RunningSandbox) -> None:
    other = sandbox.client("cognito-idp", access_key="111122223333")
    pool_id = other.create_user_pool(PoolName="other")["UserPool"]["Id"]
    client_id = other.create_user_pool_client(UserPoolId=pool_id, ClientName="app")["UserPoolClient"]["ClientId"]
    sandbox.anonymous("cognito-idp").sign_up(ClientId=client_id, Username="bob", Password=PASSWORD)
    assert [user["Username"] for user in other.list_users(UserPoolId=pool_id)["Users"]] == ["bob"]
