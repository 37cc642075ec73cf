"""The company's sign-in to this site: whose account it opens, what its groups give, and what is refused how."""

import re
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from pytest_django import Settings

from accounts.models import CompanyIdentity, User
from providers.sign_in.models import SignIn
from tests.providers.browser import Browser
from tests.providers.company import (
    BEGIN,
    CLIENT,
    CODE,
    COMPLETE,
    SECRET,
    Company,
    account_of,
    an_hour_off,
    last,
    set_up,
    shown,
)
from tests.providers.wire import ACCESS_TOKEN, DISCOVERY, DISCOVERY_PLACE, OIDC_ISSUER, ProviderWire
from vault.models import SealedValue

PASSWORD = "correct horse battery"
GROUPS = {"COMPANY_TRAINERS": "teach", "COMPANY_REVIEWERS": "review", "COMPANY_STAFF": "run-it"}


@pytest.fixture
def company(live: ProviderWire, settings: Settings) -> Company:
    set_up(settings)
    return Company(live)


def rights(name: str) -> tuple[set[str], bool]:
    user = User.objects.get(username=name)
    return set(user.groups.values_list("name", flat=True)), user.is_staff


def test_the_first_sign_in_makes_an_account_without_a_password(ana: Browser, company: Company) -> None:
    response = company.sign_in(ana, preferred_username="ana.b@example.com", email="ana.b@example.com")

    user = account_of(ana)
    assert user is not None
    assert (response["Location"], user.username, user.email) == ("/accounts/sign-in/", "ana.b@example.com", "")
    assert not user.has_usable_password()
    identity = user.company_identities.get()
    assert (identity.issuer, identity.subject, identity.rights) == (OIDC_ISSUER, "ana-1", [])
    assert (last().outcome, last().subject, last().user, last().provider) == ("succeeded", "ana-1", user, "company")


@pytest.mark.slow
def test_the_next_sign_in_opens_the_same_account_whatever_the_token_calls_its_owner(
    ana: Browser, bo: Browser, company: Company
) -> None:
    company.sign_in(ana, preferred_username="ana", email="ana@example.com")
    company.sign_in(bo, preferred_username="ana.married", email="new@example.com")

    assert account_of(bo) == account_of(ana)
    assert User.objects.count() == 1


def test_state_nonce_and_pkce_go_out_and_the_scopes_are_those_of_the_settings(
    ana: Browser, company: Company, settings: Settings
) -> None:
    settings.COMPANY_SCOPES = "openid groups"
    asked = company.begin(ana)

    assert (asked["scope"], asked["response_type"]) == ("openid groups", "code")
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/accounts/company/complete/"
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32


@pytest.mark.slow
def test_the_browser_goes_back_to_where_it_was_wanted(ana: Browser, company: Company) -> None:
    company.claims = {"sub": "ana-1"}
    response = company.finish(ana, company.begin(ana, next="/runs/?outcome=refused"))

    assert response["Location"] == "/runs/?outcome=refused"


@pytest.mark.slow
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "http:///evil.example",
        "/\\evil.example",
        "/" * 300,
    ],
)
def test_next_leads_nowhere_else(ana: Browser, bo: Browser, company: Company, target: str) -> None:
    company.claims = {"sub": "ana-1"}
    assert company.finish(ana, company.begin(ana, next=target))["Location"] == "/accounts/sign-in/"
    assert ana.get(BEGIN, next=target)["Location"] == "/accounts/sign-in/"


@pytest.mark.slow
def test_the_account_gets_what_its_browser_did_before(ana: Browser, company: Company) -> None:
    ana.begin("oidc")
    company.sign_in(ana)

    assert set(SignIn.objects.values_list("user", flat=True)) == {User.objects.get().pk}
    assert not SignIn.objects.exclude(visitor=None).exists()


