"""An account that exists is linked to the company when its owner asks, after the password, and not otherwise."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import CompanyIdentity, User
from tests.providers.browser import Browser
from tests.providers.company import COMPLETE, Company, account_of, last, set_up, shown
from tests.providers.wire import ProviderWire

PASSWORD = "correct horse battery"
LINK = "/accounts/company/link/"


@pytest.fixture
def company(live: ProviderWire, settings: Settings) -> Company:
    set_up(settings)
    return Company(live)


@pytest.fixture
def owner(ana: Browser) -> User:
    user = User.objects.create_user("ana", "ana@example.com", PASSWORD)
    ana.client.force_login(user)
    return user


def asked_for(browser: Browser, password: str = PASSWORD) -> dict[str, str]:
    """The request behind the link on the page in between."""
    response = browser.client.post(LINK, {"password": password})
    assert response.status_code == 302
    _, asked = browser.request_of(response["Location"])
    return asked


def test_the_owner_links_it_and_the_company_opens_it_from_then_on(
    ana: Browser, bo: Browser, company: Company, owner: User
) -> None:
    assert "Link it" in ana.get("/accounts/").content.decode()
    company.claims = {"sub": "ana-1", "email": "ana@example.com"}
    page = shown(ana, company.finish(ana, asked_for(ana)))

    assert "Example Corp signs you in to this account from now on." in page
    assert "Link it" not in page
    company.sign_in(bo, "ana-1", email="ana@example.com")
    assert account_of(bo) == owner
    assert owner.check_password(PASSWORD)


def test_a_wrong_password_links_nothing(ana: Browser, company: Company, owner: User) -> None:
    response = ana.client.post(LINK, {"password": "guess"}, follow=True)

    assert "This is not your current password." in response.content.decode()
    assert not company.wire.arrivals


@pytest.mark.slow
@pytest.mark.usefixtures("one_window")
def test_guesses_are_counted(ana: Browser, company: Company, owner: User, settings: Settings) -> None:
    settings.SIGN_INS_PER_MINUTE = 2
    tries = [ana.client.post(LINK, {"password": f"guess {n}"}).status_code for n in range(3)]
    assert tries == [302, 302, 429]
    assert ana.client.post(LINK, {"password": PASSWORD}).status_code == 429


@pytest.mark.slow
def test_another_site_cannot_ask_for_it(company: Company, owner: User) -> None:
    browser = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000", enforce_csrf_checks=True)
    browser.force_login(owner)
    assert browser.post(LINK, {"password": PASSWORD}).status_code == 403


def test_the_answer_in_another_browser_links_nothing(ana: Browser, bo: Browser, company: Company, owner: User) -> None:
    """Somebody who is led to the attacker's request would give the attacker's account their own identity."""
    company.claims = {"sub": "victim"}
    asked = asked_for(ana)
    page = shown(bo, company.finish(bo, asked))

    assert "another browser" in page
    assert (CompanyIdentity.objects.count(), last().error_code) == (0, "other_browser")


@pytest.mark.slow
def test_an_answer_after_signing_out_links_nothing(ana: Browser, company: Company, owner: User) -> None:
    company.claims = {"sub": "ana-1"}
    asked = asked_for(ana)
    ana.client.post("/accounts/sign-out/")
    company.finish(ana, asked)

    assert CompanyIdentity.objects.count() == 0
    assert account_of(ana) is None


@pytest.mark.slow
def test_an_identity_opens_one_account(ana: Browser, bo: Browser, company: Company, owner: User) -> None:
    company.sign_in(bo, "ana-1", preferred_username="ana.at.work")
    company.claims = {"sub": "ana-1"}
    page = shown(ana, company.finish(ana, asked_for(ana)))

    assert "belongs to another account" in page
    assert owner.company_identities.count() == 0


@pytest.mark.slow
def test_an_account_has_one_identity_at_the_company(ana: Browser, company: Company, owner: User) -> None:
    for subject in ("ana-1", "ana-2"):
        company.claims = {"sub": subject}
        company.finish(ana, asked_for(ana))

    assert [one.subject for one in owner.company_identities.all()] == ["ana-1"]
    assert last().error_code == "account_linked_already"


@pytest.mark.slow
def test_rights_that_the_owner_has_already_stay_when_groups_do_not_give_them(
    ana: Browser, bo: Browser, company: Company, owner: User, settings: Settings
) -> None:
    settings.COMPANY_STAFF = "run-it"
    owner.is_staff = owner.is_superuser = True
    owner.save()
    company.claims = {"sub": "ana-1", "groups": ["run-it"]}
    company.finish(ana, asked_for(ana))
    company.sign_in(bo, "ana-1", groups=[])

    owner.refresh_from_db()
    assert (owner.is_staff, owner.is_superuser) == (True, True)


@pytest.mark.slow
@pytest.mark.parametrize("settings_off", ["LOCAL_PASSWORDS", "COMPANY_ISSUER"])
def test_without_passwords_or_without_a_company_there_is_nothing_to_ask_for(
    ana: Browser, company: Company, owner: User, settings: Settings, settings_off: str
) -> None:
    setattr(settings, settings_off, "")
    assert ana.client.post(LINK, {"password": PASSWORD}).status_code == 404
    assert "Link it" not in ana.get("/accounts/").content.decode()


@pytest.mark.slow
def test_nobody_asks_for_it_without_an_account(ana: Browser, company: Company) -> None:
    assert ana.client.post(LINK, {"password": PASSWORD}).status_code == 404
    assert ana.get("/accounts/").status_code == 302
    assert ana.get(COMPLETE, state="x", code="y").status_code == 302


def test_rights_of_groups_are_no_longer_opened_by_the_password(
    ana: Browser, bo: Browser, company: Company, owner: User, settings: Settings
) -> None:
    """Whoever left the group would go on with its rights for as long as a session of a password lasts."""
    settings.COMPANY_TRAINERS = "teach"
    bo.client.force_login(owner)
    company.claims = {"sub": "ana-1", "groups": ["teach"]}
    company.finish(ana, asked_for(ana))
    assert account_of(ana) == owner  # who has just been at the company
    assert 0 < ana.client.session.get_expiry_age() <= 12 * 3600
    assert account_of(bo) is None  # by the password, before

    told = bo.client.post("/accounts/sign-in/", {"username": "ana", "password": PASSWORD})
    assert "use its sign-in instead of a password" in told.content.decode()
    wrong = bo.client.post("/accounts/sign-in/", {"username": "ana", "password": "guess"})
    assert "use its sign-in" not in wrong.content.decode()

    company.sign_in(bo, "ana-1", groups=[])
    bo.client.post("/accounts/sign-out/")
    assert bo.client.post("/accounts/sign-in/", {"username": "ana", "password": PASSWORD}).status_code == 302


@pytest.mark.slow
def test_who_knows_the_password_is_not_counted(ana: Browser, company: Company, owner: User, settings: Settings) -> None:
    settings.SIGN_INS_PER_MINUTE = 2
    assert [ana.client.post(LINK, {"password": PASSWORD}).status_code for _ in range(4)] == [302] * 4
