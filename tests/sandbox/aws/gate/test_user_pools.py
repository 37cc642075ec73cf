"""User pools made through the cognito-idp API: whose key signs, who may call what without a signature."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from joserfc import jwk

from sandbox.aws.moto.state import find_user_pool
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
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
    with urllib.request.urlopen(f"{sandbox.url}/{pool_id}/.well-known/{name}", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_a_token_verifies_under_the_published_key(sandbox: RunningSandbox, pool: dict[str, str]) -> None:
    token = tokens(sandbox, pool)["IdToken"]
    (key,) = page(sandbox, pool["pool"], "jwks.json")["keys"]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=pool["client"])
    assert claims["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool['pool']}"
    assert page(sandbox, pool["pool"], "openid-configuration")["issuer"] == claims["iss"]


def test_the_key_that_ships_with_moto_signs_nothing(sandbox: RunningSandbox, pool: dict[str, str]) -> None:
    from moto.utilities.utils import load_resource

    shipped = jwk.RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))
    published = page(sandbox, pool["pool"], "jwks.json")["keys"][0]
    assert published["n"] != shipped.as_dict(private=False)["n"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(tokens(sandbox, pool)["IdToken"], shipped.public_key, algorithms=["RS256"], audience=pool["client"])


def test_each_sandbox_of_a_process_signs_with_its_own_key(
    sandbox: RunningSandbox, pool: dict[str, str], tmp_path: Any
) -> None:
    with running_sandbox(SandboxConfig(data_file=tmp_path / "other.sqlite3", port=0)) as other:
        kids = [page(one, pool["pool"], "jwks.json")["keys"][0]["kid"] for one in (sandbox, other)]
        assert kids[0] != kids[1]
        assert jwt.get_unverified_header(tokens(sandbox, pool)["IdToken"])["kid"] == kids[0]


def test_the_key_outlives_a_restart(tmp_path: Any) -> None:
    from sandbox.aws.endpoint.services import SCHEMAS
    from sandbox.aws.moto.patches import MotoPatches
    from sandbox.core.instance import Instance

    keys = []
    for _ in range(2):
        instance = Instance(SandboxConfig(data_file=tmp_path / "s.sqlite3"), SCHEMAS)
        keys.append(instance.part(MotoPatches).jwks)
        instance.close()
    assert keys[0] == keys[1]


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


def test_a_pool_of_another_account_is_found_by_its_client(sandbox: RunningSandbox) -> None:
    other = sandbox.client("cognito-idp", access_key="111122223333")
    pool_id = other.create_user_pool(PoolName="other")["UserPool"]["Id"]
    client_id = other.create_user_pool_client(UserPoolId=pool_id, ClientName="app")["UserPoolClient"]["ClientId"]
    sandbox.anonymous("cognito-idp").sign_up(ClientId=client_id, Username="bob", Password=PASSWORD)
    assert [user["Username"] for user in other.list_users(UserPoolId=pool_id)["Users"]] == ["bob"]
    found = find_user_pool(pool_id, "us-east-1")
    assert found is not None
    assert (found.account, found.client_ids) == ("111122223333", (client_id,))
    assert find_user_pool("us-east-1_nosuchone", "us-east-1") is None
