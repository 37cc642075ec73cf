"""A sandbox that browsers reach by a name of its own, as in a classroom, and one that moved to another address."""

import re
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.core.http import Request, Response
from sandbox.idp.app import idp_application
from sandbox.idp.mount import call_wsgi
from sandbox.idp.sign_in.page import COOKIE
from sandbox.idp.stand_ins import oidc
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.idp.conftest import APP_URL
from tests.sandbox.idp.driver import Sign, StandIns, issuers

LAB = "us-east-1:5a4db000-0000-c000-8000-000000000001"
BY_RULE = "us-east-1:5a4db000-0000-c000-8000-000000000004"


def classroom(directory: Path, name: str) -> SandboxConfig:
    """On a free port of loopback, where the far end of a name server would lead."""
    port = free_port()
    file, url = directory / "sandbox.sqlite3", f"http://{name}:{port}"
    return SandboxConfig(data_file=file, port=port, app_url=APP_URL, public_url=url)


def role_of(sandbox: RunningSandbox, person: str, pool_id: str) -> str:
    """The name of the role of somebody who signs in at the generic stand-in."""
    stand_ins = StandIns(sandbox.url, APP_URL)
    token = Sign(stand_ins, issuers(stand_ins)["oidc"]).tokens(person)["id_token"]
    logins = {oidc.issuer(sandbox.config.lab()).partition("://")[2]: token}
    pools = sandbox.anonymous("cognito-identity")
    identity_id = pools.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    given = pools.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]
    sts = sandbox.client(
        "sts", access_key=given["AccessKeyId"], secret_key=given["SecretKey"], token=given["SessionToken"]
    )
    return str(sts.get_caller_identity()["Arn"]).split("/")[1]


@pytest.mark.slow
def test_pools_trust_the_stand_in_by_its_public_name(tmp_path: Path) -> None:
    config = classroom(tmp_path, "lab.example.test")
    with running_sandbox(config) as sandbox:
        providers = sandbox.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
        assert [one["Arn"].partition("/")[2] for one in providers] == [f"{urlsplit(config.public_url).netloc}/idp/oidc"]
        assert role_of(sandbox, "bo", LAB) == "LabAuthenticated"
        assert role_of(sandbox, "bo", BY_RULE) == "LabRulesFinance"


@pytest.mark.slow
def test_rules_follow_the_stand_in_to_another_address(tmp_path: Path) -> None:
    for name in ("127.0.0.1", "lab.example.test", "127.0.0.1"):
        with running_sandbox(classroom(tmp_path, name)) as sandbox:
            assert role_of(sandbox, "bo", BY_RULE) == "LabRulesFinance"
            roles = sandbox.client("cognito-identity").get_identity_pool_roles(IdentityPoolId=BY_RULE)
            assert len(roles["RoleMappings"]) == 3


OTHER = "111122223333"


def at_the_page_of_stand_ins(
    config: SandboxConfig, peer: str, path: str = "", host: str = "127.0.0.1:4566", **form: str
) -> Response:
    """One request to the page of the stand-ins from a machine with that address; a form is one that the page gave."""
    cookie = {"cookie": f"{COOKIE}=the-token"} if form else {}
    kind = {"content-type": "application/x-www-form-urlencoded"} if form else {}
    body = urlencode(form).encode()
    method = "POST" if form else "GET"
    request = Request(method, f"/idp/{path}", "", {"host": host, **cookie, **kind}, body, peer, "id")
    return call_wsgi(idp_application(config, lambda *_: True), request, config.public_url)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("public", "peer", "allowed"),
    [
        ("http://lab.example.test:4566", "192.168.1.20", False),
        ("http://lab.example.test:4566", "::ffff:192.168.1.20", False),
        ("http://lab.example.test:4566", "", False),
        ("http://lab.example.test:4566", "127.0.0.1", True),
        ("http://lab.example.test:4566", "::1", True),
        ("http://lab.example.test:4566", "::ffff:127.0.0.1", True),
        ("http://127.0.0.1:4566", "127.0.0.1", True),
        ("http://localhost:4566", "172.17.0.1", True),
    ],
)
def test_what_is_everybodys_is_changed_on_the_sandboxs_own_machine(
    tmp_path: Path, public: str, peer: str, allowed: bool
) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", public_url=public)
    page = at_the_page_of_stand_ins(config, peer).body.decode()
    assert ("This sandbox is shared" in page) is not allowed
    assert bool(re.findall("<form", page)) is allowed
    for path in ("keys/oidc/rotate", "people/ana/sign-out", "people/ana/delete", "people/ana/restore"):
        answer = at_the_page_of_stand_ins(config, peer, path, form_token="the-token")
        assert answer.status == (303 if allowed else 403)
        assert allowed or b"This sandbox is shared" in answer.body


def test_behind_a_proxy_that_does_not_say_who_asks_nobody_is_at_the_machine(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", public_url="https://lab.example.test")
    page = at_the_page_of_stand_ins(config, "127.0.0.1", host="sandbox.example.test").body.decode()
    assert "This sandbox is shared" in page
    answer = at_the_page_of_stand_ins(
        config, "127.0.0.1", "keys/oidc/rotate", host="sandbox.example.test", form_token="the-token"
    )
    assert answer.status == 403


@pytest.mark.parametrize(
    ("public", "peer", "allowed"),
    [
        ("http://lab.example.test:4566", "192.168.1.20", False),
        ("http://lab.example.test:4566", "127.0.0.1", False),
        ("http://127.0.0.1:4566", "127.0.0.1", True),
    ],
)
def test_what_is_an_accounts_is_changed_by_its_administrator_in_a_shared_sandbox(
    tmp_path: Path, public: str, peer: str, allowed: bool
) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", public_url=public)
    page = at_the_page_of_stand_ins(config, peer, f"{OTHER}/").body.decode()
    assert ("POST /_sandbox/stand-ins" in page) is not allowed
    assert bool(re.findall("<form", page)) is allowed
    for path in ("keys/oidc/rotate", "people/ana/delete"):
        answer = at_the_page_of_stand_ins(config, peer, f"{OTHER}/{path}", form_token="the-token")
        assert answer.status == (303 if allowed else 403)
        location = dict(answer.headers).get("location", "")
        assert location.startswith(f"/idp/{OTHER}/?done=") is allowed
