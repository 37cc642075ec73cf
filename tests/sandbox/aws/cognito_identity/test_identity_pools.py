"""Pools and their tags; accounts do not see each other."""

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.issuers import CLIENT, USER_POOL
from tests.sandbox.lab import Lab, refused


@pytest.fixture
def other(lab: Lab) -> Lab:
    """Another account of the same sandbox."""
    return Lab(lab.sandbox, lab.providers)


def refusal(call: object, **params: object) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**params)  # type: ignore[operator]
    return refused(error.value)[1:]


def test_update_is_a_full_replace(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={"accounts.google.com": "g"})
    lab.pools.update_identity_pool(
        IdentityPoolId=pool_id, IdentityPoolName="renamed", AllowUnauthenticatedIdentities=False
    )
    described = lab.pools.describe_identity_pool(IdentityPoolId=pool_id)
    described.pop("ResponseMetadata")
    assert described == {
        "IdentityPoolId": pool_id,
        "IdentityPoolName": "renamed",
        "AllowUnauthenticatedIdentities": False,
    }


@pytest.mark.parametrize("classic", [True, False])
def test_update_keeps_the_classic_flow_and_tags_that_are_left_out(lab: Lab, classic: bool) -> None:
    pool_id = lab.pool(roles=False, AllowClassicFlow=classic, IdentityPoolTags={"team": "one"})
    named = {"IdentityPoolId": pool_id, "IdentityPoolName": "renamed", "AllowUnauthenticatedIdentities": True}
    answer = lab.pools.update_identity_pool(**named)
    assert (answer["AllowClassicFlow"], answer["IdentityPoolTags"]) == (classic, {"team": "one"})
    changed = lab.pools.update_identity_pool(**named, AllowClassicFlow=not classic, IdentityPoolTags={})
    assert changed["AllowClassicFlow"] is not classic
    assert "IdentityPoolTags" not in lab.pools.describe_identity_pool(IdentityPoolId=pool_id)


@pytest.mark.parametrize(
    "provider",
    [
        {"ClientId": CLIENT},
        {"ProviderName": USER_POOL},
        {"ProviderName": "us-east-1_Examp1e01", "ClientId": CLIENT},
        {"ProviderName": f"https://{USER_POOL}", "ClientId": CLIENT},
        {"ProviderName": f"{USER_POOL}/", "ClientId": CLIENT},
        {"ProviderName": "cognito-idp.eu-west-1.amazonaws.com/us-east-1_Examp1e01", "ClientId": CLIENT},
        {"ProviderName": "cognito-idp.mars-north-1.amazonaws.com/mars-north-1_Examp1e01", "ClientId": CLIENT},
        {"ProviderName": "cognito-idp.us-east-1.amazonaws.com.cn/us-east-1_Examp1e01", "ClientId": CLIENT},
        {"ProviderName": "cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Examp1e01", "ClientId": CLIENT},
        {"ProviderName": "cognito-idp.us-east-1.example.com/us-east-1_Examp1e01", "ClientId": CLIENT},
    ],
)
def test_a_user_pool_that_is_none_is_refused(lab: Lab, provider: dict[str, str]) -> None:
    told = ("InvalidParameterException", "Invalid Cognito Identity Provider")
    wanted = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False, "CognitoIdentityProviders": [provider]}
    assert refusal(lab.pools.create_identity_pool, **wanted) == told
    pool_id = lab.pool(roles=False)
    assert refusal(lab.pools.update_identity_pool, IdentityPoolId=pool_id, **wanted) == told
    kept = lab.pools.describe_identity_pool(IdentityPoolId=pool_id)["CognitoIdentityProviders"]
    assert kept == [{"ProviderName": USER_POOL, "ClientId": CLIENT}]


def test_update_keeps_roles_and_identities(lab: Lab) -> None:
    pool_id = lab.pool()
    identity_id = lab.person(pool_id)
    providers = [{"ProviderName": USER_POOL, "ClientId": CLIENT}]
    lab.pools.update_identity_pool(
        IdentityPoolId=pool_id,
        IdentityPoolName="p",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=providers,
    )
    assert lab.person(pool_id) == identity_id
    assert lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]


def test_an_id_can_be_pinned_once(lab: Lab, other: Lab) -> None:
    pinned = f"us-east-1:11111111-2222-3333-4444-{lab.account}"
    assert lab.pool(roles=False, IdentityPoolTags={"sandbox:custom-id": pinned}) == pinned
    for account in (lab, other):
        code, _ = refusal(
            account.pools.create_identity_pool,
            IdentityPoolName="p",
            AllowUnauthenticatedIdentities=False,
            IdentityPoolTags={"sandbox:custom-id": pinned},
        )
        assert code == "ResourceConflictException"


