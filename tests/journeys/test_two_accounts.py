"""Two people in two browsers, each with a pool in an account of their own."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.journeys.conftest import web_application
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def class_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def class_sandbox(tmp_path_factory: pytest.TempPathFactory, class_port: int) -> Iterator[RunningSandbox]:
    """One in which accounts that nobody made are none."""
    file = tmp_path_factory.mktemp("class") / "sandbox.sqlite3"
    app_url = f"http://127.0.0.1:{class_port}"
    with running_sandbox(SandboxConfig(data_file=file, port=0, app_url=app_url, open_accounts=False)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def accounts(class_sandbox: RunningSandbox) -> dict[str, str]:
    """Key of a pool -> number of its account."""
    return {name: class_sandbox.make_account(name=name)[0] for name in ("one", "two")}


@pytest.fixture(scope="module")
def class_url(
    class_sandbox: RunningSandbox,
    accounts: dict[str, str],
    class_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    pools = ",".join(f"{key}={number}" for key, number in accounts.items())
    more = {"DJANGO_SETTINGS_MODULE": "tests.journeys.settings_of_a_class", "POOLS_OF_ACCOUNTS": pools}
    with web_application(class_sandbox, class_port, tmp_path_factory.mktemp("class-web"), more) as url:
        yield url


@pytest.fixture
def new_person(browser: Browser, class_url: str) -> Iterator[Callable[[], Person]]:
    contexts: list[BrowserContext] = []

    def make() -> Person:
        contexts.append(browser.new_context(base_url=class_url))
        return Person(contexts[-1].new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    "button", ["Sign in with OIDC provider", "Sign in with SAML provider", "Sign in with Amazon Cognito user pools"]
)
def test_the_same_person_signs_in_at_two_stand_ins(
    new_person: Callable[[], Person], accounts: dict[str, str], button: str
) -> None:
    identities = set()
    for key, number in accounts.items():
        person = new_person()
        person.choose_provider(button, pool=key)
        person.go_on()
        assert re.search(rf"/idp/{number}/", person.page.url)
        person.sign_in_there("ana")
        expect(person.page.get_by_role("heading", name="Overview")).to_be_visible()
        assert person.verdict == "Succeeded"
        identities.add(person.page.locator("#identity-id").first.inner_text())
        assert person.errors == []
    assert len(identities) == 2


def test_one_browser_signs_in_to_both(new_person: Callable[[], Person], accounts: dict[str, str]) -> None:
    """Its sessions at the two stand-ins do not mix, and a sign-in of one account is not offered for the other."""
    person = new_person()
    for key in accounts:
        person.sign_in("Sign in with Google", who="bo", pool=key)
        assert person.verdict == "Succeeded"
    for key, number in accounts.items():
        person.page.goto(f"/demo/?access=authenticated&pool={key}")
        expect(person.page.get_by_role("button", name="Reuse the Google sign-in")).to_have_count(1)
        person.page.get_by_role("button", name="Reuse the Google sign-in").click()
        expect(person.page.get_by_role("heading", name="Overview")).to_be_visible()
        person.look("Calls")
        expect(person.page.locator(".call", has_text="GetId").first).to_contain_text(number)
