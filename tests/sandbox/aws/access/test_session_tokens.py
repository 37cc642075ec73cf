"""Credentials that were handed out: bound together, bound in time, and still good after a restart."""

import base64
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests.sandbox.issuers import Providers
from tests.sandbox.lab import Lab, refused


def credentials_of(lab: Lab, pool_id: str | None = None) -> dict[str, str]:
    pool_id = pool_id or lab.pool()
    answer = lab.public.get_credentials_for_identity(IdentityId=lab.guest(pool_id))
    return dict(answer["Credentials"])


def refusal_of(lab: Lab, credentials: dict[str, str], service: str = "sts") -> tuple[int, str]:
    client = lab.with_credentials(service, credentials)
    with pytest.raises(ClientError) as error:
        client.get_caller_identity() if service == "sts" else client.list_buckets()
    return refused(error.value)[:2]


@pytest.mark.slow
def test_a_tampered_token_is_refused(lab: Lab) -> None:
    credentials = credentials_of(lab)
    sealed = bytearray(base64.b64decode(credentials["SessionToken"]))
    sealed[20] ^= 1
    credentials["SessionToken"] = base64.b64encode(bytes(sealed)).decode()
    assert refusal_of(lab, credentials) == (403, "InvalidClientTokenId")
    assert refusal_of(lab, credentials, "s3") == (400, "InvalidToken")


@pytest.mark.parametrize("token", ["x", "AAAA", "äöü".encode().decode("latin-1"), "A" * 4000])
def test_a_token_that_is_none_is_refused(lab: Lab, token: str) -> None:
    credentials = credentials_of(lab)
    assert refusal_of(lab, {**credentials, "SessionToken": token}) == (403, "InvalidClientTokenId")


def test_the_token_of_another_session_is_refused(lab: Lab) -> None:
    pool_id = lab.pool()
    one, other = credentials_of(lab, pool_id), credentials_of(lab, pool_id)
    assert refusal_of(lab, {**one, "SessionToken": other["SessionToken"]}) == (403, "InvalidClientTokenId")


def test_the_secret_of_another_session_is_refused(lab: Lab) -> None:
    pool_id = lab.pool()
    one, other = credentials_of(lab, pool_id), credentials_of(lab, pool_id)
    assert refusal_of(lab, {**one, "SecretKey": other["SecretKey"]}) == (403, "SignatureDoesNotMatch")


def test_a_temporary_key_without_its_token_is_unknown(lab: Lab) -> None:
    credentials = credentials_of(lab)
    client = lab.sandbox.client("sts", access_key=credentials["AccessKeyId"], secret_key=credentials["SecretKey"])
    with pytest.raises(ClientError) as error:
        client.get_caller_identity()
    assert refused(error.value)[:2] == (403, "InvalidClientTokenId")


def test_credentials_expire_on_the_accounts_clock(lab: Lab) -> None:
    credentials = credentials_of(lab)
    lab.sandbox.switch("clock", {"advance": 3500}, account=lab.account)
    assert lab.with_credentials("sts", credentials).get_caller_identity()
    lab.sandbox.switch("clock", {"advance": 110}, account=lab.account)
    assert refusal_of(lab, credentials) == (403, "ExpiredToken")
    assert refusal_of(lab, credentials, "s3") == (400, "ExpiredToken")


def test_credentials_of_a_deleted_role_are_refused(lab: Lab) -> None:
    pool_id = lab.pool()
    credentials = credentials_of(lab, pool_id)
    role = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["unauthenticated"].rpartition("/")[2]
    lab.iam.delete_role_policy(RoleName=role, PolicyName="rights")
    lab.iam.delete_role(RoleName=role)
    assert refusal_of(lab, credentials) == (403, "InvalidClientTokenId")


def test_the_account_can_be_read_from_the_access_key(lab: Lab) -> None:
    key = credentials_of(lab)["AccessKeyId"]
    assert lab.client("sts").get_access_key_info(AccessKeyId=key)["Account"] == lab.account


@pytest.mark.slow
def test_a_restart_keeps_identities_pools_keys_and_credentials(tmp_path: Path, identity_providers: Providers) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, seed=False)
    with running_sandbox(config) as first:
        lab = Lab(first, identity_providers)
        pool_id = lab.pool()
        identity_id = lab.guest(pool_id)
        token = lab.public.get_open_id_token(IdentityId=identity_id)["Token"]
        credentials = credentials_of(lab, pool_id)
        account = lab.account
    assert (tmp_path / "sandbox.sqlite3").stat().st_mode & 0o777 == 0o600
    with running_sandbox(config) as second:
        lab = Lab(second, identity_providers, account)
        assert lab.with_credentials("sts", credentials).get_caller_identity()["Account"] == account
        assert lab.public.get_credentials_for_identity(IdentityId=identity_id)["IdentityId"] == identity_id
        role = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["unauthenticated"]
        assert lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="again", WebIdentityToken=token)