@pytest.mark.slow
def test_a_session_of_the_company_ends_for_good_after_its_hours(
    ana: Browser, company: Company, settings: Settings
) -> None:
    settings.COMPANY_SESSION_HOURS = 2
    company.sign_in(ana)

    assert 7100 < ana.client.session.get_expiry_age() <= 7200
    assert not isinstance(ana.client.session["_session_expiry"], int)  # from the sign-in, not from the last page


@pytest.mark.slow
def test_the_longest_that_is_kept_is_kept(ana: Browser, company: Company) -> None:
    company.claims = {"sub": "s" * 255}
    target = f"/runs/?q={'x' * 246}"
    assert (len(target), company.finish(ana, company.begin(ana, next=target))["Location"]) == (255, target)
    assert CompanyIdentity.objects.get().subject == "s" * 255


@pytest.mark.slow
def test_two_accounts_do_not_differ_by_capitals_alone(ana: Browser, company: Company) -> None:
    User.objects.create_user("Ana")
    company.sign_in(ana, preferred_username="ana")
    assert User.objects.latest("pk").username == "ana-2"


class TestIdentities:
    """Issuer and subject, and nothing else, say whose account it is."""

    def test_the_same_address_of_another_subject_is_another_account(
        self, ana: Browser, bo: Browser, company: Company
    ) -> None:
        company.sign_in(ana, "ana-1", email="ana@example.com", preferred_username="ana")
        company.sign_in(bo, "other-2", email="ana@example.com", preferred_username="ana")

        assert [user.username for user in User.objects.order_by("pk")] == ["ana", "ana-2"]
        assert account_of(bo) != account_of(ana)

    def test_the_same_subject_of_another_issuer_is_another_account(
        self, ana: Browser, bo: Browser, company: Company, settings: Settings
    ) -> None:
        company.sign_in(ana, "ana-1", preferred_username="ana")
        settings.COMPANY_ISSUER = company.issuer = "https://id.example.com/realms/other"
        other = {**DISCOVERY, "issuer": company.issuer}
        company.wire.answers["GET id.example.com/realms/other/.well-known/openid-configuration"] = lambda _: (
            200,
            other,
        )
        company.sign_in(bo, "ana-1", preferred_username="ana")

        assert account_of(bo) != account_of(ana)
        assert CompanyIdentity.objects.count() == 2

    @pytest.mark.slow
    @pytest.mark.parametrize("subject", ["ANA-1", "ana-1 ", "ana-1\u200b", "ana\u00ad-1"])
    def test_subjects_are_compared_letter_by_letter(
        self, ana: Browser, bo: Browser, company: Company, subject: str
    ) -> None:
        company.sign_in(ana, "ana-1")
        company.sign_in(bo, subject)

        assert account_of(bo) != account_of(ana)

    def test_a_name_or_an_address_takes_over_no_account_that_signed_up_here(
        self, ana: Browser, company: Company
    ) -> None:
        victim = User.objects.create_user("ana", password=PASSWORD)
        company.sign_in(ana, preferred_username="ana")

        user = account_of(ana)
        assert user is not None
        assert (user != victim, user.username) == (True, "ana-2")

    def test_an_address_that_an_account_here_has_is_neither_entered_nor_passed_over(
        self, ana: Browser, company: Company
    ) -> None:
        User.objects.create_superuser("root", "Root@Example.com", PASSWORD)
        page = shown(ana, company.sign_in(ana, email="root@example.com"))

        assert "not linked to the company’s sign-in" in page
        assert "manage.py company_identity" in page
        assert (account_of(ana), last().outcome, last().error_code) == (None, "refused", "email_in_use")
        assert User.objects.count() == 1

    @pytest.mark.slow
    @pytest.mark.parametrize("subject", ["", "x" * 256, "a\nb", "a\x00b"])
    def test_a_subject_that_cannot_be_kept_is_refused(self, ana: Browser, company: Company, subject: str) -> None:
        page = shown(ana, company.sign_in(ana, subject))

        assert "Refused" in page
        assert (account_of(ana), User.objects.count()) == (None, 0)

    @pytest.mark.slow
    def test_a_closed_account_is_not_entered(self, ana: Browser, bo: Browser, company: Company) -> None:
        company.sign_in(ana)
        User.objects.update(is_active=False)
        page = shown(bo, company.sign_in(bo))

        assert "has been closed" in page
        assert (account_of(bo), last().error_code) == (None, "account_inactive")


