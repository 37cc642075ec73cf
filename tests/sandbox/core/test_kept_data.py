"""A data directory of an earlier version opens with nothing lost. How it was filled: tests/kept."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.core.migrations import SCHEMA_VERSION
from sandbox.testing import RunningSandbox, running_sandbox
from tests.kept.directories import Kept, unpacked

DIRECTORIES = ("schema-1", "schema-2", "schema-3")
_MINE = "us-east-1:5a4db000-0000-c000-8000-000000000001"


@pytest.fixture(scope="module", params=DIRECTORIES)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    copy = unpacked(request.param, tmp_path_factory.mktemp("kept"))
    copy.as_if_just_made()
    return copy


@pytest.fixture(scope="module")
def opened(kept: Kept) -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxConfig(data_file=kept.sandbox_file, port=0)) as sandbox:
        yield sandbox


@pytest.fixture(params=["home", "second"])
def account(request: pytest.FixtureRequest, kept: Kept) -> dict[str, Any]:
    return dict(kept.notes[request.param])


def test_the_file_is_brought_to_the_present_schema(kept: Kept, opened: RunningSandbox) -> None:
    connection = sqlite3.connect(kept.sandbox_file)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_pools_roles_and_identities_are_the_same(opened: RunningSandbox, account: dict[str, Any]) -> None:
    pools, iam = (opened.client(name, access_key=account["account"]) for name in ("cognito-identity", "iam"))
    found = pools.list_identity_pools(MaxResults=60)["IdentityPools"]
    assert sorted(one["IdentityPoolId"] for one in found) == account["pools"]
    # What is new for the other pools has come since.
    assert account["roles"].items() <= {one["RoleName"]: one["RoleId"] for one in iam.list_roles()["Roles"]}.items()
    pool = pools.describe_identity_pool(IdentityPoolId=account["pool"])
    assert (pool["IdentityPoolTags"], pool["DeveloperProviderName"]) == ({"course": "spring"}, "login.kept")
    identities = pools.list_identities(IdentityPoolId=account["pool"], MaxResults=60)["Identities"]
    assert {*account["guests"], account["developer"]} <= {one["IdentityId"] for one in identities}


def test_names_roles_providers_and_tags_of_a_pool_are_still_its_own(
    opened: RunningSandbox, account: dict[str, Any]
) -> None:
    pools, iam = (opened.client(name, access_key=account["account"]) for name in ("cognito-identity", "iam"))
    found = pools.lookup_developer_identity(IdentityPoolId=account["pool"], IdentityId=account["developer"])
    assert sorted(found["DeveloperUserIdentifierList"]) == ["user-1", "user-2"]
    roles = pools.get_identity_pool_roles(IdentityPoolId=account["pool"])["Roles"]
    assert set(roles.values()) == {account["role"]}
    tags = pools.get_principal_tag_attribute_map(
        IdentityPoolId=account["pool"], IdentityProviderName=account["providers"][0]
    )
    assert tags["PrincipalTags"] == {"team": "sub"}
    known = [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    known += [one["Arn"] for one in iam.list_saml_providers()["SAMLProviderList"]]
    assert set(account["providers"]) <= set(known)
    attached = iam.list_attached_role_policies(RoleName="Kept")["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [account["managed_policy"]]


def test_seeded_pools_have_roles_of_their_own_now(opened: RunningSandbox) -> None:
    pools, iam = opened.client("cognito-identity"), opened.client("iam")
    handed_out = set()
    for number in range(1, 6):
        pool_id = f"{_MINE[:-1]}{number}"
        for arn in pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"].values():
            handed_out.add(arn)
            trust = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
            (statement,) = trust["Statement"]
            assert statement["Condition"]["StringEquals"] == {"cognito-identity.amazonaws.com:aud": pool_id}
    assert len(handed_out) == 10
    public, logins = opened.anonymous("cognito-identity"), opened.logins("userpool", "ana")
    for pool, role in ((1, "LabAuthenticated"), (4, "LabRulesEngineers"), (5, "LabTokenEngineers")):
        identity = public.get_id(IdentityPoolId=f"{_MINE[:-1]}{pool}", Logins=logins)["IdentityId"]
        got = public.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
        sts = opened.client(
            "sts", access_key=got["AccessKeyId"], secret_key=got["SecretKey"], token=got["SessionToken"]
        )
        assert f"/{role}/" in sts.get_caller_identity()["Arn"]


def test_seeded_pools_keep_their_tags_on_another_port(opened: RunningSandbox) -> None:
    """There they learn to trust the issuer's new address, by a call that resets what it is not told."""
    pools = opened.client("cognito-identity")
    pool = pools.describe_identity_pool(IdentityPoolId=_MINE)
    assert pool["IdentityPoolTags"] == {"sandbox:custom-id": _MINE}
    assert len(pool["OpenIdConnectProviderARNs"]) == 2


@pytest.mark.parametrize("session", ["enhanced_session", "basic_session"])
def test_credentials_that_were_handed_out_are_still_good(
    opened: RunningSandbox, account: dict[str, Any], session: str
) -> None:
    key, secret, token = account[session]
    caller = opened.client("sts", access_key=key, secret_key=secret, token=token).get_caller_identity()
    assert caller["Account"] == account["account"]
    s3 = opened.client("s3", access_key=key, secret_key=secret, token=token)
    assert "Buckets" in s3.list_buckets() if session == "basic_session" else True


def test_a_token_that_was_handed_out_is_still_good(opened: RunningSandbox, account: dict[str, Any]) -> None:
    logins = {"cognito-identity.amazonaws.com": account["developer_token"]}
    public = opened.anonymous("cognito-identity")
    got = public.get_credentials_for_identity(IdentityId=account["developer"], Logins=logins)
    assert got["IdentityId"] == account["developer"]


def test_what_moto_held_is_seeded_again(opened: RunningSandbox) -> None:
    guest = opened.anonymous("cognito-identity").get_id(IdentityPoolId=_MINE)["IdentityId"]
    got = opened.anonymous("cognito-identity").get_credentials_for_identity(IdentityId=guest)["Credentials"]
    s3 = opened.client("s3", access_key=got["AccessKeyId"], secret_key=got["SecretKey"], token=got["SessionToken"])
    assert s3.get_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")["ContentLength"] > 1000


def test_a_reset_ends_credentials_of_the_time_before(kept: Kept, tmp_path: Path) -> None:
    """What has no epoch counts as of the first."""
    copy = unpacked(kept.path.name, tmp_path)
    copy.as_if_just_made()
    with running_sandbox(SandboxConfig(data_file=copy.sandbox_file, port=0)) as sandbox:
        key, secret, token = copy.notes["home"]["basic_session"]
        sts = sandbox.client("sts", access_key=key, secret_key=secret, token=token)
        sts.get_caller_identity()
        sandbox.switch("reset")
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            sts.get_caller_identity()
