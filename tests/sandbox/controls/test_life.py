"""Accounts that the home administrator makes, seeds, resets, exports and removes."""

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.controls.people import Team, refusal_of, team
from tests.sandbox.wire import send

ROLES = 24


@pytest.fixture
def made(shared: RunningSandbox) -> Team:
    return Team(shared, *shared.make_account(name="team 1"))


def change(sandbox: RunningSandbox, action: str, account: str = "", **more: Any) -> Any:
    return sandbox.switch("accounts", {"action": action, **({"account": account} if account else {}), **more})


def status_of(sandbox: RunningSandbox, body: dict[str, Any]) -> int:
    with pytest.raises(HTTPError) as error:
        sandbox.switch("accounts", body)
    return error.value.code


def works(sandbox: RunningSandbox, key: str, secret: str, token: str | None = None) -> bool:
    client = sandbox.client("sts", access_key=key, secret_key=secret, token=token)
    try:
        client.get_caller_identity()
    except ClientError:
        return False
    return True


def test_a_made_account_is_seeded_and_has_a_key_of_its_own(shared: RunningSandbox, made: Team) -> None:
    assert made.client("sts").get_caller_identity()["Account"] == made.number
    assert len(made.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]) == 5
    public = shared.anonymous("cognito-identity")
    guest = public.get_id(IdentityPoolId=made.seeded_pool)["IdentityId"]
    got = public.get_credentials_for_identity(IdentityId=guest)["Credentials"]
    keys = {"access_key": got["AccessKeyId"], "secret_key": got["SecretKey"], "token": got["SessionToken"]}
    catalogue = shared.client("s3", **keys).get_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")
    assert (catalogue["ContentType"], catalogue["CacheControl"]) == ("application/pdf", "max-age=3600")
    assert shared.client("dynamodb", **keys).scan(TableName="SampleProducts")["Count"] == 20


@pytest.mark.slow
def test_people_of_the_stand_ins_sign_in_to_a_made_account(shared: RunningSandbox, made: Team) -> None:
    public = shared.anonymous("cognito-identity")
    for provider in ("google", "userpool", "oidc", "saml"):
        logins = shared.logins(provider, "ana", account=made.number, secret_key=made.secret)
        identity = public.get_id(IdentityPoolId=made.seeded_pool, Logins=logins)["IdentityId"]
        assert public.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]


def test_an_account_can_be_made_without_content(shared: RunningSandbox) -> None:
    number, secret = shared.make_account(seed=False)
    bare = Team(shared, number, secret)
    assert bare.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"] == []
    assert bare.client("s3").list_buckets()["Buckets"] == []
    assert change(shared, "seed", number)["seeded"] is True
    assert len(bare.client("s3").list_buckets()["Buckets"]) == 2


def test_the_list_and_the_export_hold_no_secret(shared: RunningSandbox) -> None:
    used = team(shared, "listed")
    listed = shared.switch("accounts", method="GET")["accounts"]
    mine = next(one for one in listed if one["account"] == used.number)
    assert (mine["name"], mine["seeded"], set(mine)) == (
        "listed",
        True,
        {"account", "name", "made", "epoch", "seeded"},
    )
    export = change(shared, "export", used.number)
    assert {one["pool_id"] for one in export["identityPools"]} >= {used.seeded_pool, used.things["pool"]}
    assert len(export["roles"]) == ROLES
    assert {one["identity_id"] for one in export["identities"]} >= {used.things["guest"], used.things["developer"]}
    told = json.dumps([listed, export])
    secrets = [used.secret, used.things["session"]["SecretKey"], used.things["token"], "x-consumer-secret"]
    assert not [secret for secret in secrets if secret in told]
    x_app = export["identityPools"][0]["definition"]["SupportedLoginProviders"]["api.twitter.com"]
    assert ";" not in x_app


def test_the_key_is_told_again(shared: RunningSandbox, made: Team) -> None:
    assert change(shared, "key", made.number)["SecretAccessKey"] == made.secret


def test_a_number_can_be_chosen_once(shared: RunningSandbox) -> None:
    number, _ = shared.make_account(account="777700000001")
    assert number == "777700000001"
    assert status_of(shared, {"action": "make", "account": number}) == 409