class TestRights:
    """The company's groups give rights at each sign-in, and take the ones that they gave."""

    @pytest.fixture(autouse=True)
    def _groups(self, settings: Settings) -> None:
        set_up(settings, **GROUPS)

    def test_groups_give_and_take(self, ana: Browser, bo: Browser, company: Company) -> None:
        company.sign_in(ana, groups=["teach", "run-it", "something-else"], preferred_username="ana")
        assert rights("ana") == ({"Trainers"}, True)
        assert not User.objects.get().is_superuser

        company.sign_in(bo, groups=["review"])
        assert rights("ana") == ({"Reviewers"}, False)

        company.sign_in(Browser(), groups=[])
        assert rights("ana") == (set(), False)

    @pytest.mark.slow
    def test_a_trainer_sees_the_class_pages_until_the_group_is_gone(self, ana: Browser, company: Company) -> None:
        company.sign_in(ana, groups=["teach"])
        assert ana.get("/class/new/").status_code == 200

        again = Browser()
        company.sign_in(again, groups=[])
        assert account_of(again) is not None
        assert again.get("/class/new/").status_code == 403

    def test_what_an_administrator_gave_stays(self, ana: Browser, company: Company) -> None:
        company.sign_in(ana, groups=[], preferred_username="ana")
        user = User.objects.get()
        user.is_staff = True
        user.save()
        user.groups.add(Group.objects.get(name="Reviewers"), Group.objects.create(name="Guests of honour"))

        company.sign_in(Browser(), groups=["review", "teach", "run-it"])
        company.sign_in(Browser(), groups=[])

        assert rights("ana") == ({"Reviewers", "Guests of honour"}, True)

    @pytest.mark.slow
    @pytest.mark.parametrize("groups", ["teach", ["teach"]])
    def test_one_group_may_come_as_a_text(self, ana: Browser, company: Company, groups: Any) -> None:
        company.sign_in(ana, groups=groups, preferred_username="ana")
        assert rights("ana") == ({"Trainers"}, False)

    @pytest.mark.slow
    @pytest.mark.parametrize("groups", [["Teach"], ["teach "], ["teachers"], [" run-it"]])
    def test_groups_are_compared_letter_by_letter(self, ana: Browser, company: Company, groups: list[str]) -> None:
        company.sign_in(ana, groups=groups, preferred_username="ana")
        assert rights("ana") == (set(), False)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("claims", "why"),
        [
            ({}, "it has no claim groups"),
            ({"groups": {"teach": True}}, "is no list of names"),
            ({"groups": [7]}, "is no list of names"),
            ({"hasgroups": True}, "more groups than a token takes"),
            ({"_claim_names": {"groups": "src1"}}, "more groups than a token takes"),
        ],
    )
    def test_a_token_that_does_not_say_is_refused_and_changes_nothing(
        self, ana: Browser, bo: Browser, company: Company, claims: dict[str, Any], why: str
    ) -> None:
        company.sign_in(ana, groups=["teach"], preferred_username="ana")
        page = shown(bo, company.sign_in(bo, **claims))

        assert why in page
        assert "COMPANY_GROUPS_CLAIM" in page
        assert (account_of(bo), last().error_code, rights("ana")) == (None, "groups_missing", ({"Trainers"}, False))

    @pytest.mark.slow
    def test_where_the_claim_may_be_missing_it_means_no_group(
        self, ana: Browser, bo: Browser, company: Company, settings: Settings
    ) -> None:
        settings.COMPANY_GROUPS_OPTIONAL = True
        company.sign_in(ana, groups=["teach"], preferred_username="ana")
        company.sign_in(bo)
        assert rights("ana") == (set(), False)

        other = Browser()
        assert "more groups than a token takes" in shown(other, company.sign_in(other, hasgroups=True))

    @pytest.mark.slow
    def test_a_group_that_is_not_set_any_more_takes_what_it_gave(
        self, ana: Browser, company: Company, settings: Settings
    ) -> None:
        company.sign_in(ana, groups=["run-it"], preferred_username="ana")
        for name in GROUPS:
            setattr(settings, name, "")
        company.sign_in(Browser())
        assert rights("ana") == (set(), False)

    @pytest.mark.slow
    def test_what_groups_changed_stands_in_the_history_of_the_account(self, ana: Browser, company: Company) -> None:
        from django.contrib.admin.models import LogEntry

        company.sign_in(ana, groups=["teach", "review"])
        company.sign_in(Browser(), groups=["teach"])
        company.sign_in(Browser(), groups=["teach"])

        assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
            "Groups of the company gave: reviewer, trainer.",
            "Groups of the company took: reviewer.",
        ]

    @pytest.mark.slow
    def test_classes_made_by_the_right_rest_without_it_and_others_do_not(self, ana: Browser, company: Company) -> None:
        from training.models import Cohort, Membership, Role
        from training.services.classes import cohort_make

        company.sign_in(ana, groups=["teach"], preferred_username="ana")
        user = User.objects.get()
        own = cohort_make(trainer=user, name="Oslo", seats=1, exercises=["ready"], seed_soon=False)
        other = Cohort.objects.create(name="Bergen", seats=1)
        Membership.objects.create(cohort=other, user=user, role=Role.TRAINER, display_name="ana")
        places = [own.get_absolute_url(), other.get_absolute_url()]
        assert [ana.get(place).status_code for place in places] == [200, 200]

        bo = Browser()
        company.sign_in(bo, groups=[])
        assert [bo.get(place).status_code for place in places] == [404, 200]

        company.sign_in(bo := Browser(), groups=["teach"])
        assert [bo.get(place).status_code for place in places] == [200, 200]

    @pytest.mark.slow
    def test_a_new_issuer_takes_what_the_one_before_gave(
        self, ana: Browser, bo: Browser, company: Company, settings: Settings
    ) -> None:
        company.sign_in(ana, "ana-1", groups=["run-it"], preferred_username="ana")
        settings.COMPANY_ISSUER = company.issuer = "https://id.example.com/realms/other"
        other = {**DISCOVERY, "issuer": company.issuer}
        company.wire.answers["GET id.example.com/realms/other/.well-known/openid-configuration"] = lambda _: (
            200,
            other,
        )
        CompanyIdentity.objects.create(user=User.objects.get(), issuer=company.issuer, subject="new-1")
        company.sign_in(bo, "new-1", groups=["teach"])
        assert rights("ana") == ({"Trainers"}, False)

    @pytest.mark.slow
    @pytest.mark.parametrize("by", ["the admin site", "its list", "the command"])
    def test_what_groups_gave_goes_with_the_link(self, ana: Browser, company: Company, by: str) -> None:
        company.sign_in(ana, groups=["run-it", "teach"], preferred_username="ana")
        identity = CompanyIdentity.objects.get()
        site = Browser().client
        site.force_login(User.objects.create_superuser("root", password=PASSWORD))
        places = {
            "the admin site": (f"/admin/accounts/companyidentity/{identity.pk}/delete/", {"post": "yes"}),
            "its list": (
                "/admin/accounts/companyidentity/",
                {"action": "delete_selected", "_selected_action": str(identity.pk), "post": "yes"},
            ),
        }
        if by in places:
            assert site.post(*places[by]).status_code == 302
        else:
            call_command("company_identity", "ana", "--remove", stdout=StringIO())

        assert (rights("ana"), CompanyIdentity.objects.count()) == ((set(), False), 0)
        assert account_of(ana) is None

    @pytest.mark.slow
    def test_sessions_from_before_a_change_of_rights_end_and_others_do_not(
        self, ana: Browser, bo: Browser, company: Company
    ) -> None:
        company.sign_in(ana, groups=["teach"])
        company.sign_in(bo, groups=["teach"])
        assert account_of(ana) == account_of(bo) is not None

        company.sign_in(Browser(), groups=[])
        assert account_of(ana) is account_of(bo) is None


