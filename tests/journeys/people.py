"""What somebody does who signs in at a stand-in, by the words that they see."""

import re

from playwright.sync_api import expect

from sandbox.idp.sign_in.people import PEOPLE
from tests.journeys.visitor import Visitor, settled


class Person(Visitor):
    """A visitor who signs in. Every step is a click in the browser."""

    def choose_provider(self, button: str, flow: str = "enhanced", *, pool: str = "lab", step: bool = False) -> None:
        """From the demo to the page in between."""
        page = self.page
        page.goto(f"/demo/?access=authenticated&flow={flow}&pool={pool}")
        if step:
            self.open_settings()
            page.get_by_role("radio", name="Step by step").check()
        page.get_by_role("button", name=button, exact=True).click()

    def go_on(self) -> None:
        """From the page in between to the stand-in."""
        self.page.get_by_role("link", name="Continue to").click()
        expect(self.page.get_by_text("Local stand-in")).to_be_visible()

    def sign_in_there(self, who: str = "ana", *, misbehave: str = "") -> None:
        """At the stand-in: say who, and come back. `misbehave`: what the option says, such as `Expired token`."""
        page = self.page
        if misbehave:
            page.get_by_text("Misbehave on purpose").click()
            option = page.locator("#misbehave option", has_text=re.compile(rf"^\s*{re.escape(misbehave)}"))
            page.locator("#misbehave").select_option(option.get_attribute("value"))
        if settled(page).get_by_label("Password").count():
            page.get_by_label("User name").fill(who)
            page.get_by_label("Password").fill(PEOPLE[who].password)
            page.get_by_role("button", name="Sign in", exact=True).click()
        else:
            page.get_by_role("radio", name=PEOPLE[who].name).check()
            page.get_by_role("button", name="Continue", exact=True).click()
        self._come_back()

    def decline_there(self) -> None:
        self.page.get_by_role("button", name="Decline").click()
        self._come_back()

    def _come_back(self) -> None:
        """A SAML response is posted by a button, where real providers have a script."""
        button = settled(self.page).get_by_role("button", name="Continue to the application")
        if button.count():
            button.click()

    def sign_in(self, button: str, flow: str = "enhanced", who: str = "ana", *, pool: str = "lab") -> None:
        """All of it: ends on the run's page."""
        self.choose_provider(button, flow, pool=pool)
        self.go_on()
        self.sign_in_there(who)
        expect(self.page.get_by_role("heading", name="Overview")).to_be_visible()
        settled(self.page)

    def make_account(self, name: str) -> None:
        page = self.page
        page.goto("/accounts/sign-up/")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Password", exact=True).fill("a-long-pass-phrase")
        page.get_by_label("Password again").fill("a-long-pass-phrase")
        page.get_by_role("button", name="Sign up").click()

    @property
    def verdict(self) -> str:
        return self.page.locator(".run-head .pill").inner_text().strip()

    @property
    def notice(self) -> str:
        return self.page.locator(".result").inner_text()
