"""A whole class in browsers: opened, joined, worked at by clicking and by CLI, helped, ended, exported, begun anew.

Whatever somebody sees without doing anything (the board, the projector, the news of a learner) has to come by itself:
those pages are marked, and a page that was loaded again has lost the mark.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from benchmarks.servers import free_port
from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.journeys.checks import check_work
from tests.journeys.conftest import web_application
from tests.journeys.test_class import PASSWORD, make_trainer
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLUG, TITLE, ROLE = "guest-takes-admin", "The guest who chose a better role", "TakesAdminAdmins"
BY_ITSELF = 60_000  # ms: the longest between two questions of a page is 15 s
_AMR = {"cognito-identity.amazonaws.com:amr": "authenticated"}
_MARK = "window.not_loaded_again = true"

NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def site(served_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with one trainer, beside the session's sandbox."""
    directory = tmp_path_factory.mktemp("whole-class")
    with web_application(served_sandbox, free_port(), directory, {}) as url:
        make_trainer(directory)
        yield url


@dataclass
class Cli:
    """The AWS CLI of a learner: set up by nothing but what the page of their key says to paste."""

    pasted: str
    home: Path

    def __call__(self, *arguments: str, **credentials: str) -> str:
        """What one command prints; `credentials` in place of the pasted key."""
        given = dict(re.findall(r"^export (\w+)=(.+)$", self.pasted, re.MULTILINE)) | credentials
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "AWS_PAGER": "", **given}
        command = [str(ROOT / ".venv-awscli" / "bin" / "aws"), "--output", "json", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stderr}"
        return done.stdout


@pytest.fixture
def cli(tmp_path: Path) -> Callable[[str], Cli]:
    if not (ROOT / ".venv-awscli" / "bin" / "aws").exists():
        pytest.fail("The AWS CLI is missing; scripts/verify installs it into .venv-awscli")
    return lambda pasted: Cli(pasted, tmp_path)


def test_a_class_from_its_first_minute_to_the_next_one(
    site: str, new_context: NewContext, cli: Callable[[str], Cli], tmp_path: Path
) -> None:
    at_trainer = new_context(base_url=site, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    trainer = at_trainer.new_page()
    cohort, code = _open_class(trainer)
    projector, progress, board = (at_trainer.new_page() for _ in range(3))
    projector.goto(f"{cohort}projector/")
    progress.goto(f"{cohort}progress/")
    projector.evaluate(_MARK)
    progress.evaluate(_MARK)

    ana = new_context(base_url=site, viewport={"width": 1280, "height": 900}).new_page()
    plain = new_context(base_url=site, java_script_enabled=False).new_page()
    phone = new_context(base_url=site, viewport={"width": 375, "height": 800}).new_page()
    _join(ana, code, "Ana")
    expect(projector.get_by_role("heading", name="1 of 3 seats taken")).to_be_visible(timeout=BY_ITSELF)
    board.goto(f"{cohort}board/")
    board.evaluate(_MARK)
    _join(plain, code, "Bo")
    _join(phone, code, "Cy")
    expect(projector.get_by_role("heading", name="3 of 3 seats taken")).to_be_visible(timeout=BY_ITSELF)
    board.get_by_role("link", name="2 new learners: show").click(timeout=BY_ITSELF)
    board.evaluate(_MARK)

    _solve_by_clicking(ana)
    expect(_cell(board, "Ana")).to_contain_text("solved", timeout=BY_ITSELF)
    _solve_by_cli(plain, cli)
    expect(_cell(board, "Bo")).to_contain_text("solved", timeout=BY_ITSELF)
    expect(progress.get_by_text("2 of 3 solved")).to_be_visible(timeout=BY_ITSELF)

    _ask_and_be_helped(phone, board, cohort)
    for page in (projector, progress):
        assert page.evaluate("window.not_loaded_again") is True

    _end(trainer, cohort, (ana, plain, phone))
    expect(projector.get_by_text("This class has ended.")).to_be_visible(timeout=BY_ITSELF)
    imported = _export_and_import(trainer, cohort, tmp_path)
    trainer.goto(imported)
    expect(trainer.get_by_role("main")).to_contain_text("Bo")
    _begin_the_next(trainer, cohort)


def _open_class(page: Page) -> tuple[str, str]:
    """The class's address and its code."""
    page.goto("/accounts/sign-in/?next=/class/new/")
    page.get_by_label("Name").fill("kari")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_label("Name", exact=True).fill("Oslo, Monday")
    page.get_by_label("Seats").fill("3")
    page.get_by_role("button", name="Open the class").click()
    return page.url, page.locator(".secret-code").inner_text()


def _join(page: Page, code: str, name: str) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Class", exact=True).click()
    page.get_by_label("Code").fill(code.lower())
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("heading", name="Oslo, Monday")).to_be_visible()