class TestAttacks:
    """What comes back is used once, in the browser that asked, and only if it is the company's."""

    def refused(self, browser: Browser, response: Any, code: str) -> str:
        page = shown(browser, response)
        assert (account_of(browser), last().outcome, last().error_code) == (None, "refused", code)
        assert User.objects.count() == 0
        return page

    @pytest.mark.slow
    def test_an_answer_to_nothing(self, ana: Browser, company: Company) -> None:
        page = self.refused(ana, ana.get(COMPLETE, state="made-up", code=CODE), "unknown_request")
        assert "To the sign-in page" in page
        assert not company.wire.arrivals

    @pytest.mark.slow
    def test_an_answer_without_a_state(self, ana: Browser, company: Company) -> None:
        company.begin(ana)
        self.refused(ana, ana.get(COMPLETE, code=CODE), "unknown_request")

    def test_an_answer_in_another_browser(self, ana: Browser, bo: Browser, company: Company) -> None:
        """Login CSRF: the victim would go on working in the attacker's account."""
        company.claims = {"sub": "attacker"}
        asked = company.begin(ana)
        self.refused(bo, company.finish(bo, asked), "other_browser")

    @pytest.mark.slow
    def test_an_answer_where_somebody_is_signed_in_already(self, ana: Browser, company: Company) -> None:
        company.claims = {"sub": "attacker"}
        asked = company.begin(ana)
        victim = User.objects.create_user("victim", password=PASSWORD)
        ana.client.force_login(victim)
        company.finish(ana, asked)

        assert (account_of(ana), CompanyIdentity.objects.count()) == (victim, 0)
        assert last().error_code == "other_browser"

    @pytest.mark.slow
    def test_an_answer_of_a_run_s_sign_in(self, ana: Browser, company: Company) -> None:
        """Another client of the same issuer: its state is no state here."""
        _, asked = ana.request_of(ana.begin("oidc"))
        self.refused(ana, company.finish(ana, asked), "unknown_request")
        assert ana.answer("oidc", state=company.begin(ana)["state"], code=CODE).status_code == 302
        assert ana.artifact() is None

    def test_the_same_answer_twice(self, ana: Browser, company: Company) -> None:
        company.claims = {"sub": "ana-1"}
        asked = company.begin(ana)
        company.finish(ana, asked)
        ana.client.post("/accounts/sign-out/")
        company.finish(ana, asked)
        assert account_of(ana) is None
        assert last().error_code in ("already_used", "other_browser")

    def test_a_token_with_the_nonce_of_another_sign_in(self, ana: Browser, company: Company) -> None:
        company.claims = {"sub": "ana-1"}
        company.nonce = company.begin(Browser())["nonce"]
        page = self.refused(ana, company.finish(ana, company.begin(ana)), "nonce_mismatch")
        assert "nonce" in page

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("claims", "code"),
        [
            ({"aud": "another-client"}, "invalid_claim"),
            ({"aud": ["the-site", "x"], "azp": "x"}, "invalid_claim"),
            ({"iss": "https://evil.example.com"}, "invalid_claim"),
            ({"nonce": ""}, "nonce_mismatch"),
            (an_hour_off(-1), "response_expired"),
            (an_hour_off(1), "response_not_yet_valid"),
        ],
    )
    def test_a_token_that_is_not_for_us(
        self, ana: Browser, company: Company, claims: dict[str, Any], code: str
    ) -> None:
        self.refused(ana, company.sign_in(ana, **claims), code)

    def test_a_token_that_nobody_signed(self, ana: Browser, company: Company) -> None:
        company.algorithm = "none"
        page = shown(ana, company.sign_in(ana))
        assert (account_of(ana), User.objects.count(), last().outcome) == (None, 0, "refused")
        assert "Refused" in page

    @pytest.mark.slow
    def test_a_token_signed_with_another_key(self, ana: Browser, company: Company) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        keys = company.wire.jwks()
        company.wire.answers["GET id.example.com/keys"] = lambda _: (200, keys)
        company.wire.key = rsa.generate_private_key(65537, 2048)
        self.refused(ana, company.sign_in(ana), "invalid_signature")

    @pytest.mark.slow
    def test_a_code_of_another_client(self, ana: Browser, company: Company) -> None:
        """RFC 6749, section 5.2: it was issued to another client."""
        company.wire.answers["POST id.example.com/token"] = lambda _: (400, {"error": "invalid_grant"})
        page = shown(ana, company.sign_in(ana))
        assert (account_of(ana), last().outcome, last().error_code) == (None, "failed", "invalid_grant")
        assert "A code works once" in page

    def test_an_answer_of_another_issuer(self, ana: Browser, company: Company) -> None:
        """RFC 9207: mix-up."""
        asked = company.begin(ana)
        self.refused(ana, company.finish(ana, asked, iss="https://evil.example.com"), "issuer_mismatch")
        assert not [one for one in company.wire.arrivals if one.method == "POST"]

    @pytest.mark.slow
    def test_an_answer_that_does_not_say_its_issuer_where_the_company_s_always_do(
        self, ana: Browser, company: Company
    ) -> None:
        document = {**DISCOVERY, "authorization_response_iss_parameter_supported": True}
        company.wire.answers[DISCOVERY_PLACE] = lambda _: (200, document)
        self.refused(ana, company.finish(ana, company.begin(ana)), "issuer_mismatch")
        company.claims = {"sub": "ana-1"}
        company.finish(ana, company.begin(ana), iss=OIDC_ISSUER)
        assert account_of(ana) is not None

    @pytest.mark.slow
    def test_a_discovery_document_of_another_issuer(self, ana: Browser, company: Company) -> None:
        company.wire.answers[DISCOVERY_PLACE] = lambda _: (200, {**DISCOVERY, "issuer": "https://evil.example.com"})
        company.issuer = "https://evil.example.com"
        self.refused(ana, company.sign_in(ana), "invalid_claim")

    def test_secrets_are_nowhere_afterwards(
        self, ana: Browser, bo: Browser, company: Company, caplog: pytest.LogCaptureFixture
    ) -> None:
        company.sign_in(ana)
        asked = company.begin(bo)
        company.algorithm = "none"
        company.finish(bo, asked)
        kept = [str(row) for row in SignIn.objects.values()] + [str(row) for row in CompanyIdentity.objects.values()]
        kept += [str(dict(browser.client.session)) for browser in (ana, bo)] + [caplog.text]
        for secret in (ACCESS_TOKEN, CODE, SECRET, asked["state"], asked["nonce"], "eyJ"):
            assert not [text for text in kept if secret in text], secret
        assert not SealedValue.objects.exists()
        assert not cache.get("anything")


