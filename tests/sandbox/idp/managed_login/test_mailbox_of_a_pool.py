"""The mailbox page: whose it is, and where it is shown."""

from pathlib import Path

import pytest
import requests

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.idp.driver import Browser
from tests.sandbox.idp.managed_login.driver import LoginPool, make_pool, submit
from tests.sandbox.idp.test_classroom import classroom

HOME = "000000000000"


def with_a_code(sandbox: RunningSandbox, account: str) -> LoginPool:
    """A pool that has sent somebody a code."""
    pool = make_pool(sandbox, account=account)
    pool.add_user("nia", email="nia@example.com")
    sandbox.anonymous("cognito-idp").forgot_password(ClientId=pool.web.client_id, Username="nia")
    return pool


@pytest.mark.parametrize(("account", "path"), [(HOME, "/idp/mailbox"), ("444455556666", "/idp/444455556666/mailbox")])
def test_the_mailbox_holds_what_the_pools_of_the_account_have_sent(
    login_sandbox: RunningSandbox, account: str, path: str
) -> None:
    pool = with_a_code(login_sandbox, account)
    page = requests.get(f"{login_sandbox.url}{path}")
    assert pool.last_code() in page.text
    assert page.headers["Cache-Control"] == "no-store"
    browser = Browser()
    browser.open(f"{login_sandbox.url}{path}")
    assert submit(browser).status_code == 303
    assert "Nothing has been sent yet." in browser.open(f"{login_sandbox.url}{path}").text


def test_pages_that_ask_for_a_code_lead_to_the_mailbox_of_their_account(login_sandbox: RunningSandbox) -> None:
    pool = make_pool(login_sandbox, account="555566667777")
    assert 'href="/idp/555566667777/mailbox"' in requests.get(pool.web.url("confirm")).text


def test_a_form_from_elsewhere_empties_nothing(login_sandbox: RunningSandbox) -> None:
    pool = with_a_code(login_sandbox, HOME)
    assert requests.post(f"{login_sandbox.url}/idp/mailbox").status_code == 403
    assert pool.last_code() in requests.get(f"{login_sandbox.url}/idp/mailbox").text


@pytest.mark.slow
def test_on_its_own_machine_the_mailbox_of_an_account_that_was_made_is_shown_too(tmp_path: Path) -> None:
    with running_sandbox(SandboxConfig(data_file=tmp_path / "s.sqlite3", port=0, seed=False)) as sandbox:
        code = with_a_code(sandbox, HOME).last_code()
        assert code in requests.get(f"{sandbox.url}/idp/mailbox").text
        account, _ = sandbox.make_account(seed=False)
        page = requests.get(f"{sandbox.url}/idp/{account}/mailbox")
        assert "Nothing has been sent yet." in page.text
        assert code not in page.text.replace(account, "")


@pytest.mark.slow
def test_in_a_shared_sandbox_nobody_reads_a_mailbox_without_a_signature(tmp_path: Path) -> None:
    config = classroom(tmp_path, "lab.example.test")
    with running_sandbox(config) as sandbox:
        code = with_a_code(sandbox, HOME).last_code()
        for host in ("127.0.0.1", "lab.example.test"):
            page = requests.get(f"{sandbox.url}/idp/mailbox", headers={"Host": host})
            assert page.status_code == 403
            assert "This sandbox is shared." in page.text
            assert "--aws-sigv4 aws:amz:us-east-1:sandbox" in page.text
            assert code not in page.text
