"""A company whose sign-in is a user pool: in by a browser, a trainer by its groups, and no passwords besides."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.idp.sign_in.people import PEOPLE
from sandbox.testing import RunningSandbox, running_sandbox
from tests.journeys.conftest import web_application
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

POOL = "us-east-1_LabPool01"
TRAINERS = "lab-trainers"
PASSWORDS, NO_PASSWORDS = 0, 1  # two servers of one site


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, ports: tuple[int, int]) -> Iterator[RunningSandbox]:
    file = tmp_path_factory.mktemp("company") / "sandbox.sqlite3"
    app_url = f"http://127.0.0.1:{ports[0]}"
    with running_sandbox(SandboxConfig(data_file=file, port=0, app_url=app_url)) as sandbox:
        sandbox.client("cognito-idp").create_group(UserPoolId=POOL, GroupName=TRAINERS)
        yield sandbox


@pytest.fixture(scope="module")
def sites(
    company: RunningSandbox, ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The same site twice: with passwords, and without."""
    client = company.client("cognito-idp").create_user_pool_client(
        UserPoolId=POOL,
        ClientName="the site",
        GenerateSecret=True,
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "profile", "email"],
        AllowedOAuthFlowsUserPoolClient=True,
        CallbackURLs=[f"http://127.0.0.1:{port}/accounts/company/complete/" for port in ports],
        LogoutURLs=[f"http://127.0.0.1:{port}/accounts/company/signed-out/" for port in ports],
    )["UserPoolClient"]
    settings = {
        "COMPANY_NAME": "Example Corp",
        "COMPANY_ISSUER": f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}",
        "COMPANY_CLIENT_ID": client["ClientId"],
        "COMPANY_CLIENT_SECRET": client["ClientSecret"],
        "COMPANY_GROUPS_CLAIM": "cognito:groups",
        "COMPANY_GROUPS_OPTIONAL": "yes",
        "COMPANY_TRAINERS": TRAINERS,
        "COMPANY_STAFF": "lab-staff",
    }
    place = tmp_path_factory.mktemp("company-web")
    with (
        web_application(company, ports[0], place, settings) as one,
        web_application(company, ports[1], place, settings | {"LOCAL_PASSWORDS": "no"}) as other,
    ):
        yield one, other


@pytest.fixture
def new_employee(browser: Browser, sites: tuple[str, str]) -> Iterator[Callable[[int], "Employee"]]:
    contexts: list[BrowserContext] = []

    def make(site: int) -> Employee:
        contexts.append(browser.new_context(base_url=sites[site]))
        return Employee(contexts[-1].new_page())

    yield make
    for context in contexts:
        context.close()


class Employee(Visitor):
    """Somebody who signs in at the company, by the words that they see."""

    def at_company(self, who: str = "ana") -> None:
        page = self.page
        page.get_by_label("User name").fill(who)
        page.get_by_label("Password").fill(PEOPLE[who].password)
        page.get_by_role("button", name="Sign in", exact=True).click()

    def sign_in(self, who: str = "ana", path: str = "/accounts/sign-in/") -> None:
        self.page.goto(path)
        self.page.get_by_role("link", name="Sign in with Example Corp").click()
        self.at_company(who)


def set_group(company: RunningSandbox, who: str, *, is_in: bool) -> None:
    pool = company.client("cognito-idp")
    change = pool.admin_add_user_to_group if is_in else pool.admin_remove_user_from_group
    change(UserPoolId=POOL, Username=who, GroupName=TRAINERS)