class TestTroubles:
    """Each has a page with what to do, and a row in the history."""

    @pytest.mark.slow
    def test_the_company_is_down_when_it_begins(self, ana: Browser, company: Company) -> None:
        company.wire.answers[DISCOVERY_PLACE] = lambda _: (503, {})
        page = shown(ana, ana.get(BEGIN))

        assert (last().outcome, account_of(ana)) == ("failed", None)
        assert "Example Corp" in page
        assert "people who run this site" in page

    @pytest.mark.slow
    def test_the_company_is_down_when_the_code_is_exchanged(self, ana: Browser, company: Company) -> None:
        company.wire.answers["POST id.example.com/token"] = lambda _: (503, {})
        shown(ana, company.sign_in(ana))
        assert (last().outcome, account_of(ana)) == ("failed", None)

    @pytest.mark.slow
    def test_somebody_declines(self, ana: Browser, company: Company) -> None:
        asked = company.begin(ana)
        page = shown(ana, ana.get(COMPLETE, state=asked["state"], error="access_denied"))
        assert (last().outcome, account_of(ana)) == ("declined", None)
        assert "You are not signed in." in page

    def test_there_is_none_where_none_is_set_up(self, ana: Browser, company: Company, settings: Settings) -> None:
        settings.COMPANY_CLIENT_SECRET = ""
        assert [ana.get(path).status_code for path in (BEGIN, COMPLETE)] == [404, 404]
        assert "Sign in with Example" not in ana.get("/accounts/sign-in/").content.decode()


