"""`manage.py pool`: AWS is read by the SDK's credentials, and the sandbox is met as its administrator."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from poolconfig.document import Document
from poolconfig.permissions import READS, reading_policy
from sandbox.testing import RunningSandbox
from tests.certificates import certify
from tests.clients.tls import tls_in_front_of
from tests.forgotten import forget_clients
from tests.poolconfig.callers import Place
from tests.poolconfig.real_pool import GOOGLE, ISSUER
from tests.poolconfig.real_pool import document as policy
from tests.poolconfig.test_import import elsewhere, state, take
from tests.tunnels import proxy_to

Run = Callable[..., str]


@pytest.fixture
def run(lab: RunningSandbox, settings: Settings) -> Any:
    """The command, with the application at the sandbox into which pools are imported."""
    settings.APP_MODE = "sandbox"
    settings.AWS_ENDPOINT = settings.SANDBOX_PUBLIC_URL = lab.url
    forget_clients()

    def run(*arguments: str) -> str:
        out = StringIO()
        try:
            call_command("pool", *arguments, stdout=out, stderr=out, no_color=True)
        except SystemExit as ended:
            out.write(f"ended with {ended.code}")
        return out.getvalue()

    yield run
    forget_clients()


@pytest.fixture
def at_aws(real: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has the SDK's credentials be those of a role with these policies, in the account of the real pool."""

    def sign_in(*documents: dict[str, Any]) -> None:
        iam, trust = real.client("iam"), policy("sts:AssumeRole", "*")["Statement"][0]
        trusted = {**trust, "Principal": {"AWS": real.pool.account}}
        del trusted["Resource"]
        name = f"Operator-{uuid.uuid4()}"
        role = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
        )["Role"]["Arn"]
        for number, one in enumerate(documents):
            iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=json.dumps(one))
        keys = real.client("sts").assume_role(RoleArn=role, RoleSessionName="operator")["Credentials"]
        for name, value in {
            "AWS_ENDPOINT_URL": real.sandbox.url,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }.items():
            monkeypatch.setenv(name, value)

    return sign_in


def told_of(run: Run, *arguments: str) -> str:
    """What the command says when it gives up."""
    with pytest.raises(CommandError) as error:
        run(*arguments)
    return str(error.value)


def test_the_printed_policy_is_enough_to_import(run: Run, at_aws: Callable[..., None], real: Place) -> None:
    assert json.loads(run("permissions")) == reading_policy()
    at_aws(reading_policy())
    said = run("import", real.pool.pool_id, "--remap")
    assert f"  {real.pool.pool_id} is us-east-1:" in said
    assert all(f"\n  {login}\n" in said for login in (ISSUER, GOOGLE))


