"""Developer-authenticated identities: the back end's calls, and the token that the client exchanges."""

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.issuers import USER_POOL
from tests.sandbox.lab import Lab, allow, refused, trust

DEVELOPER = "login.example.app"


@pytest.fixture
def pool_id(lab: Lab) -> str:
    return lab.pool(DeveloperProviderName=DEVELOPER)


def token_of(lab: Lab, pool_id: str, user: str = "d-1", **more: Any) -> dict[str, str]:
    logins = {DEVELOPER: user, **more.pop("others", {})}
    return dict(lab.pools.get_open_id_token_for_developer_identity(IdentityPoolId=pool_id, Logins=logins, **more))


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**params)
    return refused(error.value)[1:]


def test_find_or_create(lab: Lab, pool_id: str) -> None:
    first = token_of(lab, pool_id)["IdentityId"]
    assert token_of(lab, pool_id)["IdentityId"] == first
    assert token_of(lab, pool_id, "d-2")["IdentityId"] != first


def test_the_token_says_who_vouched(lab: Lab, pool_id: str) -> None:
    answer = token_of(lab, pool_id, TokenDuration=86_400, PrincipalTags={"team": "blue"})
    claims = claims_of(answer["Token"])
    assert claims["amr"] == ["authenticated", DEVELOPER, f"{DEVELOPER}:{pool_id}:d-1"]
    assert claims["exp"] - claims["iat"] == 86_400
    assert claims["https://aws.amazon.com/tags"] == {"principal_tags": {"team": ["blue"]}}
    assert (claims["sub"], claims["aud"]) == (answer["IdentityId"], pool_id)
    default = claims_of(token_of(lab, pool_id)["Token"])
    assert default["exp"] - default["iat"] == 900


def test_the_token_is_exchanged_for_credentials(lab: Lab, pool_id: str) -> None:
    answer = token_of(lab, pool_id)
    logins = {"cognito-identity.amazonaws.com": answer["Token"]}
    got = lab.public.get_credentials_for_identity(IdentityId=answer["IdentityId"], Logins=logins)
    arn = lab.with_credentials("sts", got["Credentials"]).get_caller_identity()["Arn"]
    assert arn.split("/")[1].startswith("authenticated-")


def test_the_token_works_with_sts_too(lab: Lab, pool_id: str) -> None:
    role = lab.role("Tagged", trust(pool_id, actions=("sts:AssumeRoleWithWebIdentity", "sts:TagSession")), allow("*"))
    token = token_of(lab, pool_id, PrincipalTags={"team": "blue"})["Token"]
    assert lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="dev", WebIdentityToken=token)


def test_the_token_of_another_identity_is_refused(lab: Lab, pool_id: str) -> None:
    mine, other = token_of(lab, pool_id, "d-1"), token_of(lab, pool_id, "d-2")
    logins = {"cognito-identity.amazonaws.com": other["Token"]}
    code, _ = refusal(lab.public.get_credentials_for_identity, IdentityId=mine["IdentityId"], Logins=logins)
    assert code == "NotAuthorizedException"


def test_an_expired_token_is_refused(lab: Lab, pool_id: str) -> None:
    answer = token_of(lab, pool_id, TokenDuration=60)
    lab.sandbox.switch("clock", {"advance": 61}, account=lab.account)
    logins = {"cognito-identity.amazonaws.com": answer["Token"]}
    _, message = refusal(lab.public.get_credentials_for_identity, IdentityId=answer["IdentityId"], Logins=logins)
    assert message.startswith("Invalid login token. Token expired: ")


def test_another_token_under_the_pools_own_key(lab: Lab, pool_id: str) -> None:
    identity_id = token_of(lab, pool_id)["IdentityId"]
    logins = {"cognito-identity.amazonaws.com": lab.user_pool.token()}
    _, message = refusal(lab.public.get_credentials_for_identity, IdentityId=identity_id, Logins=logins)
    assert message == "Invalid login token. Not a Cognito token."


def test_a_guests_token_yields_a_guests_rights(lab: Lab, pool_id: str) -> None:
    guest = lab.guest(pool_id)
    token = lab.public.get_open_id_token(IdentityId=guest)["Token"]
    logins = {"cognito-identity.amazonaws.com": token}
    got = lab.public.get_credentials_for_identity(IdentityId=guest, Logins=logins)
    with pytest.raises(ClientError) as error:
        lab.with_credentials("ssm", got["Credentials"]).get_parameter(Name="a")
    assert "no session policy allows" in refused(error.value)[2]


def test_the_developer_provider_is_not_for_clients(lab: Lab, pool_id: str) -> None:
    expected = ("InvalidParameterException", "Please provide a valid public provider")
    assert refusal(lab.public.get_id, IdentityPoolId=pool_id, Logins={DEVELOPER: "d-1"}) == expected


def test_an_unknown_developer_provider(lab: Lab, pool_id: str) -> None:
    expected = "This identity pool does not support the specified developer provider"
    call = lab.pools.get_open_id_token_for_developer_identity
    assert refusal(call, IdentityPoolId=pool_id, Logins={"other": "d"}) == ("InvalidParameterException", expected)