SIGN_OUT, SIGNED_OUT = "/accounts/sign-out/", "/accounts/signed-out/"


def offered(browser: Browser, company: Company, endpoint: object) -> str:
    """The link to the company's sign-out, after somebody signed in and out here; empty where there is none."""
    company.wire.answers[DISCOVERY_PLACE] = lambda _: (200, {**DISCOVERY, "end_session_endpoint": endpoint})
    company.sign_in(browser)
    response = browser.client.post(SIGN_OUT)
    assert account_of(browser) is None
    if response["Location"] != SIGNED_OUT:
        return ""
    page = browser.get(SIGNED_OUT).content.decode()
    return unescape(re.findall(r'href="([^"]+)"[^>]*>Sign out at Example Corp, too<', page)[0])


def test_who_signs_out_here_may_sign_out_at_the_company(ana: Browser, company: Company) -> None:
    link = urlsplit(offered(ana, company, "https://id.example.com/logout?realm=staff"))
    assert (link.scheme, link.netloc, link.path) == ("https", "id.example.com", "/logout")
    back = "http://127.0.0.1:8000/accounts/company/signed-out/"
    named = {"realm": "staff", "client_id": CLIENT, "post_logout_redirect_uri": back, "logout_uri": back}
    assert dict(parse_qsl(link.query)) == named
    returned = ana.get("/accounts/company/signed-out/").content.decode()
    assert "has led you back from its own sign-out" in returned
    assert "Sign out at" not in returned