@pytest.mark.slow
def test_a_pool_is_read_through_a_company_s_proxy_and_the_sandbox_is_not(
    run: Run, at_aws: Callable[..., None], real: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_aws(reading_policy())
    authority, certificate = tmp_path / "authority.pem", tmp_path / "amazon.pem"
    certify(["*.us-east-1.amazonaws.com", "*.amazonaws.com"], authority, certificate)
    with tls_in_front_of(urlsplit(real.sandbox.url).port or 0, certificate) as aws, proxy_to(lambda _: aws) as proxy:
        for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        said = run("import", real.pool.pool_id, "--remap")
    assert f"  {real.pool.pool_id} is us-east-1:" in said
    asked = {authority.split(".")[0] for authority in proxy.tunnels}
    assert asked == {"cognito-identity", "cognito-idp", "iam", "sts"}


def test_what_may_not_be_read_is_named_with_its_permission_and_nothing_is_imported(
    run: Run, at_aws: Callable[..., None], real: Place, lab: RunningSandbox
) -> None:
    denied = {**policy("x:y", "*")["Statement"][0], "Effect": "Deny"}
    denied["Action"] = ["cognito-idp:ListGroups", "iam:GetRolePolicy"]
    at_aws(reading_policy(), {"Version": "2012-10-17", "Statement": [denied]})
    before = state(lab)
    said = told_of(run, "import", real.pool.pool_id)
    assert f"  cognito-idp:ListGroups on {real.pool.user_pool}\n" in said
    assert f"  iam:GetRolePolicy on {real.pool.role_arn('Members')}\n" in said
    assert "Nothing was imported." in said
    assert state(lab) == before


# Second factors are read of user pools only that have them.
NEEDED = [f"{service}:{name}" for service, names in READS.items() for name in names if name != "GetUserPoolMfaConfig"]


@pytest.mark.parametrize("permission", NEEDED)
@pytest.mark.slow
def test_each_permission_of_the_policy_is_needed(
    run: Run, at_aws: Callable[..., None], real: Place, permission: str
) -> None:
    statement = reading_policy()["Statement"][0]
    statement["Action"].remove(permission)
    at_aws({"Version": "2012-10-17", "Statement": [statement]})
    assert f"  {permission} on " in told_of(run, "import", real.pool.pool_id)


@pytest.mark.slow
def test_a_pool_that_is_not_there_and_an_id_that_is_none(run: Run, at_aws: Callable[..., None]) -> None:
    at_aws(reading_policy())
    unknown = "us-east-1:00000000-0000-4000-8000-000000000000"
    assert told_of(run, "import", unknown).startswith(
        f"There is no identity pool {unknown} in this account and region."
    )
    assert "is no ID of an identity pool" in told_of(run, "import", "shop")
    assert "Say which pool" in told_of(run, "import")


@pytest.mark.slow
def test_a_document_can_be_looked_at_before_it_is_imported(
    run: Run, at_aws: Callable[..., None], real: Place, tmp_path: Path, lab: RunningSandbox, as_read: Document
) -> None:
    at_aws(reading_policy())
    file, before = tmp_path / "pool.json", state(lab)
    assert "Nothing was imported." in run("import", real.pool.pool_id, "--save", str(file))
    assert state(lab) == before
    assert json.loads(file.read_text()) == as_read
    assert "of the sandbox" in run("import", "--from-file", str(file), "--remap")


@pytest.mark.slow
def test_a_change_is_seen_by_who_gets_in_before_and_after(run: Run, lab: RunningSandbox, document: Document) -> None:
    document = elsewhere(document, "515151515151")
    take(lab, document)
    pool_id, staff = document["identityPool"]["IdentityPoolId"], ("--claims", '{"sub": "kim", "department": "staff"}')
    assert f"{pool_id}  515151515151  Shop" in run("list")
    said = run("try", pool_id, ISSUER, *staff)
    assert "GetCallerIdentity: arn:aws:sts::515151515151:assumed-role/Staff/CognitoIdentityCredentials" in said
    assert "  ok  audience (login.audience), asked for: a client id registered on the pool, is: web" in said
    environment = {"PATH": os.environ["PATH"], "HOME": "/tmp"}
    exported = run("env", pool_id)
    command = f"{exported}\naws iam delete-role-policy --role-name Members --policy-name own-files\n"
    command += "aws cognito-identity set-identity-pool-roles --identity-pool-id " + pool_id
    command += " --roles authenticated=arn:aws:iam::515151515151:role/shop/Members"
    subprocess.run(["sh", "-c", command], env=environment, check=True, capture_output=True, timeout=120)
    assert "assumed-role/Members/" in run("try", pool_id, ISSUER, *staff)
    assert "ended with 1" in run("try", pool_id)  # guests have no role any more


@pytest.mark.slow
def test_the_basic_flow_is_tried_with_a_role_and_a_token_is_printed(
    run: Run, lab: RunningSandbox, document: Document
) -> None:
    document = elsewhere(document, "525252525252")
    take(lab, document)
    pool_id, role = document["identityPool"]["IdentityPoolId"], "arn:aws:iam::525252525252:role/shop"
    assert "AssumeRoleWithWebIdentity: arn:aws:sts::525252525252:assumed-role/Members/app" in run(
        "try", pool_id, GOOGLE, "--role", f"{role}/Members"
    )
    refused = run("try", pool_id, "--role", f"{role}/Members")
    assert "AssumeRoleWithWebIdentity: AccessDenied" in refused
    assert "  NO  " in refused
    logins = json.loads(run("token", pool_id, GOOGLE))
    assert lab.anonymous("cognito-identity").get_id(IdentityPoolId=pool_id, Logins=logins)
    assert "The pool trusts no example.org provider." in told_of(run, "token", pool_id, "example.org")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cloudformation", "cli", "json"])
def test_any_pool_of_the_sandbox_is_written(run: Run, lab: RunningSandbox, tmp_path: Path, kind: str) -> None:
    seeded = "us-east-1:5a4db000-0000-c000-8000-000000000004"
    file = tmp_path / "written"
    assert f"has the pool as {kind}" in run("export", seeded, "--format", kind, "--output", str(file))
    assert "IdentityPoolsLabRoleByRule" in file.read_text()
    assert "Account" not in told_of(run, "export", f"{seeded[:-1]}9", "--format", kind)


def test_a_number_or_ids_that_are_held_are_told_with_the_way_out(
    run: Run, lab: RunningSandbox, as_read: Document, imported: Place, tmp_path: Path
) -> None:
    file = tmp_path / "pool.json"
    file.write_text(json.dumps(as_read))
    assert "(replace), or remap it" in told_of(run, "import", "--from-file", str(file))
    assert "is in account" in run("import", "--from-file", str(file), "--replace")