def test_a_trainer_by_the_company_s_groups_until_they_are_none_any_more(
    company: RunningSandbox, new_employee: Callable[[int], Employee]
) -> None:
    set_group(company, "ana", is_in=True)
    ana = new_employee(PASSWORDS)
    ana.sign_in(path="/accounts/sign-in/?next=/class/")
    expect(ana.page.get_by_role("heading", name="Classes")).to_be_visible()
    ana.page.get_by_role("link", name="New class").click()
    expect(ana.page.get_by_role("heading", name="New class")).to_be_visible()
    assert "code=" not in ana.page.url
    assert ana.page.get_by_role("link", name="Admin").count() == 0

    set_group(company, "ana", is_in=False)
    again = new_employee(PASSWORDS)
    again.sign_in(path="/accounts/sign-in/?next=/class/")
    expect(again.page.get_by_role("heading", name="Join a class")).to_be_visible()
    ana.page.goto("/class/all/")
    assert ana.page.get_by_role("link", name="New class").count() == 0
    assert ana.errors == []


def test_the_page_of_the_account_says_by_what_it_is_entered(new_employee: Callable[[int], Employee]) -> None:
    bo = new_employee(PASSWORDS)
    bo.sign_in("bo")
    bo.page.get_by_role("link", name=re.compile(r"^bo\b.*your account")).click()
    expect(bo.page.get_by_text("Signing in with Example Corp opens this account.")).to_be_visible()
    assert bo.page.get_by_role("link", name="Change your password").count() == 0


def test_a_local_account_is_linked_and_entered_by_the_company_from_then_on(
    new_employee: Callable[[int], Employee],
) -> None:
    owner = new_employee(PASSWORDS)
    page = owner.page
    page.goto("/accounts/sign-up/")
    page.get_by_label("Name").fill("carmen-here")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Password again").fill("correct horse battery")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("link", name=re.compile(r"^carmen-here\b.*your account")).click()
    page.get_by_label("Current password").fill("correct horse battery")
    page.get_by_role("button", name="Link it").click()
    page.get_by_role("link", name="Continue to").click()
    owner.at_company("chidi")
    expect(page.get_by_text("Example Corp signs you in to this account from now on.")).to_be_visible()

    other = new_employee(NO_PASSWORDS)
    other.sign_in("chidi")
    expect(other.page.get_by_role("link", name=re.compile(r"^carmen-here\b.*your account"))).to_be_visible()
    assert owner.errors == other.errors == []


def test_without_passwords_the_company_is_the_only_way(new_employee: Callable[[int], Employee]) -> None:
    somebody = new_employee(NO_PASSWORDS)
    for path in ("/accounts/sign-in/", "/admin/"):
        somebody.page.goto(path)
        expect(somebody.page.get_by_role("link", name="Sign in with Example Corp")).to_be_visible()
        assert somebody.page.locator("main input:visible").count() == 0
    somebody.page.goto("/accounts/sign-up/")
    expect(somebody.page.get_by_role("heading", name="Sign-up is closed")).to_be_visible()


def test_an_answer_that_is_opened_again_is_refused_on_a_page(new_employee: Callable[[int], Employee]) -> None:
    ana, eve = new_employee(PASSWORDS), new_employee(PASSWORDS)
    answers: list[str] = []
    ana.page.on("request", lambda asked: answers.append(asked.url) if "/company/complete/?" in asked.url else None)
    ana.sign_in()
    expect(ana.page.get_by_role("link", name=re.compile(r"^ana\b.*your account"))).to_be_visible()

    eve.page.goto(answers[0])
    expect(eve.page.get_by_text("another browser or of another account")).to_be_visible()
    expect(eve.page.get_by_role("link", name="To the sign-in page")).to_be_visible()
    assert "code=" not in eve.page.url


def test_who_signs_out_here_is_told_of_the_company_and_may_sign_out_there(
    new_employee: Callable[[int], Employee],
) -> None:
    bo = new_employee(PASSWORDS)
    page = bo.page
    bo.sign_in("bo")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("At Example Corp you are still signed in")).to_be_visible()
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_role("link", name="Sign in with Example Corp").click()
    page.get_by_role("button", name="Continue as Bo").click()  # without a password: that is what the page said
    expect(page.get_by_role("link", name=re.compile(r"^bo\b.*your account"))).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out at Example Corp, too").click()
    expect(page.get_by_text("Example Corp has led you back from its own sign-out")).to_be_visible()
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_role("link", name="Sign in with Example Corp").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert bo.errors == []
