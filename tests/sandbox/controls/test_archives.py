"""An account leaves one sandbox as a file and goes on in another one."""

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError
from django.core.management import call_command
from django.core.management.base import CommandError

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.controls.archive import archive_of, members
from tests.sandbox.controls.people import Team

NUMBER = "313131310001"
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": NUMBER}, "Action": "sts:AssumeRole"}],
    }
)
PUBLIC = "identity-pools-lab-public"
_PASSWORD = "Correct-Horse-7"
_LATER_TABLE = """CREATE TABLE later_table (
    sequence INTEGER PRIMARY KEY, thing_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, salt BLOB, at REAL
)"""


@dataclass
class Moved:
    """An account where it was imported, and what was known of it where it came from."""

    team: Team
    known: dict[str, Any]
    archive: bytes


def own_logins(team: Team, provider: str, person: str) -> dict[str, str]:
    """Of somebody who signed in at the account's own stand-in."""
    return team.sandbox.logins(provider, person, account=team.number, secret_key=team.secret)


def _user_pool(team: Team) -> dict[str, str]:
    """A user pool with one user, who has signed in."""
    idp = team.client("cognito-idp")
    pool = idp.create_user_pool(PoolName="own")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = idp.create_user_pool_client(UserPoolId=pool, ClientName="own", ExplicitAuthFlows=flows)
    client_id = client["UserPoolClient"]["ClientId"]
    idp.admin_create_user(UserPoolId=pool, Username="kim")
    idp.admin_set_user_password(UserPoolId=pool, Username="kim", Password=_PASSWORD, Permanent=True)
    tokens = _sign_in(team, client_id)
    return {"pool": pool, "client": client_id, "refresh": tokens["RefreshToken"], "access": tokens["AccessToken"]}


def _sign_in(team: Team, client_id: str) -> dict[str, str]:
    answer = team.sandbox.anonymous("cognito-idp").initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "kim", "PASSWORD": _PASSWORD},
    )
    return dict(answer["AuthenticationResult"])


def _fill(team: Team) -> dict[str, Any]:
    sandbox = team.sandbox
    public = sandbox.anonymous("cognito-identity")
    logins = own_logins(team, "google", "ana")
    identity = public.get_id(IdentityPoolId=team.seeded_pool, Logins=logins)["IdentityId"]
    guest = public.get_id(IdentityPoolId=team.seeded_pool)["IdentityId"]
    session = public.get_credentials_for_identity(IdentityId=guest)["Credentials"]
    pools = team.client("cognito-identity")
    own_pool = pools.create_identity_pool(
        IdentityPoolName="own", AllowUnauthenticatedIdentities=True, DeveloperProviderName="dev.own"
    )["IdentityPoolId"]
    developer = pools.get_open_id_token_for_developer_identity(IdentityPoolId=own_pool, Logins={"dev.own": "kim"})
    role = team.client("iam").create_role(RoleName="Own", AssumeRolePolicyDocument=_TRUST)
    s3 = team.client("s3")
    s3.create_bucket(Bucket="own")
    s3.put_bucket_versioning(Bucket="own", VersioningConfiguration={"Status": "Enabled"})
    body = os.urandom(30_000)
    s3.put_object(Bucket="own", Key="large", Body=b"before")
    s3.put_object(Bucket="own", Key="large", Body=body)
    team.client("dynamodb").put_item(TableName="LabNotes", Item={"IdentityId": {"S": identity}, "NoteId": {"S": "1"}})
    team.client("ssm").put_parameter(Name="/own", Value="kept", Type="String")
    team.switch("clock", {"advance": 500})
    return {
        "logins": logins,
        "user_pool": _user_pool(team),
        "identity": identity,
        "guest": guest,
        "session": session,
        "pool": own_pool,
        "developer": developer["IdentityId"],
        "role_id": role["Role"]["RoleId"],
        "body": body,
        "versions": s3.list_object_versions(Bucket="own")["Versions"],
    }


