"""Amplify's hosted sign-in in Chromium: to the managed login by its own host name, and back with a code (PKCE).

Amplify takes a host name and nothing else, and asks for it by HTTPS: Chromium finds the sandbox under that name, behind
a TLS certificate of the test's own.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from sandbox.testing import RunningSandbox
from tests.certificates import certify
from tests.clients.conftest import Administrator
from tests.clients.javascript.conftest import PoolOfUsers, Site
from tests.clients.tls import tls_in_front_of

pytestmark = pytest.mark.slow

PASSWORD = "Correct-horse-1"
PAGE = """<!doctype html>
<title>An application</title>
<button id="sign-in">Sign in</button>
<button id="sign-out">Sign out</button>
<p id="state"></p>
<script type="application/json" id="settings">SETTINGS</script>
<script src="hosted.js"></script>
"""


@pytest.fixture
def application(site: Site, served: RunningSandbox, pool_of_users: PoolOfUsers) -> str:
    """The address of the application's page."""
    address = f"{site.origin}/hosted.html"
    settings = {
        "endpoint": served.url,
        "userPoolId": pool_of_users.user_pool_id,
        "clientId": pool_of_users.client_id,
        "identityPoolId": pool_of_users.identity_pool_id,
        "oauth": {
            "domain": pool_of_users.login_host,
            "scopes": ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
            "redirectSignIn": [address],
            "redirectSignOut": [address],
            "responseType": "code",
        },
    }
    (site.directory / "hosted.html").write_text(PAGE.replace("SETTINGS", json.dumps(settings)))
    return address


@pytest.fixture
def page(
    launch_browser: Callable[..., Browser], served: RunningSandbox, pool_of_users: PoolOfUsers, tmp_path: Path
) -> Iterator[Page]:
    """A page of a browser for which the managed login's host name is the sandbox."""
    certify([pool_of_users.login_host], tmp_path / "authority.pem", tmp_path / "certificate.pem")
    with tls_in_front_of(served.config.port, tmp_path / "certificate.pem") as port:
        rule = f"MAP {pool_of_users.login_host} 127.0.0.1:{port}"
        browser = launch_browser(args=[f"--host-resolver-rules={rule}"])
        yield browser.new_page(ignore_https_errors=True)
        browser.close()


def test_signing_in_at_the_managed_login_and_out_again(
    page: Page, application: str, administrator: Administrator, pool_of_users: PoolOfUsers
) -> None:
    users = administrator("cognito-idp", pool_of_users.region)
    users.admin_create_user(
        UserPoolId=pool_of_users.user_pool_id,
        Username="hosted",
        UserAttributes=[{"Name": "email", "Value": "hosted@example.com"}, {"Name": "email_verified", "Value": "true"}],
        MessageAction="SUPPRESS",
    )
    users.admin_set_user_password(
        UserPoolId=pool_of_users.user_pool_id, Username="hosted", Password=PASSWORD, Permanent=True
    )
    login = f"https://{pool_of_users.login_host}"
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))

    page.goto(application)
    expect(page.locator("#state")).to_have_text("guest")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{login}/login?**")
    page.get_by_label("User name").fill("hosted")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    page.wait_for_url(application)
    expect(page.locator("#state")).to_have_text("signed in")
    session = page.evaluate("session")
    assert session["username"] == session["claims"]["cognito:username"] == "hosted"
    assert session["claims"]["email"] == "hosted@example.com"
    assert session["identityId"].startswith(f"{pool_of_users.region}:")
    _judge_pkce(asked, login)
    assert users.get_user(AccessToken=session["access"])["Username"] == "hosted"

    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#state")).to_have_text("guest")
    assert (
        urlsplit(next(request.url for request in asked if "/logout" in request.url)).netloc == pool_of_users.login_host
    )
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{login}/login?**")  # the sign-in page remembers nobody
    with pytest.raises(users.exceptions.NotAuthorizedException):
        users.get_user(AccessToken=session["access"])


def _judge_pkce(asked: list[Request], login: str) -> None:
    authorize = next(request.url for request in asked if request.url.startswith(f"{login}/oauth2/authorize?"))
    query = parse_qs(urlsplit(authorize).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    token = next(request for request in asked if request.url == f"{login}/oauth2/token")
    form = parse_qs(token.post_data or "")
    assert form["grant_type"] == ["authorization_code"]
    assert len(form["code_verifier"][0]) == 128
