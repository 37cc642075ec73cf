"""Two learners of a class in two browsers: the same person chosen in both, and nothing of one is good for the other.

Each has an AWS account of their own, with a user pool, keys and a mailbox in it.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.flows.run_views import READ
from tests.journeys.conftest import web_application
from tests.journeys.people import Person
from tests.journeys.test_class import PASSWORD, make_trainer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BUTTON = "Sign in with Amazon Cognito user pools"
PAGES = ("export.json", "export.har", *(view for view in READ if view))
FORMS = ("advance", "finish", "cancel", "reveal", "use", "again", "link", "delete", "share", "notes", "sign-in")


@dataclass
class Seat:
    """A learner at their browser, after Ana signed in there.

    Attributes:
        trace: of the run, as it is exported to its owner.
        number: of the run, as calls by hand name it.
    """

    person: Person
    code: str = ""
    trace: Any = None
    number: str = ""

    @property
    def page(self) -> Page:
        return self.person.page

    @property
    def account(self) -> str:
        return str(self.trace["account_id"])

    def find(self, name: str) -> Any:
        return self.trace[name]

    def post(self, path: str, **fields: str) -> int:
        """Send a form of another's from this browser, which has the right token for forms; the status."""
        self.page.goto("/send/")
        token = self.page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
        form: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token, **fields}
        headers = {"Referer": self.page.url}
        return self.page.request.post(path, form=form, headers=headers, max_redirects=0).status

    def send(self, operation: str, service: str = "cognito-identity", **members: str) -> str:
        """Send a call that nobody signs; how its run ended."""
        self.page.goto(f"/send/?pool=lab&service={service}&operation={operation}")
        for name, value in members.items():
            field = self.page.locator(f"[name=p-{name}]")
            if not field.is_visible():
                self.page.locator("form summary", has_text="more parameter").click()
            field.fill(value)
        self.page.get_by_role("button", name="Send this call").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(operation)
        return self.person.verdict.partition(" ")[0]

    def latest(self, kind: str) -> str:
        """What the latest run yielded, as calls name it."""
        self.page.goto("/send/?pool=lab")
        return self.page.locator(".offers dt", has_text=re.compile(rf"^@\d+\.{kind}$")).first.inner_text()