def test_home_and_accounts_that_hold_something_are_not_made(shared: RunningSandbox) -> None:
    assert status_of(shared, {"action": "make", "account": "000000000000"}) == 409
    shared.client("cognito-identity", access_key="777700000002").create_identity_pool(
        IdentityPoolName="p", AllowUnauthenticatedIdentities=True
    )
    assert status_of(shared, {"action": "make", "account": "777700000002"}) == 409
    change(shared, "reset", "777700000002")
    assert shared.make_account(account="777700000002")[0] == "777700000002"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "else"},
        {"action": "make", "account": "12345"},
        {"action": "make", "account": "１２３４５６７８９０１２"},
        {"action": "make", "account": 123456789012},
        {"action": "make", "name": "x" * 101},
        {"action": "make", "name": "a\nb"},
        {"action": "make", "seed": "yes"},
        {"action": "make", "more": 1},
        {"action": "reset"},
    ],
)
def test_a_wish_that_cannot_be(shared: RunningSandbox, body: dict[str, Any]) -> None:
    assert status_of(shared, body) == 400


@pytest.mark.parametrize("action", ["key", "seed", "remove"])
def test_what_was_not_made_is_not_found(shared: RunningSandbox, action: str) -> None:
    assert status_of(shared, {"action": action, "account": "777700000009"}) == 404


def test_large_bodies_are_refused(shared: RunningSandbox) -> None:
    assert status_of(shared, {"action": "make", "name": "x" * 300_000}) == 413


@pytest.mark.slow
def test_a_reset_ends_keys_sessions_and_tokens(shared: RunningSandbox) -> None:
    used, other = team(shared, "reset"), team(shared, "other")
    before = other.snapshot()
    session = used.things["session"]
    key = (session["AccessKeyId"], session["SecretKey"], session["SessionToken"])
    assert works(shared, *key)
    assert works(shared, used.number, used.secret)
    again = change(shared, "reset", used.number)
    assert not works(shared, *key)
    assert not works(shared, used.number, used.secret)
    assert works(shared, used.number, again["SecretAccessKey"])
    with pytest.raises(ClientError, match="its account was reset"):
        shared.anonymous("sts").assume_role_with_web_identity(
            RoleArn=used.arn("iam", "role/LabGuest"), RoleSessionName="x1", WebIdentityToken=used.things["token"]
        )
    renewed = Team(shared, used.number, again["SecretAccessKey"])
    assert renewed.things == {}
    pools = renewed.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
    assert used.things["pool"] not in [one["IdentityPoolId"] for one in pools]
    assert len(pools) == 5
    assert {one["Name"] for one in renewed.client("s3").list_buckets()["Buckets"]} == {
        "identity-pools-lab-public",
        "identity-pools-lab-private",
    }
    assert set(renewed.client("dynamodb").list_tables()["TableNames"]) == {"LabNotes", "SampleProducts"}
    user_pools = renewed.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert [one["Name"] for one in user_pools] == ["IdentityPoolsLab"]
    assert other.snapshot() == before


def test_who_resets_an_own_account_is_told_the_new_key(shared: RunningSandbox, made: Team) -> None:
    answer = made.switch("reset")
    assert (answer["AccessKeyId"], answer["reset"]) == (made.number, True)
    assert not works(shared, made.number, made.secret)
    assert works(shared, made.number, answer["SecretAccessKey"])