def sandbox_in(directory: Path) -> Any:
    return running_sandbox(SandboxConfig(data_file=directory / "sandbox.sqlite3", port=0))


def _add_later_table(directory: Path, *rows: tuple[Any, ...]) -> None:
    """A table that this version knows nothing of."""
    with closing(sqlite3.connect(directory / "sandbox.sqlite3")) as connection:
        connection.execute(_LATER_TABLE)
        connection.executemany("INSERT INTO later_table VALUES (?, ?, ?, ?, ?)", rows)
        connection.commit()


def later_rows(directory: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(directory / "sandbox.sqlite3")) as connection:
        return connection.execute("SELECT * FROM later_table ORDER BY sequence").fetchall()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[str, Any]]:
    """An archive, and what was known of the account."""
    directory = tmp_path_factory.mktemp("from")
    with sandbox_in(directory) as sandbox:
        team = Team(sandbox, *sandbox.make_account(account=NUMBER, name="moves"))
        known = _fill(team)
        _add_later_table(directory, (7, "thing-b", NUMBER, b"\x00\xff", 1.5), (9, "thing-a", NUMBER, None, None))
        archive = sandbox.export(NUMBER)
        assert members(sandbox.export(signer=NUMBER, secret_key=team.secret)).keys() == members(archive).keys()
    return archive, {**known, "secret": team.secret}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("to")


@pytest.fixture(scope="module")
def moved(exported: tuple[bytes, dict[str, Any]], directory: Path) -> Iterator[Moved]:
    archive, known = exported
    with sandbox_in(directory) as sandbox:
        _add_later_table(directory, (7, "thing-c", "313131310002", None, None))
        key = sandbox.take(archive)
        assert (key["account"], key["name"], key["notKept"]) == (NUMBER, "moves", [])
        yield Moved(Team(sandbox, key["AccessKeyId"], key["SecretAccessKey"]), known, archive)


@pytest.mark.slow
def test_people_meet_the_same_identities(moved: Moved) -> None:
    public = moved.team.sandbox.anonymous("cognito-identity")
    logins = own_logins(moved.team, "google", "ana")
    assert public.get_id(IdentityPoolId=moved.team.seeded_pool, Logins=logins)["IdentityId"] == moved.known["identity"]
    credentials = public.get_credentials_for_identity(IdentityId=moved.known["identity"], Logins=logins)["Credentials"]
    keys = {"access_key": credentials["AccessKeyId"], "secret_key": credentials["SecretKey"]}
    notes = moved.team.sandbox.client("dynamodb", **keys, token=credentials["SessionToken"])
    key = {"IdentityId": {"S": moved.known["identity"]}, "NoteId": {"S": "1"}}
    assert notes.get_item(TableName="LabNotes", Key=key)["Item"] == key
    assert public.get_credentials_for_identity(IdentityId=moved.known["guest"])["Credentials"]


@pytest.mark.slow
def test_pools_roles_and_developer_identities_go_on(moved: Moved) -> None:
    pools = moved.team.client("cognito-identity")
    found = pools.lookup_developer_identity(IdentityPoolId=moved.known["pool"], DeveloperUserIdentifier="kim")
    assert found["IdentityId"] == moved.known["developer"]
    assert moved.team.client("iam").get_role(RoleName="Own")["Role"]["RoleId"] == moved.known["role_id"]
    assert moved.team.switch("clock", method="GET")["advanced"] == 500


@pytest.mark.slow
def test_people_of_stand_ins_whose_address_is_another_one_sign_in(moved: Moved) -> None:
    public = moved.team.sandbox.anonymous("cognito-identity")
    for provider in ("google", "userpool", "oidc", "saml"):
        logins = own_logins(moved.team, provider, "bo")
        identity = public.get_id(IdentityPoolId=moved.team.seeded_pool, Logins=logins)["IdentityId"]
        assert public.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]


def test_what_issuers_of_the_account_signed_before_is_good(moved: Moved) -> None:
    public = moved.team.sandbox.anonymous("cognito-identity")
    found = public.get_id(IdentityPoolId=moved.team.seeded_pool, Logins=moved.known["logins"])
    assert found["IdentityId"] == moved.known["identity"]


