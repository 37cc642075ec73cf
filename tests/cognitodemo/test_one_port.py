"""The stand-ins at the application's own address: what is passed on, what is passed back, and what never is."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from benchmarks.servers import free_port
from cognitodemo import one_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox

PUBLIC = "http://testserver"
LOGIN = "/idp/identity-pools-lab.auth.us-east-1.amazoncognito.com"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A sandbox whose pages browsers know by the application's address."""
    port = free_port()
    data = tmp_path_factory.mktemp("one-port") / "sandbox.sqlite3"
    config = SandboxConfig(data_file=data, port=port, public_url=PUBLIC, app_url=PUBLIC)
    with running_sandbox(config, log_requests=True) as sandbox:
        yield sandbox


@pytest.fixture
def visitor(behind: RunningSandbox, settings: Settings) -> Client:
    settings.APP_MODE, settings.SANDBOX_PUBLIC_URL, settings.AWS_ENDPOINT = "sandbox", PUBLIC, behind.url
    behind.requests.clear()
    return Client(enforce_csrf_checks=True)


@contextmanager
def answering(settings: Settings, answer: bytes) -> Iterator[None]:
    """Somebody else than the sandbox at its port, who sends these bytes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)
            if not answer:
                connection.recv(1)  # until the other side has had enough

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    settings.APP_MODE, settings.SANDBOX_PUBLIC_URL = "sandbox", PUBLIC
    settings.AWS_ENDPOINT = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listener:
        yield
    thread.join(timeout=5)


@pytest.mark.slow
def test_documents_and_pages_name_the_applications_address(visitor: Client) -> None:
    document = visitor.get("/idp/oidc/.well-known/openid-configuration").json()
    assert document["issuer"] == f"{PUBLIC}/idp/oidc"
    assert visitor.get(document["jwks_uri"].removeprefix(PUBLIC)).json()["keys"]
    pool = visitor.get("/idp/cognito-idp.us-east-1.amazonaws.com/us-east-1_LabPool01/.well-known/openid-configuration")
    assert pool.json()["authorization_endpoint"] == f"{PUBLIC}{LOGIN}/oauth2/authorize"
    assert visitor.get("/idp").headers["Location"] == "/idp/"
    overview = visitor.get("/idp/")
    assert overview.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "stand-in" in overview.headers["X-Stand-In"] or overview.headers["X-Stand-In"].startswith("local")


def test_the_applications_cookies_stay_here(visitor: Client, behind: RunningSandbox, settings: Settings) -> None:
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.VISITOR_COOKIE_NAME, "other"):
        visitor.cookies[name] = "ours"
    visitor.cookies["standin_form"] = "theirs-theirs-theirs-theirs"
    headers = {"Referer": f"{PUBLIC}/runs/secret/", "X-Amz-Target": "AWSCognitoIdentityService.GetId"}
    answer = visitor.get("/idp/", headers=headers)
    [arrived] = behind.requests
    assert arrived.headers["cookie"] == "standin_form=theirs-theirs-theirs-theirs"
    assert arrived.headers.keys() & {"referer", "x-amz-target"} == set()
    assert arrived.headers["host"] == "testserver"
    assert list(answer.cookies) == ["standin_form"]
    assert answer.cookies["standin_form"]["path"] == "/idp/"


def test_a_form_of_the_stand_ins_needs_their_token_and_not_ours(visitor: Client) -> None:
    page = visitor.get("/idp/").content.decode()
    assert "This sandbox is shared" in page  # nobody behind the application sits at the sandbox's machine
    refused = visitor.post("/idp/people/ana/delete")
    assert refused.status_code == 403
    assert b"This sandbox is shared" in refused.content
    assert b"this browser blocks cookies" not in visitor.post(f"{LOGIN}/login", {"person": "ana"}).content


@pytest.mark.parametrize(
    "path",
    [
        "/identity-pools-lab-public/product-catalog.pdf",
        "/_sandbox/health",
        "/.well-known/jwks_uri",
        "/idp/../identity-pools-lab-public/product-catalog.pdf",
        "/idp/%2e%2e/_sandbox/health",
        "/idp/./../_sandbox/health",
        "/idpx/",
    ],
)
def test_nothing_but_the_stand_ins_is_reached(visitor: Client, behind: RunningSandbox, path: str, db: None) -> None:
    assert visitor.get(path).status_code == 404
    assert behind.requests == []


def test_a_call_of_aws_is_none_below_their_path(visitor: Client) -> None:
    body = '{"IdentityPoolId": "us-east-1:5a4db000-0000-c000-8000-000000000001"}'
    target = {"X-Amz-Target": "AWSCognitoIdentityService.GetId"}
    answer = visitor.post("/idp/", body, content_type="application/x-amz-json-1.1", headers=target)
    assert answer.status_code == 405
    assert b"IdentityId" not in answer.content
    assert visitor.put("/idp/x", b"").status_code == 405


def test_there_is_nothing_with_two_ports(visitor: Client, settings: Settings, db: None) -> None:
    settings.SANDBOX_PUBLIC_URL = "http://127.0.0.1:4566"
    assert visitor.get("/idp/").status_code == 404


def test_cookies_of_anybody_else_are_not_passed_back(settings: Settings) -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
        b"Set-Cookie: lab_session=evil; Path=/idp/\r\n"
        b"Set-Cookie: standin_wide=x; Path=/\r\n"
        b"Set-Cookie: standin_none=x\r\n"
        b"Set-Cookie: standin_up=x; Path=/idp/../\r\n"
        b"Set-Cookie: standin_form=x; Path=/idp/; Domain=example.com; HttpOnly; SameSite=Lax\r\n"
        b"Connection: close\r\n\r\nok"
    )
    with answering(settings, head):
        answer = Client().get("/idp/")
    assert list(answer.cookies) == ["standin_form"]
    assert answer.cookies["standin_form"].OutputString() == "standin_form=x; HttpOnly; Path=/idp/; SameSite=Lax"


def test_an_answer_is_bounded(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_port, "LARGEST", 10)
    with answering(settings, b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + 11 * b"x"):
        assert Client().get("/idp/").status_code == 502
    monkeypatch.setattr(one_port, "SECONDS", 0.2)
    with answering(settings, b""):
        assert Client().get("/idp/").status_code == 504
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    assert Client().get("/idp/").status_code == 502


def test_who_asks_is_told_to_the_stand_ins(visitor: Client, behind: RunningSandbox, settings: Settings) -> None:
    visitor.get("/idp/", REMOTE_ADDR="192.168.1.20", headers={"X-Forwarded-For": "127.0.0.1"})
    visitor.get("/idp/", REMOTE_ADDR="127.0.0.1")
    assert [one.headers["x-forwarded-for"] for one in behind.requests] == ["192.168.1.20", "unknown"]


def test_the_command_tells_the_sandbox_by_which_names_clients_come(tmp_path: Path, settings: Settings) -> None:
    from sandbox.management.commands.sandbox import config_from_settings
    from sandbox.server.hosts import HostNames

    settings.SANDBOX_PUBLIC_URL, settings.SANDBOX_CLI_URL = "https://lab.example", "http://192.168.1.5:4566"
    names = HostNames(config_from_settings())
    assert names.site("192.168.1.5:4566") is not None
    assert names.site("lab.example") is not None
    assert names.site("192.168.1.6:4566") is None
