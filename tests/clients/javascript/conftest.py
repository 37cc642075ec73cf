"""Scenarios in JavaScript, run in Node and in a browser's page of another origin; and the user pool of theirs."""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser

from sandbox.testing import RunningSandbox
from tests.clients.conftest import Administrator, RolesFor
from tests.javascript import with_packages

HERE = Path(__file__).parent
HOSTS = ["node", "browser"]
POOLS_REGION = "eu-west-1"  # another than the samples', as a pool may be

Scenario = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="session")
def installed() -> Path:
    return with_packages()


@dataclass
class Site:
    """A web site of another origin than the sandbox's: what is in `directory`, and the codes that people were sent."""

    origin: str
    directory: Path

    @property
    def codes(self) -> str:
        """The address at which `?recipient=` finds the latest code that somebody was sent."""
        return f"{self.origin}/codes"


@pytest.fixture(scope="session")
def site(installed: Path, served: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    program = "@esbuild/linux-x64/bin/esbuild"
    providers = "./node_modules/@aws-sdk/credential-providers/dist-es/index.browser.js"
    bundle = [
        f"node_modules/{program}" if (installed / "node_modules" / program).exists() else "node_modules/.bin/esbuild",
        "browser.mjs", "hosted.mjs", "--bundle", "--format=iife", "--platform=browser", "--define:global=globalThis",
        f"--alias:@aws-sdk/credential-providers={providers}", f"--outdir={directory}",
    ]  # fmt: skip
    subprocess.run(bundle, cwd=installed, check=True, capture_output=True, timeout=120)
    (directory / "index.html").write_text(
        "<!doctype html><title>Another origin</title><script src=browser.js></script>"
    )

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path != "/codes":
                super().do_GET()
                return
            code = latest_code(served, parse_qs(address.query)["recipient"][0])
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"code": code}).encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(directory)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(f"http://127.0.0.1:{server.server_port}", directory)
    server.shutdown()


@pytest.fixture(scope="session")
def codes(site: Site) -> str:
    """Where scenarios read the codes that people were sent."""
    return site.codes


def latest_code(served: RunningSandbox, recipient: str) -> str:
    """The code in the newest message to that address, as the account's administrator reads it in the mailbox."""
    messages = served.switch("mailbox", method="GET")["messages"]
    body = next(message["body"] for message in messages if message["recipient"] == recipient)
    found = re.search(r"\b[0-9]{6}\b", body)
    assert found, body
    return found[0]


@pytest.fixture(params=HOSTS)
def scenario(request: pytest.FixtureRequest, installed: Path, site: Site) -> Scenario:
    """Runs a scenario by its name, `sdk` for sdk.mjs; what it saw."""
    if request.param == "browser":
        browser: Browser = request.getfixturevalue("browser")
        return partial(_in_browser, browser, site)
    return partial(_in_node, installed)


def _in_node(installed: Path, name: str, settings: dict[str, Any]) -> dict[str, Any]:
    command = ["node", "node.mjs", name, json.dumps(settings)]
    done = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _in_browser(browser: Browser, site: Site, name: str, settings: dict[str, Any]) -> dict[str, Any]:
    page = browser.new_page()
    page.goto(f"{site.origin}/index.html")
    seen: dict[str, Any] = page.evaluate("runScenario", [name, settings])
    page.close()
    return seen


@dataclass
class PoolOfUsers:
    """A user pool made through the API, with one client for people's own programs, and an identity pool that trusts it.

    Attributes:
        domain: the prefix of its managed login.
    """

    region: str
    user_pool_id: str
    client_id: str
    identity_pool_id: str
    domain: str

    @property
    def login_host(self) -> str:
        return f"{self.domain}.auth.{self.region}.amazoncognito.com"


@pytest.fixture(scope="session")
def pool_of_users(administrator: Administrator, site: Site, roles_for: RolesFor) -> PoolOfUsers:
    user_pools, identity_pools = (
        administrator("cognito-idp", POOLS_REGION),
        administrator("cognito-identity", POOLS_REGION),
    )
    domain = "javascript-clients"
    user_pool_id = user_pools.create_user_pool(PoolName="Javascript", AutoVerifiedAttributes=["email"])["UserPool"][
        "Id"
    ]
    client_id = user_pools.create_user_pool_client(
        UserPoolId=user_pool_id,
        ClientName="Web",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email", "profile", "aws.cognito.signin.user.admin"],
        CallbackURLs=[f"{site.origin}/hosted.html"],
        LogoutURLs=[f"{site.origin}/hosted.html"],
    )["UserPoolClient"]["ClientId"]
    user_pools.create_user_pool_domain(UserPoolId=user_pool_id, Domain=domain)
    trusted = {
        "ProviderName": f"cognito-idp.{POOLS_REGION}.amazonaws.com/{user_pool_id}",
        "ClientId": client_id,
        "ServerSideTokenCheck": True,
    }
    identity_pool_id = identity_pools.create_identity_pool(
        IdentityPoolName="Javascript", AllowUnauthenticatedIdentities=True, CognitoIdentityProviders=[trusted]
    )["IdentityPoolId"]
    identity_pools.set_identity_pool_roles(
        IdentityPoolId=identity_pool_id, Roles=roles_for(identity_pool_id, "Javascript")
    )
    return PoolOfUsers(POOLS_REGION, user_pool_id, client_id, identity_pool_id, domain)