def _begin(page: Page) -> str:
    """From one's seat into the exercise, with its question answered; the ARN of the role that it is about."""
    page.goto("/class/me/")
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("right, and your answer")).to_be_visible()
    return page.locator("code", has_text=re.compile(rf"^arn:aws:iam::\d{{12}}:role/{ROLE}$")).inner_text()


def _cell(board: Page, name: str) -> Locator:
    """Of the board's table: how far that learner is with the exercise. Whether the board was loaded again, too."""
    assert board.evaluate("window.not_loaded_again") is True
    return board.get_by_role("row", name=re.compile(f"^{name}")).locator(f"td[data-label='{TITLE}']")


def _solve_by_clicking(page: Page) -> None:
    role = _begin(page)
    page.get_by_role("link", name="Start a run").click()
    learner = Visitor(page)
    learner.change("Which flow?", "Basic flow")
    learner.open_settings()
    page.locator("[name=RoleArn]").fill(role)
    page.get_by_role("button", name="Test guest access").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Guest access")
    page.goto(f"/send/?pool={SLUG}&service=s3&operation=GetObject")
    page.get_by_label("Sent by").select_option(index=1)
    page.locator("[name=p-Bucket]").fill(SLUG)
    page.locator("[name=p-Key]").fill("payroll.csv")
    page.get_by_role("button", name=re.compile("^Send")).click()
    check_work(page, SLUG, scripted=False)
    expect(page.locator("#checks")).to_contain_text("3 of 8 done")
    page.goto(f"/pools/{SLUG}/roles/")
    page.get_by_role("main").get_by_role("link", name=ROLE).click()
    area = page.locator("textarea").first
    trust = json.loads(area.input_value())
    trust["Statement"][0]["Condition"]["ForAnyValue:StringLike"] = _AMR
    area.fill(json.dumps(trust))
    page.get_by_role("button", name="Save").first.click()
    check_work(page, SLUG, scripted=False)
    expect(page.locator("#checks")).to_contain_text("Solved.")