@pytest.fixture(scope="module")
def class_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def class_sandbox(tmp_path_factory: pytest.TempPathFactory, class_port: int) -> Iterator[RunningSandbox]:
    """One whose user pools lead back to this module's site."""
    file = tmp_path_factory.mktemp("seats") / "sandbox.sqlite3"
    app_url = f"http://127.0.0.1:{class_port}"
    with running_sandbox(SandboxConfig(data_file=file, port=0, app_url=app_url, open_accounts=False)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def class_site(
    class_sandbox: RunningSandbox, class_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    directory: Path = tmp_path_factory.mktemp("seats-web")
    with web_application(class_sandbox, class_port, directory, {}) as url:
        make_trainer(directory)
        yield url


@pytest.fixture(scope="module")
def seats(browser: Browser, class_site: str) -> Iterator[tuple[Seat, Seat]]:
    trainer = browser.new_context(base_url=class_site)
    code = _open_class(trainer.new_page())
    contexts = [browser.new_context(base_url=class_site) for _ in range(2)]
    people = [_join(context.new_page(), code, name) for context, name in zip(contexts, ("Kim", "Sol"), strict=True)]
    yield _signed_in(people[0]), _signed_in(people[1])
    for context in (trainer, *contexts):
        context.close()


def _open_class(page: Page) -> str:
    page.goto("/accounts/sign-in/?next=/class/new/")
    page.get_by_label("Name").fill("kari")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_label("Name", exact=True).fill("Two seats")
    page.get_by_label("Seats").fill("2")
    page.get_by_role("button", name="Open the class").click()
    return page.locator(".secret-code").inner_text()


def _join(page: Page, code: str, name: str) -> Person:
    page.goto(f"/join/{code}/")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("heading", name="Two seats")).to_be_visible()
    return Person(page)


def _signed_in(person: Person) -> Seat:
    person.sign_in(BUTTON, who="ana")
    assert person.verdict == "Succeeded"
    seat = Seat(person, person.code)
    seat.trace = person.page.request.get(f"/runs/{seat.code}/export.json").json()
    seat.number = seat.latest("identity").strip("@").partition(".")[0]
    return seat


def both_ways(seats: tuple[Seat, Seat]) -> tuple[tuple[Seat, Seat], tuple[Seat, Seat]]:
    return (seats[0], seats[1]), (seats[1], seats[0])


def keys_on_page(seat: Seat) -> set[str]:
    """The keys that the run's page says its tokens were verified with."""
    seat.page.goto(f"/runs/{seat.code}/tokens/")
    return set(re.findall(r"verified\s+by key (\S+)", seat.page.locator("main").inner_text()))


def test_the_same_person_is_another_identity_of_another_pool(seats: tuple[Seat, Seat]) -> None:
    for name in ("account_id", "pool_id", "identity_id", "role_arn"):
        assert seats[0].find(name) != seats[1].find(name)
    for me, them in both_ways(seats):
        me.page.goto(f"/runs/{me.code}/credentials/")
        assert me.page.locator("#identity-id").first.inner_text() == me.find("identity_id")
        assert them.find("identity_id") not in me.page.content()


def test_their_tokens_are_signed_with_other_keys(seats: tuple[Seat, Seat], class_sandbox: RunningSandbox) -> None:
    shown = [keys_on_page(seat) for seat in seats]
    assert all(shown)
    assert not shown[0] & shown[1]
    for seat, keys in zip(seats, shown, strict=True):
        pool = f"us-east-1_Lab{seat.account}"
        seat.page.goto(f"{class_sandbox.url}/idp/cognito-idp.us-east-1.amazonaws.com/{pool}/.well-known/jwks.json")
        published = {key["kid"] for key in json.loads(seat.page.locator("body").inner_text())["keys"]}
        assert keys <= published


def test_a_code_is_in_the_mailbox_of_its_account_only(seats: tuple[Seat, Seat]) -> None:
    codes = []
    for seat in seats:
        assert messages(seat) == []
        codes.append(forgotten(seat))
    assert len(messages(seats[0])) == 1
    while codes[0] == codes[1]:  # one pair in a million
        codes[1] = forgotten(seats[1])
    for seat, code in zip(seats, reversed(codes), strict=True):
        seat.page.locator("[name=code]").fill(code)
        for field in seat.page.locator("input[type=password]").all():
            field.fill("Another-Pool-1!")
        seat.page.locator("form button").first.click()
        expect(seat.page.get_by_role("alert")).to_contain_text("Invalid verification code provided")


def forgotten(seat: Seat) -> str:
    """Have Ana forget her password in this browser, which stays at the form for the code; the code that was sent."""
    before = messages(seat)
    seat.person.choose_provider(BUTTON)
    seat.person.go_on()
    seat.page.goto(re.sub(r"/(login|oauth2/authorize)\?", "/forgotPassword?", seat.page.url))
    seat.page.locator("[name=username]").fill("ana")
    seat.page.locator("form button").first.click()
    expect(seat.page.locator("[name=code]")).to_be_visible()
    message, *others = messages(seat)  # the latest first
    assert others == before
    assert f"us-east-1_Lab{seat.account}" in message
    code: str = re.findall(r"[0-9]{6}", message.partition("UTC")[2])[0]
    return code


def messages(seat: Seat) -> list[str]:
    """What the mailbox page shows in this browser, in a tab of its own."""
    tab = seat.page.context.new_page()
    tab.goto("/mailbox/")
    found = tab.locator("article").all_inner_texts()
    tab.close()
    return found


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_the_others_run_is_shown(seats: tuple[Seat, Seat], path: str) -> None:
    for me, them in both_ways(seats):
        assert me.page.request.get(f"/runs/{me.code}/{path}").ok
        assert me.page.request.get(f"/runs/{them.code}/{path}").status == 404


@pytest.mark.parametrize("path", FORMS)
def test_no_form_of_the_others_run_does_anything(seats: tuple[Seat, Seat], path: str) -> None:
    for me, them in both_ways(seats):
        assert me.post(f"/runs/{them.code}/{path}/") == 404
        assert them.page.request.get(f"/runs/{them.code}/export.json").json() == them.trace


def test_no_pool_of_the_other_is_seen(seats: tuple[Seat, Seat]) -> None:
    for me, them in both_ways(seats):
        for tab in ("who", "people", "logins", "identities"):
            assert me.page.request.get(f"/pools/of/{them.account}/lab/{tab}/").status == 404
        for path in ("/pools/", "/class/account/", "/pools/lab/logins/", "/pools/lab/identities/", "/runs/"):
            me.page.goto(path)
            assert them.account not in me.page.content()
            assert them.find("pool_id") not in me.page.content()


@pytest.mark.parametrize("what", ["identity", "logins", "login", "role", "key"])
def test_nothing_that_the_others_run_yielded_can_be_sent(seats: tuple[Seat, Seat], what: str) -> None:
    for me, them in both_ways(seats):
        asked = {"pool": "lab", "service": "cognito-identity", "operation": "GetOpenIdToken"}
        assert me.post("/send/", **asked, **{"p-IdentityId": f"@{them.number}.{what}"}) == 422
        assert me.post("/send/", **asked, sender=them.number, **{"p-IdentityId": f"@{me.number}.identity"}) == 422


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        # The other's pool does not take one's sign-in.
        ("GetId", lambda me, them: {"IdentityPoolId": them.find("pool_id"), "Logins": f"@{me.number}.logins"}),
        # One's sign-in is no proof for the other's identity.
        (
            "GetCredentialsForIdentity",
            lambda me, them: {"IdentityId": them.find("identity_id"), "Logins": f"@{me.number}.logins"},
        ),
        ("GetOpenIdToken", lambda me, them: {"IdentityId": them.find("identity_id"), "Logins": f"@{me.number}.logins"}),
        # Nor is none.
        ("GetCredentialsForIdentity", lambda me, them: {"IdentityId": them.find("identity_id")}),
        # The pool gives no role of another account.
        (
            "GetCredentialsForIdentity",
            lambda me, them: {
                "IdentityId": f"@{me.number}.identity",
                "Logins": f"@{me.number}.logins",
                "CustomRoleArn": them.find("role_arn"),
            },
        ),
    ],
)
def test_identity_pools_refuse_what_is_the_others(
    seats: tuple[Seat, Seat], operation: str, members: Callable[[Seat, Seat], dict[str, str]]
) -> None:
    for me, them in both_ways(seats):
        assert me.send(operation, **members(me, them)) == "Refused"


def test_a_role_of_the_other_does_not_trust_ones_pool(seats: tuple[Seat, Seat]) -> None:
    for me, them in both_ways(seats):
        named = {"IdentityId": f"@{me.number}.identity", "Logins": f"@{me.number}.logins"}
        assert me.send("GetOpenIdToken", **named) == "Succeeded"
        asked = {"RoleArn": them.find("role_arn"), "RoleSessionName": "over", "WebIdentityToken": me.latest("token")}
        assert me.send("AssumeRoleWithWebIdentity", "sts", **asked) == "Refused"
        assert me.send("AssumeRoleWithWebIdentity", "sts", **asked | {"RoleArn": me.find("role_arn")}) == "Succeeded"
