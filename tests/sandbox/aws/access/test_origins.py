"""Which web pages may send what an administrator signed: a browser says where a request comes from."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.lab import Lab
from tests.sandbox.signing import presigned_query, signed_json, signed_query
from tests.sandbox.wire import Answer, call_json, send

LIST = ("AWSCognitoIdentityService.ListIdentityPools", b'{"MaxResults": 1}', "cognito-identity")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A sandbox with public addresses and a list of its own, met on loopback."""
    config = SandboxConfig(
        data_file=tmp_path_factory.mktemp("origins") / "sandbox.sqlite3",
        port=0,
        seed=False,
        app_url="https://lab.example.com",
        trusted_origins=("https://tools.example.com:8443", "chrome-extension://abcdef"),
        allowed_hosts=("127.0.0.1", "localhost", "sandbox.example.com"),
    )
    with running_sandbox(config) as sandbox:
        yield sandbox


def listed(sandbox: RunningSandbox, **headers: str) -> Answer:
    call = signed_json(sandbox, *LIST)
    call.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    return call.send(sandbox)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Origin": "http://127.0.0.1@elsewhere.example"},
        {"Origin": "http://[::1"},
        {"Origin": "file://localhost"},
        {"Origin": "https://lab.example.com.elsewhere.example"},
        {"Origin": "http://lab.example.com"},
        {"Origin": "https://tools.example.com"},
        {"Origin": ""},
        {"Referer": "https://elsewhere.example/page?x=http://localhost"},
        {"Origin": "http://localhost", "Referer": "https://elsewhere.example/"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "anything"},
    ],
)
def test_pages_of_other_sites_may_not_send_what_the_administrator_signed(
    public: RunningSandbox, headers: dict[str, str]
) -> None:
    refused = listed(public, **headers)
    assert (refused.status, refused.json["__type"]) == (403, "AccessDeniedException")
    assert "SANDBOX_TRUSTED_ORIGINS" in refused.json["message"]
    assert json.loads(refused.headers["x-sandbox-decisions"])[-1]["code"] == "request.origin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:3000", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "http://127.0.0.1:5173", "Referer": "http://127.0.0.1:5173/page", "Sec_Fetch_Site": "same-site"},
        {"Origin": "https://[::1]"},
        {"Origin": "http://shop.localhost:8080"},
        {"Origin": "https://lab.example.com"},
        {"Origin": "https://TOOLS.example.com:8443"},
        {"Origin": "chrome-extension://abcdef"},
        {"Referer": "https://lab.example.com/page"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_pages_of_this_machine_and_of_named_origins_may(public: RunningSandbox, headers: dict[str, str]) -> None:
    assert listed(public, **headers).status == 200


def test_neighbours_of_a_public_name_are_other_sites(public: RunningSandbox) -> None:
    url = public.url.replace("127.0.0.1", "sandbox.example.com")
    call = signed_json(RunningSandbox(url, public.config), *LIST)
    call.headers["Sec-Fetch-Site"] = "same-site"
    assert call.send(public).status == 403


def test_the_public_address_is_no_other_site(public: RunningSandbox) -> None:
    assert listed(public, Origin=public.config.public_url).status == 200


def test_each_family_refuses_in_its_form(shared_sandbox: RunningSandbox) -> None:
    query = signed_query(shared_sandbox)
    query.headers["Origin"] = "https://elsewhere.example"
    refused = query.send(shared_sandbox)
    assert (refused.status, b"<Code>AccessDenied</Code>" in refused.body) == (403, True)
    image = presigned_query(shared_sandbox)
    image.headers["Sec-Fetch-Site"] = "cross-site"
    assert image.send(shared_sandbox).status == 403


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_addresses_that_the_administrator_signed_are_not_for_other_sites(
    shared_sandbox: RunningSandbox, version: str
) -> None:
    import boto3
    from botocore.config import Config

    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=shared_sandbox.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(signature_version=version, s3={"addressing_style": "path"}),
    )
    url = urlsplit(s3.generate_presigned_url("list_buckets"))
    path = f"{url.path}?{url.query}"
    assert send(shared_sandbox, "GET", path).status == 200
    refused = send(shared_sandbox, "GET", path, headers={"Referer": "https://elsewhere.example/"})
    assert (refused.status, b"<Code>AccessDenied</Code>" in refused.body) == (403, True)


def test_switches_are_refused_by_the_same_rule(shared_sandbox: RunningSandbox) -> None:
    call = signed_json(shared_sandbox, "none", b"", "sandbox")
    call.method, call.path = "GET", "/_sandbox/clock"
    call.headers["Origin"] = "https://elsewhere.example"
    assert call.send(shared_sandbox).status in (400, 403)


def test_unsigned_calls_and_sessions_are_for_every_page(lab: Lab, shared_sandbox: RunningSandbox) -> None:
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    found = call_json(
        shared_sandbox, "GetId", {"IdentityPoolId": "us-east-1:00000000-0000-0000-0000-000000000000"}, **elsewhere
    )
    assert (found.status, found.json["__type"]) == (400, "ResourceNotFoundException")
    assert found.headers["access-control-allow-origin"] == "*"