def test_users_of_user_pools_go_on(moved: Moved) -> None:
    known, public = moved.known["user_pool"], moved.team.sandbox.anonymous("cognito-idp")
    assert public.get_user(AccessToken=known["access"])["Username"] == "kim"
    refreshed = public.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=known["client"],
        AuthParameters={"REFRESH_TOKEN": known["refresh"]},
    )
    assert refreshed["AuthenticationResult"]["AccessToken"]
    assert _sign_in(moved.team, known["client"])["IdToken"]
    users = moved.team.client("cognito-idp").list_users(UserPoolId=known["pool"])["Users"]
    assert [user["Username"] for user in users] == ["kim"]


def test_objects_items_and_parameters_are_the_same(moved: Moved) -> None:
    s3 = moved.team.client("s3")
    assert s3.list_object_versions(Bucket="own")["Versions"] == moved.known["versions"]
    assert s3.get_object(Bucket="own", Key="large")["Body"].read() == moved.known["body"]
    assert s3.get_object(Bucket=PUBLIC, Key="product-catalog.pdf")["Body"].read(5) == b"%PDF-"
    assert moved.team.client("ssm").get_parameter(Name="/own")["Parameter"]["Value"] == "kept"


def test_what_the_old_installation_sealed_is_over(moved: Moved) -> None:
    session = moved.known["session"]
    keys = {"access_key": session["AccessKeyId"], "secret_key": session["SecretKey"], "token": session["SessionToken"]}
    for client in (
        moved.team.sandbox.client("sts", **keys),
        moved.team.sandbox.client("sts", access_key=NUMBER, secret_key=moved.known["secret"]),
    ):
        with pytest.raises(ClientError):
            client.get_caller_identity()


def test_a_table_of_which_nobody_knew_comes_along(moved: Moved, directory: Path) -> None:
    assert later_rows(directory) == [
        (7, "thing-c", "313131310002", None, None),
        (8, "thing-b", NUMBER, b"\x00\xff", 1.5),
        (9, "thing-a", NUMBER, None, None),
    ]


def test_keys_of_the_installation_stay(moved: Moved) -> None:
    text = b"".join(members(moved.archive).values())
    assert b"installation_key" not in text
    assert moved.known["secret"].encode() not in text
    assert moved.known["session"]["SessionToken"].encode() not in text


def test_an_account_that_is_there_is_not_imported(moved: Moved) -> None:
    assert refusal(moved.team.sandbox, moved.archive) == (409, f"Account {NUMBER} exists already.")


def test_only_administrators_of_the_account_or_of_home_export_and_only_home_imports(moved: Moved) -> None:
    sandbox = moved.team.sandbox
    number, secret = sandbox.make_account(seed=False)
    for attempt in (
        lambda: sandbox.export(NUMBER, signer=number, secret_key=secret),
        lambda: sandbox.export("000000000000", signer=number, secret_key=secret),
        lambda: sandbox.take(moved.archive, signer=number, secret_key=secret),
    ):
        with pytest.raises(HTTPError) as refused:
            attempt()
        assert refused.value.code == 403
    session = moved.team.sandbox.anonymous("cognito-identity").get_credentials_for_identity(
        IdentityId=moved.known["guest"]
    )["Credentials"]
    with pytest.raises(HTTPError):
        sandbox.export(NUMBER, signer=session["AccessKeyId"], secret_key=session["SecretKey"])


@pytest.mark.slow
def test_it_is_the_same_after_a_removal_and_once_more_after_a_restart(
    exported: tuple[bytes, dict[str, Any]], tmp_path: Path
) -> None:
    archive, known = exported
    with sandbox_in(tmp_path) as sandbox:
        _add_later_table(tmp_path)
        sandbox.take(archive)
        sandbox.switch("accounts", {"action": "remove", "account": NUMBER})
        assert not (tmp_path / "sandbox.content" / NUMBER).exists()
        key = sandbox.take(archive)
    with sandbox_in(tmp_path) as sandbox:
        team = Team(sandbox, key["AccessKeyId"], key["SecretAccessKey"])
        assert team.client("s3").get_object(Bucket="own", Key="large")["Body"].read() == known["body"]
        guest = sandbox.anonymous("cognito-identity").get_credentials_for_identity(IdentityId=known["guest"])
        assert guest["Credentials"]