def test_linking_a_public_login(lab: Lab, pool_id: str) -> None:
    others = {USER_POOL: lab.user_pool.token()}
    linked = token_of(lab, pool_id, others=others)["IdentityId"]
    assert lab.person(pool_id) == linked


def test_linking_to_an_identity_needs_a_login_of_it(lab: Lab, pool_id: str) -> None:
    identity_id = lab.person(pool_id)
    call = lab.pools.get_open_id_token_for_developer_identity
    refused_code, _ = refusal(call, IdentityPoolId=pool_id, IdentityId=identity_id, Logins={DEVELOPER: "d-1"})
    assert refused_code == "NotAuthorizedException"
    others = {USER_POOL: lab.user_pool.token()}
    assert token_of(lab, pool_id, IdentityId=identity_id, others=others)["IdentityId"] == identity_id
    assert token_of(lab, pool_id)["IdentityId"] == identity_id


def test_a_guest_becomes_the_developers_user(lab: Lab, pool_id: str) -> None:
    guest = lab.guest(pool_id)
    assert token_of(lab, pool_id, IdentityId=guest)["IdentityId"] == guest


def test_a_user_of_another_identity(lab: Lab, pool_id: str) -> None:
    token_of(lab, pool_id, "d-1")
    other = token_of(lab, pool_id, "d-2")["IdentityId"]
    call = lab.pools.get_open_id_token_for_developer_identity
    code, _ = refusal(call, IdentityPoolId=pool_id, IdentityId=other, Logins={DEVELOPER: "d-1"})
    assert code == "DeveloperUserAlreadyRegisteredException"


def test_merge_lookup_and_unlink(lab: Lab, pool_id: str) -> None:
    source, destination = (token_of(lab, pool_id, user)["IdentityId"] for user in ("d-1", "d-2"))
    merged = lab.pools.merge_developer_identities(
        IdentityPoolId=pool_id,
        DeveloperProviderName=DEVELOPER,
        SourceUserIdentifier="d-1",
        DestinationUserIdentifier="d-2",
    )
    assert merged["IdentityId"] == destination
    found = lab.pools.lookup_developer_identity(IdentityPoolId=pool_id, IdentityId=destination)
    assert found["DeveloperUserIdentifierList"] == ["d-1", "d-2"]
    page = lab.pools.lookup_developer_identity(IdentityPoolId=pool_id, IdentityId=destination, MaxResults=1)
    rest = lab.pools.lookup_developer_identity(
        IdentityPoolId=pool_id, IdentityId=destination, MaxResults=1, NextToken=page["NextToken"]
    )
    assert (page["DeveloperUserIdentifierList"], rest["DeveloperUserIdentifierList"]) == (["d-1"], ["d-2"])
    assert "NextToken" not in rest
    lab.pools.unlink_developer_identity(
        IdentityPoolId=pool_id, IdentityId=destination, DeveloperProviderName=DEVELOPER, DeveloperUserIdentifier="d-1"
    )
    assert token_of(lab, pool_id, "d-1")["IdentityId"] not in (source, destination)


def test_lookup_of_two_that_do_not_match(lab: Lab, pool_id: str) -> None:
    token_of(lab, pool_id, "d-1")
    other = token_of(lab, pool_id, "d-2")["IdentityId"]
    call = lab.pools.lookup_developer_identity
    params = {"IdentityPoolId": pool_id, "IdentityId": other, "DeveloperUserIdentifier": "d-1"}
    assert refusal(call, **params)[0] == "ResourceConflictException"
    assert refusal(call, IdentityPoolId=pool_id, DeveloperUserIdentifier="d-9")[0] == "ResourceNotFoundException"
    assert refusal(call, IdentityPoolId=pool_id)[0] == "InvalidParameterException"


def test_merging_different_users_of_one_public_provider(lab: Lab, pool_id: str) -> None:
    for user in ("d-1", "d-2"):
        token_of(lab, pool_id, user, others={USER_POOL: lab.user_pool.token(f"sub-{user}")})
    code, _ = refusal(
        lab.pools.merge_developer_identities,
        IdentityPoolId=pool_id,
        DeveloperProviderName=DEVELOPER,
        SourceUserIdentifier="d-1",
        DestinationUserIdentifier="d-2",
    )
    assert code == "ResourceConflictException"


def test_twenty_linked_logins_at_most(lab: Lab, pool_id: str) -> None:
    for number in range(20):
        token_of(lab, pool_id, f"d-{number:02d}")
    merge = {"IdentityPoolId": pool_id, "DeveloperProviderName": DEVELOPER, "DestinationUserIdentifier": "d-00"}
    for number in range(1, 20):
        lab.pools.merge_developer_identities(**merge, SourceUserIdentifier=f"d-{number:02d}")
    token_of(lab, pool_id, "d-20")
    code, _ = refusal(lab.pools.merge_developer_identities, **merge, SourceUserIdentifier="d-20")
    assert code == "ResourceConflictException"