def test_a_reset_of_an_account_that_nobody_made_ends_its_sessions_too(shared: RunningSandbox) -> None:
    number = "777700000005"
    loose = Team(shared, number, "test")
    trust = {"Effect": "Allow", "Principal": {"AWS": number}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})

    def hire() -> dict[str, str]:
        role = loose.client("iam").create_role(RoleName="R", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        got = loose.client("sts").assume_role(RoleArn=role, RoleSessionName="x1")["Credentials"]
        return {"key": got["AccessKeyId"], "secret": got["SecretAccessKey"], "token": got["SessionToken"]}

    old = hire()
    assert works(shared, **old)
    answer = loose.switch("reset")
    assert "SecretAccessKey" not in answer
    new = hire()
    assert (works(shared, **old), works(shared, **new)) == (False, True)


def test_what_is_known_of_requests_goes_with_a_reset(shared: RunningSandbox, made: Team) -> None:
    public = shared.anonymous("cognito-identity")
    other = Team(shared, *shared.make_account())
    ids = [public.get_id(IdentityPoolId=one.seeded_pool)["ResponseMetadata"]["RequestId"] for one in (made, other)]
    assert [send(shared, "GET", f"/_sandbox/requests/{each}").status for each in ids] == [200, 200]
    change(shared, "reset", made.number)
    assert [send(shared, "GET", f"/_sandbox/requests/{each}").status for each in ids] == [404, 200]


@pytest.mark.slow
def test_a_removed_account_is_gone_and_its_key_stays_void(shared: RunningSandbox) -> None:
    used = team(shared, "removed")
    session = used.things["session"]
    assert change(shared, "remove", used.number) == {"account": used.number, "removed": True}
    assert used.number not in [one["account"] for one in shared.switch("accounts", method="GET")["accounts"]]
    assert not works(shared, used.number, used.secret)
    number, secret = shared.make_account(account=used.number)
    assert secret != used.secret
    assert not works(shared, number, used.secret)
    assert not works(shared, session["AccessKeyId"], session["SecretKey"], session["SessionToken"])
    assert len(Team(shared, number, secret).client("s3").list_buckets()["Buckets"]) == 2


@pytest.mark.slow
def test_keys_changes_and_samples_outlive_a_restart(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)
    with running_sandbox(config) as sandbox:
        first = Team(sandbox, *sandbox.make_account(name="first"))
        first.client("cognito-identity").delete_identity_pool(IdentityPoolId=first.seeded_pool)
        first.client("iam").update_role(RoleName="LabGuest", Description="mine")
    # On another port, so that the stand-ins have other addresses.
    with running_sandbox(config) as sandbox:
        again = Team(sandbox, first.number, first.secret)
        assert again.client("iam").get_role(RoleName="LabGuest")["Role"]["Description"] == "mine"
        table = again.client("dynamodb").scan(TableName="SampleProducts")
        assert table["Count"] == 20
        guest_pool = f"us-east-1:5a4db000-0002-c000-8000-{first.number}"
        logins = sandbox.logins("oidc", "ana", account=first.number, secret_key=first.secret)
        public = sandbox.anonymous("cognito-identity")
        assert public.get_id(IdentityPoolId=guest_pool, Logins=logins)["IdentityId"]


@pytest.mark.slow
def test_secrets_cannot_be_computed_from_a_well_known_master(tmp_path: Path) -> None:
    """The same account of two installations with the same master: each has its own."""
    found = []
    for name in ("one", "two"):
        config = SandboxConfig(data_file=tmp_path / name / "sandbox.sqlite3", port=0, seed=False)
        with running_sandbox(config) as sandbox:
            found.append(sandbox.make_account(account="777700000007")[1])
    assert found[0] != found[1]
    assert all(len(secret) == 40 for secret in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"public_url": "http://lab.example:4566"},
        {"public_url": "http://192.168.1.5:4566"},
        {"host": "0.0.0.0"},  # noqa: S104
        {"open_accounts": False},
    ],
)
def test_where_others_come_in_accounts_have_to_be_made(tmp_path: Path, changes: dict[str, Any]) -> None:
    port = free_port()
    settings = {"public_url": f"http://127.0.0.1:{port}", **changes}
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=port, seed=False, **settings)
    with running_sandbox(config) as sandbox:
        assert works(sandbox, "test", "test")
        assert works(sandbox, "000000000000", "test")
        with pytest.raises(ClientError) as error:
            sandbox.client("sts", access_key="111122223333").get_caller_identity()
        assert "Account 111122223333 has no administrator" in str(error.value)
        assert refusal_of(error.value) == (403, "InvalidClientTokenId")
        number, secret = sandbox.make_account(account="111122223333")
        assert works(sandbox, number, secret)
        assert not works(sandbox, number, "test")


def test_a_new_account_has_nothing_that_was_left_under_its_number(shared: RunningSandbox) -> None:
    """Before it is made its number takes the master, and buckets and faults leave no row that would be noticed."""
    number = "210987654321"
    before = shared.client("s3", access_key=number, secret_key=shared.config.secret_access_key)
    before.create_bucket(Bucket="left-behind")
    shared.switch("faults", {"operation": "GetId", "code": "Left"}, account=number)
    key, secret = shared.make_account(account=number, seed=False)
    after = shared.client("s3", access_key=key, secret_key=secret)
    assert "left-behind" not in [bucket["Name"] for bucket in after.list_buckets()["Buckets"]]
    assert shared.switch("faults", method="GET", account=key, secret_key=secret)["faults"] == []