def _solve_by_cli(page: Page, cli: Callable[[str], Cli]) -> None:
    role = _begin(page)
    pool = page.locator("#pool-id").inner_text()
    page.goto("/class/me/")
    page.get_by_role("link", name="Account and keys").click()
    page.get_by_role("button", name="Show the key").click()
    aws = cli(page.locator("#key-bash").inner_text())

    identity = json.loads(aws("cognito-identity", "get-id", "--identity-pool-id", pool))["IdentityId"]
    token = json.loads(aws("cognito-identity", "get-open-id-token", "--identity-id", identity))["Token"]
    asked = ("--role-arn", role, "--role-session-name", "nobody", "--web-identity-token", token)
    given = json.loads(aws("sts", "assume-role-with-web-identity", *asked))["Credentials"]
    guest = {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
    assert aws("s3", "cp", f"s3://{SLUG}/payroll.csv", "-", **guest)

    trust = json.loads(aws("iam", "get-role", "--role-name", ROLE))["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Condition"]["ForAnyValue:StringLike"] = _AMR
    aws("iam", "update-assume-role-policy", "--role-name", ROLE, "--policy-document", json.dumps(trust))

    check_work(page, SLUG, scripted=False)
    expect(page.locator("#checks")).to_contain_text("Solved.")
    page.goto("/runs/")
    expect(page.get_by_role("main")).to_contain_text("CLI")
    expect(page.get_by_role("main")).not_to_contain_text(given["SecretAccessKey"])


def _ask_and_be_helped(phone: Page, board: Page, cohort: str) -> None:
    _begin(phone)
    phone.get_by_label("What stops you?").fill("Which role do I ask for?")
    phone.get_by_role("button", name="Ask my trainer").click()
    expect(phone.get_by_text("You have asked for help.")).to_be_visible()
    phone.evaluate(_MARK)

    expect(board.get_by_role("rowheader", name="Cy")).to_contain_text("asks for help", timeout=BY_ITSELF)
    assert board.evaluate("window.not_loaded_again") is True
    expect(board.locator("#help-queue")).to_contain_text("Which role do I ask for?")
    board.get_by_role("button", name="Take: Cy").click()
    expect(phone.get_by_text("kari is coming.")).to_be_visible(timeout=BY_ITSELF)
    board.get_by_role("link", name="Cy", exact=True).click()
    board.get_by_role("button", name=f"Hint for {TITLE}").click()
    expect(phone.get_by_text(f"Your trainer opened hint 1 of {TITLE}")).to_be_visible(timeout=BY_ITSELF)
    assert phone.evaluate("window.not_loaded_again") is True
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.reload()
    expect(phone.get_by_role("heading", name="Hint 1", exact=True)).to_be_visible()

    board.goto(f"{cohort}board/")
    board.get_by_role("button", name="Resolved: Cy").click()
    expect(board.get_by_text("Nobody is waiting.")).to_be_visible()
    expect(phone.get_by_text("kari is coming.")).to_be_hidden(timeout=BY_ITSELF)


def _end(trainer: Page, cohort: str, learners: tuple[Page, ...]) -> None:
    trainer.goto(cohort)
    trainer.get_by_text("End the class", exact=True).click()
    trainer.get_by_role("button", name="End the class now").click()
    expect(trainer.get_by_text("The class has ended.")).to_be_visible()
    for page in learners:
        page.goto(f"/exercises/{SLUG}/")
        assert page.get_by_role("button", name="Check my work").count() == 0
        page.goto("/class/me/")
        expect(page.get_by_text("This class has ended.")).to_be_visible()
        page.goto("/runs/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def _export_and_import(trainer: Page, cohort: str, tmp_path: Path) -> str:
    """The address of the class that came of the file of the other one, after their files were found equal."""

    def exported(address: str, name: str) -> Path:
        trainer.goto(address)
        with trainer.expect_download() as download:
            trainer.get_by_role("link", name="Export the class").click()
        download.value.save_as(tmp_path / name)
        return tmp_path / name

    first = exported(cohort, "first.json")
    trainer.goto("/class/import/")
    trainer.get_by_label("The file").set_input_files(first)
    trainer.get_by_role("button", name="Import").click()
    expect(trainer.get_by_text("is here, with everybody in it")).to_be_visible()
    trainer.get_by_role("link", name="The class", exact=True).click()
    imported = trainer.url
    assert imported != cohort
    assert exported(imported, "second.json").read_bytes() == first.read_bytes()
    return imported


def _begin_the_next(trainer: Page, cohort: str) -> None:
    trainer.goto(cohort)
    trainer.get_by_label("New class from this one, called").fill("Oslo, Tuesday")
    trainer.get_by_role("button", name="Make it").click()
    expect(trainer.get_by_role("heading", name="Oslo, Tuesday")).to_be_visible()
    expect(trainer.get_by_text("Nobody has joined yet.")).to_be_visible()
    trainer.get_by_role("link", name="Board").click()
    assert trainer.get_by_role("row").count() == 0