@pytest.mark.parametrize("ending", ["delete", "reset"])
def test_an_id_stays_with_its_account(lab: Lab, other: Lab, ending: str) -> None:
    tags = {"sandbox:custom-id": f"us-east-1:11111111-2222-3333-4444-{lab.account}"}
    pool_id = lab.pool(roles=False, IdentityPoolTags=tags)
    if ending == "delete":
        lab.pools.delete_identity_pool(IdentityPoolId=pool_id)
    else:
        lab.sandbox.switch("reset", account=lab.account)
    params = {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": False, "IdentityPoolTags": tags}
    assert refusal(other.pools.create_identity_pool, **params)[0] == "ResourceConflictException"
    assert lab.pools.create_identity_pool(**params)["IdentityPoolId"] == pool_id


def test_the_id_of_a_seeded_pool_waits_for_its_account(lab: Lab, other: Lab) -> None:
    """They can be foretold, and another account could otherwise be there first."""
    for ending in (f"0001-c000-8000-{other.account}", "0000-c000-8000-000000000099"):
        with pytest.raises(ClientError) as error:
            lab.pool(roles=False, IdentityPoolTags={"sandbox:custom-id": f"us-east-1:5a4db000-{ending}"})
        assert refused(error.value)[1] == "ResourceConflictException"
    own = f"us-east-1:5a4db000-0001-c000-8000-{other.account}"
    assert other.pool(roles=False, IdentityPoolTags={"sandbox:custom-id": own}) == own


def test_a_pinned_id_must_look_like_one(lab: Lab) -> None:
    code, _ = refusal(
        lab.pools.create_identity_pool,
        IdentityPoolName="p",
        AllowUnauthenticatedIdentities=False,
        IdentityPoolTags={"sandbox:custom-id": "no id"},
    )
    assert code == "InvalidParameterException"


def test_another_accounts_pool_does_not_exist(lab: Lab, other: Lab) -> None:
    pool_id = lab.pool(roles=False)
    identity_id = lab.guest(pool_id)
    missing = ("ResourceNotFoundException", f"IdentityPool '{pool_id}' not found.")
    for operation in ("describe_identity_pool", "delete_identity_pool", "get_identity_pool_roles"):
        assert refusal(getattr(other.pools, operation), IdentityPoolId=pool_id) == missing
    assert refusal(other.pools.list_identities, IdentityPoolId=pool_id, MaxResults=1) == missing
    gone = ("ResourceNotFoundException", f"Identity '{identity_id}' not found.")
    assert refusal(other.pools.describe_identity, IdentityId=identity_id) == gone
    assert other.pools.list_identity_pools(MaxResults=60)["IdentityPools"] == []


def test_another_accounts_role_cannot_be_set(lab: Lab, other: Lab) -> None:
    role = other.pools.get_identity_pool_roles(IdentityPoolId=other.pool())["Roles"]["authenticated"]
    params = {"IdentityPoolId": lab.pool(roles=False), "Roles": {"authenticated": role}}
    expected = ("NotAuthorizedException", f"Access to Role '{role}' is forbidden.")
    assert refusal(lab.pools.set_identity_pool_roles, **params) == expected


def test_list_by_pages(lab: Lab) -> None:
    made = [lab.pool(roles=False) for _ in range(3)]
    page = lab.pools.list_identity_pools(MaxResults=2)
    rest = lab.pools.list_identity_pools(MaxResults=2, NextToken=page["NextToken"])
    listed = [pool["IdentityPoolId"] for pool in page["IdentityPools"] + rest["IdentityPools"]]
    assert listed == made
    assert "NextToken" not in rest


def test_a_deleted_pool_takes_everything_along(lab: Lab) -> None:
    pool_id = lab.pool()
    identity_id = lab.guest(pool_id)
    lab.pools.delete_identity_pool(IdentityPoolId=pool_id)
    assert refusal(lab.public.get_id, IdentityPoolId=pool_id)[1] == f"IdentityPool '{pool_id}' not found."
    call = lab.public.get_credentials_for_identity
    assert refusal(call, IdentityId=identity_id)[1] == f"Identity '{identity_id}' not found."


def test_tags(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, IdentityPoolTags={"a": "1"})
    arn = f"arn:aws:cognito-identity:us-east-1:{lab.account}:identitypool/{pool_id}"
    lab.pools.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    lab.pools.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert lab.pools.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"}
    assert lab.pools.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolTags"] == {"b": "2"}


def test_an_unknown_oidc_provider(lab: Lab) -> None:
    arn = f"arn:aws:iam::{lab.account}:oidc-provider/idp.example.org"
    code, message = refusal(
        lab.pools.create_identity_pool,
        IdentityPoolName="p",
        AllowUnauthenticatedIdentities=False,
        OpenIdConnectProviderARNs=[arn],
    )
    assert (code, message) == (
        "NotAuthorizedException",
        f"Identity provider {arn} is not valid for account {lab.account}",
    )


def test_a_role_session_needs_the_right(lab: Lab) -> None:
    from tests.sandbox.lab import allow

    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}],
    }
    pool_id = lab.pool(roles=False)
    arn = f"arn:aws:cognito-identity:us-east-1:{lab.account}:identitypool/{pool_id}"
    role = lab.role("Operator", trust, allow("cognito-identity:DescribeIdentityPool", resource=arn))
    session = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="ops")["Credentials"]
    client = lab.with_credentials("cognito-identity", session)
    assert client.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolId"] == pool_id
    code, message = refusal(client.delete_identity_pool, IdentityPoolId=pool_id)
    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: cognito-identity:DeleteIdentityPool on resource: {arn}" in message