@pytest.mark.parametrize(
    "endpoint", [None, 7, "", "http://id.example.com/logout", "javascript:alert(1)", "https://id.example.com/#out"]
)
def test_a_company_that_names_no_place_for_it_is_not_offered(ana: Browser, company: Company, endpoint: object) -> None:
    assert offered(ana, company, endpoint) == ""


def test_the_offer_ends_with_the_next_sign_in_and_is_nobodys_else(ana: Browser, bo: Browser, company: Company) -> None:
    assert offered(ana, company, "https://id.example.com/logout")
    assert "Sign out at" not in bo.get(SIGNED_OUT).content.decode()
    company.sign_in(ana)
    assert ana.get(SIGNED_OUT)["Location"] == "/accounts/"


def test_signing_out_of_the_admin_site_is_no_other(ana: Browser, company: Company) -> None:
    company.wire.answers[DISCOVERY_PLACE] = lambda _: (
        200,
        {**DISCOVERY, "end_session_endpoint": "https://id.example.com/logout"},
    )
    company.sign_in(ana)
    assert ana.client.post("/admin/logout/")["Location"] == SIGNED_OUT
    assert account_of(ana) is None


def test_who_came_by_a_password_is_offered_nothing(ana: Browser, company: Company) -> None:
    User.objects.create_user("kari", password=PASSWORD)
    ana.client.login(username="kari", password=PASSWORD)
    assert ana.client.post(SIGN_OUT)["Location"] == "/"