@pytest.mark.slow
def test_content_that_another_moto_wrote_is_dropped_with_a_sentence(
    exported: tuple[bytes, dict[str, Any]], tmp_path: Path
) -> None:
    found = members(exported[0])
    found["content/s3.snapshot"] = found["content/s3.snapshot"].replace(b'"moto":"', b'"moto":"1.', 1)
    with sandbox_in(tmp_path) as sandbox:
        _add_later_table(tmp_path)
        key = sandbox.take(archive_of({name: each for name, each in found.items() if "bodies" not in name}))
        (sentence,) = key["notKept"]
        assert "s3 was dropped: It was written with moto 1." in sentence
        team = Team(sandbox, key["AccessKeyId"], key["SecretAccessKey"])
        assert {one["Name"] for one in team.client("s3").list_buckets()["Buckets"]} == {
            PUBLIC,
            "identity-pools-lab-private",
        }
        assert team.client("ssm").get_parameter(Name="/own")["Parameter"]["Value"] == "kept"


@pytest.mark.slow
def test_where_another_region_is_the_sandboxs_the_answer_says_so(
    exported: tuple[bytes, dict[str, Any]], tmp_path: Path
) -> None:
    elsewhere = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, region="eu-west-1")
    guest = exported[1]["guest"]
    with running_sandbox(elsewhere) as sandbox:
        _add_later_table(tmp_path)
        (sentence,) = sandbox.take(exported[0])["notKept"]
        public = sandbox.anonymous("cognito-identity", region="us-east-1")
        with pytest.raises(ClientError, match="Check assigned IAM roles"):
            public.get_credentials_for_identity(IdentityId=guest)
    assert "The seeded pools of us-east-1 are here" in sentence
    assert "AWS_REGION=us-east-1" in sentence
    with sandbox_in(tmp_path) as sandbox:  # as the sentence says
        assert sandbox.anonymous("cognito-identity").get_credentials_for_identity(IdentityId=guest)["Credentials"]


@pytest.mark.slow
def test_the_command_writes_a_file_for_its_owner_only_and_takes_it(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "account.zip"
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with sandbox_in(tmp_path / "first") as sandbox:
        settings.SANDBOX_PORT, settings.SANDBOX_HOST = sandbox.config.port, "127.0.0.1"
        number, secret = sandbox.make_account(name="by command")
        sandbox.client("ssm", access_key=number, secret_key=secret).put_parameter(Name="/a", Value="b", Type="String")
        call_command("sandbox_account", "export", number, str(file))
        with pytest.raises(CommandError, match="exists already"):
            call_command("sandbox_account", "export", number, str(file))
        with pytest.raises(CommandError, match="twelve digits"):
            call_command("sandbox_account", "export", "12", str(tmp_path / "other"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="does not answer"):
        call_command("sandbox_account", "import", str(file))
    with sandbox_in(tmp_path / "second") as sandbox:
        settings.SANDBOX_PORT = sandbox.config.port
        call_command("sandbox_account", "import", str(file))
        told = capsys.readouterr().out
        secret = told.split(f"{number} ")[-1].strip()
        ssm = sandbox.client("ssm", access_key=number, secret_key=secret)
        assert ssm.get_parameter(Name="/a")["Parameter"]["Value"] == "b"
        with pytest.raises(CommandError, match="exists already"):
            call_command("sandbox_account", "import", str(file))


def refusal(sandbox: RunningSandbox, archive: bytes) -> tuple[int, str]:
    with pytest.raises(HTTPError) as refused:
        sandbox.take(archive)
    return refused.value.code, json.load(refused.value)["message"]
