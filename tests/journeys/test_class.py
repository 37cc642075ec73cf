"""A class in browsers: a trainer opens it, three people join, one without JavaScript, one on a telephone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from benchmarks.servers import free_port
from sandbox.testing import RunningSandbox
from tests import ROOT
from tests.journeys.axe import findings
from tests.journeys.conftest import web_application
from tests.journeys.visitor import settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "only for this test"
_TRAINER = f"""
from accounts.models import User
User.objects.create_user("kari", password="{PASSWORD}", is_staff=True)
"""


@pytest.fixture(scope="module")
def site(served_sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with one trainer, beside the session's sandbox."""
    directory: Path = tmp_path_factory.mktemp("class")
    with web_application(served_sandbox, free_port(), directory, {}) as url:
        make_trainer(directory)
        yield url


def make_trainer(directory: Path) -> None:
    """Give the site with this data directory somebody who may open classes: kari, with `PASSWORD`."""
    environment = os.environ | {
        "DATA_DIR": str(directory),
        "ENV_FILE": str(directory / "no.env"),
        "DATABASE_URL": f"sqlite:///{directory / 'app.sqlite3'}",
    }
    command = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", _TRAINER]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)


def test_three_people_join_and_one_comes_back(site: str, new_context: Callable[..., BrowserContext]) -> None:
    trainer = new_context(base_url=site, viewport={"width": 1280, "height": 900}).new_page()
    trainer.goto("/accounts/sign-in/?next=/class/new/")
    trainer.get_by_label("Name").fill("kari")
    trainer.get_by_label("Password", exact=True).fill(PASSWORD)
    trainer.get_by_role("main").get_by_role("button", name="Sign in").click()
    trainer.get_by_label("Name", exact=True).fill("Oslo, Monday")
    trainer.get_by_label("Seats").fill("3")
    trainer.get_by_role("button", name="Open the class").click()
    code = trainer.locator(".secret-code").inner_text()
    assert findings(trainer) == []

    ana = new_context(base_url=site, viewport={"width": 1280, "height": 900}).new_page()
    ana.goto("/join/")
    ana.get_by_label("Code").fill(code.lower().replace("-", " "))
    ana.get_by_role("button", name="Go on").click()
    assert findings(ana) == []
    ana.get_by_label("Your name").fill("Ana")
    ana.get_by_role("button", name="Join", exact=True).click()
    expect(ana.get_by_role("heading", name="Oslo, Monday")).to_be_visible()
    assert findings(ana) == []
    own_code = ana.locator("#return-code").inner_text()
    ana.goto("/exercises/ready/")
    ana.get_by_role("button", name="Begin").click()
    settled(ana).get_by_label("What stops you?").fill("What she typed while her work was checked")
    ana.get_by_role("button", name="Check my work").click()
    expect(ana.get_by_text("Checked at")).to_be_visible()
    expect(ana.get_by_label("What stops you?")).to_have_value("What she typed while her work was checked")

    plain = new_context(base_url=site, java_script_enabled=False).new_page()
    plain.goto(f"/join/{code}/")
    plain.get_by_label("Your name").fill("ana")
    plain.get_by_role("button", name="Join", exact=True).click()
    expect(plain.get_by_role("heading", name="Somebody called ana is here already")).to_be_visible()
    plain.get_by_role("button", name="No, I am somebody else").click()
    expect(plain.get_by_text("seat 2.")).to_be_visible()
    plain.get_by_role("link", name="Account and keys").click()
    plain.get_by_role("button", name="Show the key").click()
    expect(plain.locator("#key-bash")).to_contain_text("AWS_SECRET_ACCESS_KEY=")

    phone = new_context(base_url=site, viewport={"width": 375, "height": 800}).new_page()
    phone.goto(f"/join/{code}/")
    phone.get_by_label("Your name").fill("Cy")
    phone.get_by_text("We share this screen").click()
    phone.get_by_label("Second person").fill("Di")
    phone.get_by_role("button", name="Join", exact=True).click()
    expect(phone.get_by_text("Seat 3 · Cy, Di")).to_be_visible()
    assert findings(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

    full = new_context(base_url=site).new_page()
    full.goto(f"/join/{code}/")
    full.get_by_label("Your name").fill("Eva")
    full.get_by_role("button", name="Join", exact=True).click()
    expect(full.get_by_role("alert").first).to_contain_text("All 3 seats of this class are taken")

    other = new_context(base_url=site).new_page()
    other.goto(f"/join/back/#{own_code}")
    expect(other.get_by_label("Code")).to_have_value(own_code)
    assert "#" not in other.url
    other.get_by_role("button", name="Come back").click()
    expect(other.get_by_text("Seat 1 · Ana", exact=True)).to_be_visible()

    tablet = new_context(base_url=site).new_page()
    tablet.goto(f"/join/{code}/")
    tablet.get_by_text("I was here already").click()
    tablet.get_by_label("The name that you joined with").fill("cy")
    tablet.get_by_role("button", name="Ask the trainer").click()
    trainer.reload()
    trainer.get_by_role("button", name="Let Cy in").click()
    tablet.get_by_role("button", name="Go on as Cy").click()
    expect(tablet.get_by_text("Seat 3 · Cy, Di")).to_be_visible()

    trainer.get_by_role("link", name="Projector", exact=True).click()
    expect(trainer.get_by_role("heading", name="3 of 3 seats taken")).to_be_visible()
    assert findings(trainer) == []
