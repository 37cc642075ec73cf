"""Runs in the pools of two accounts side by side: each run's sign-in is at the stand-ins of its own account."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from pytest_django import Settings

from flows.models import Run
from providers.models import SignIn
from sandbox.core.facts import AUTHENTICATED_ROLE, GUEST_ROLE, identity_pool_id, role_arn
from sandbox.idp.stand_ins import STAND_INS
from sandbox.testing import RunningSandbox
from tests.flows.authenticated.person import Person
from tests.providers.browser import FromProvider
from tests.sandbox.idp.driver import HOME
from tests.sandbox.idp.driver import Browser as StandInBrowser

ALL = ["google", "facebook", "amazon", "apple", "x", "oidc", "saml", "user-pool"]
KEYS = {"user-pool": "userpool"}


@pytest.fixture(scope="session")
def numbers(served_sandbox: RunningSandbox) -> tuple[str, str]:
    """Two accounts that were made."""
    one, other = (served_sandbox.make_account(name=name)[0] for name in ("one", "other"))
    return one, other


@pytest.fixture(autouse=True)
def _pools(settings: Settings, numbers: tuple[str, str]) -> None:
    """The seeded pool of the home account, called `lab`, and one of each of the two."""
    (lab, *_) = settings.IDENTITY_POOLS
    theirs = [
        {
            **lab,
            "key": key,
            "label": key,
            "pool_id": identity_pool_id("us-east-1", number, HOME, 1),
            "account_id": number,
            "guest_role_arn": role_arn(number, GUEST_ROLE),
            "authenticated_role_arn": role_arn(number, AUTHENTICATED_ROLE),
        }
        for key, number in zip(("one", "other"), numbers, strict=True)
    ]
    settings.IDENTITY_POOLS = [lab, *theirs]


def account_of(path: str) -> str:
    """Whose stand-in has the path."""
    found = re.match(r"/idp/([0-9]{12})/", path)
    return found[1] if found else HOME


@pytest.mark.slow
@pytest.mark.parametrize("provider", ALL)
def test_a_run_signs_in_at_the_stand_ins_of_its_pools_account(
    ana: Person, sandbox: RunningSandbox, numbers: tuple[str, str], provider: str
) -> None:
    runs = {}
    for pool, number in (("lab", HOME), ("one", numbers[0])):
        sandbox.requests.clear()
        run = ana.run(provider, pool=pool)
        assert (run.outcome, run.account_id) == ("succeeded", number)
        asked = [urlsplit(call.url).path for call in run.calls.filter(kind="provider")]
        asked += [request.raw_path for request in sandbox.requests if request.raw_path.startswith("/idp/")]
        assert {account_of(path) for path in asked} == {number}
        assert SignIn.objects.get(run_code=run.code).account_id == number
        secret = STAND_INS[KEYS.get(provider, provider)].client(sandbox.config.lab(number)).secret
        trace = ana.get(f"{run.get_absolute_url()}export.json").content.decode()
        assert not secret or secret not in trace
        runs[number] = run
    assert len({run.identity_id for run in runs.values()}) == 2
    # A public provider knows one person, whoever asks; a user pool is its account's, and so are its users.
    assert len({run.subject for run in runs.values()}) == (2 if provider == "user-pool" else 1)


@pytest.mark.parametrize("provider", ["apple", "oidc"])
def test_a_token_names_the_client_of_the_runs_account(
    ana: Person, sandbox: RunningSandbox, numbers: tuple[str, str], provider: str
) -> None:
    run = ana.run(provider, pool="one")
    token = run.calls.get(step="get-id").tokens[0]
    stand_in = STAND_INS[KEYS.get(provider, provider)]
    assert token["claims"]["aud"] == stand_in.client(sandbox.config.lab(numbers[0])).client_id
    assert token["verified"]


@pytest.mark.slow
def test_a_sign_in_serves_no_run_in_another_account(ana: Person) -> None:
    first = ana.run("google", pool="one")
    assert ana.press(first, "again", flow="basic").outcome == "succeeded"
    for pool in ("lab", "other"):
        before = Run.objects.count()
        ana.press(first, "again", flow="enhanced", pool=pool)
        assert Run.objects.count() == before


@pytest.mark.slow
def test_the_demo_offers_sign_ins_of_the_chosen_pools_account_only(ana: Person) -> None:
    ana.run("google", pool="one")
    offered = {
        pool: "Reuse the Google sign-in" in ana.get("/demo/", access="authenticated", pool=pool).content.decode()
        for pool in ("lab", "one", "other")
    }
    assert offered == {"lab": False, "one": True, "other": False}


def test_the_demo_shows_the_names_of_the_chosen_pools_account(ana: Person, numbers: tuple[str, str]) -> None:
    page = ana.get("/demo/", access="authenticated", pool="one").content.decode()
    assert f"oidc.{numbers[0]}.identity-pools-lab.test" in page
    assert f"arn:aws:iam::{numbers[0]}:saml-provider/LabSaml" in page


@pytest.mark.parametrize("provider", ["google", "apple", "oidc", "user-pool", "facebook", "amazon"])
def test_a_code_of_another_account_ends_the_sign_in(
    ana: Person, sandbox: RunningSandbox, numbers: tuple[str, str], provider: str
) -> None:
    """Somebody has the browser sign in elsewhere, with the state of this sign-in."""
    one, other = (sandbox.config.lab(number) for number in numbers)
    stand_in = STAND_INS[KEYS.get(provider, provider)]
    link = ana.link_of(ana.open(provider, pool="one"))
    moved = link.replace(f"/idp/{numbers[0]}/", f"/idp/{numbers[1]}/")
    for mine, theirs in zip(stand_in.hosts(one), stand_in.hosts(other), strict=True):
        moved = moved.replace(f"/{mine}/", f"/{theirs}/")
    moved = moved.replace(stand_in.client(one).client_id, stand_in.client(other).client_id)
    response = StandInBrowser().sign_in(moved, "ana")
    parts = urlsplit(response.headers["Location"])
    assert dict(parse_qsl(parts.query))["code"]
    ana.get(ana.arrive(FromProvider(parts.path, dict(parse_qsl(parts.query))))["Location"])
    run = ana.latest
    assert run.outcome == "refused"
    assert not run.calls.filter(kind="exchange").exists()


def test_our_server_vouches_for_nobody_in_another_account(ana: Person) -> None:
    """It signs as the home account's administrator."""
    page = ana.get("/demo/", access="authenticated", pool="one").content.decode()
    assert "It vouches for nobody in another account." in " ".join(page.split())
    ana.get(ana.open("developer", pool="one"))
    run = ana.latest
    assert (run.outcome, run.error_code) == ("refused", "not_allowed")
