"""What the pages of a pool show, and to whom."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from sandbox.testing import RunningSandbox
from tests.flows.aws_wire import GUEST_ROLE, POOL, AwsWire, json_answer, sts_refusal
from tests.flows.history.conftest import OTHER_VISITOR, ana, browser, reviewer
from tests.forgotten import forget_clients
from training.models import Cohort, CohortState, Membership, Role, SandboxAccount

__all__ = ["ana", "reviewer"]  # fixtures

pytestmark = pytest.mark.django_db
_TABS = ("who", "scan", "switches", "logins", "roles", "mapping", "tags", "people", "identities", "changes")


def _text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.slow
def test_every_tab_of_everybodys_pools_reads_and_offers_no_change(sandbox: RunningSandbox) -> None:
    client = browser()
    assert "Guest access off" in _text(client, "/pools/")
    for tab in _TABS:
        text = _text(client, f"/pools/rules/{tab}/")
        assert "could not be read" not in text
        assert "/pools/rules/change/" not in text
    assert "set-identity-pool-roles" in _text(client, "/pools/rules/mapping/")
    assert client.post("/pools/lab/change/", {"what": "guests", "value": "off"}).status_code == 302
    assert "not in an account of yours" in _text(client, "/pools/lab/")


@pytest.mark.slow
def test_one_cannot_see_anothers_account(looking: Client) -> None:
    assert "yours to change" in _text(looking, "/pools/lab/")
    assert "read only" in _text(browser(OTHER_VISITOR), "/pools/lab/")


def test_unknown_pools_and_tabs_are_not_found(sandbox: RunningSandbox) -> None:
    _text(browser(), "/pools/nothing/", 404)
    _text(browser(), "/pools/lab/nothing/", 404)


def test_without_the_sandbox_the_page_says_so(sandbox: RunningSandbox, settings: Settings) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    assert "could not be read" in _text(browser(), "/pools/lab/")


@pytest.mark.slow
def test_no_secret_of_x_is_on_the_pages(looking: Client) -> None:
    for tab in ("logins", "switches"):
        text = _text(looking, f"/pools/lab/{tab}/")
        assert "local-stand-in-x" not in text
    assert "SECRET" in _text(looking, "/pools/lab/logins/")


@pytest.mark.slow
def test_on_aws_the_pages_read_for_people_with_an_account_and_show_commands(
    aws_mode: AwsWire, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "example")):
        monkeypatch.setenv(name, value)
    forget_clients()
    described = {"IdentityPoolId": POOL, "IdentityPoolName": "Shop", "AllowUnauthenticatedIdentities": True}
    aws_mode.answers["DescribeIdentityPool"] = lambda arrival: json_answer(described)
    aws_mode.answers["GetIdentityPoolRoles"] = lambda arrival: json_answer(
        {"IdentityPoolId": POOL, "Roles": {"unauthenticated": GUEST_ROLE}}
    )
    aws_mode.answers["GetRole"] = lambda arrival: sts_refusal("AccessDenied", "not authorized to perform: iam:GetRole")
    anonymous = _text(browser(), "/pools/configured/switches/")
    assert "signed in here" in anonymous
    assert "describe-identity-pool" in anonymous
    assert not aws_mode.arrivals

    mine = browser(user=ana)
    text = _text(mine, "/pools/configured/switches/")
    assert "update-identity-pool" in text
    assert "/change/" not in text
    assert "could not be read: AccessDenied" in _text(mine, "/pools/configured/")
    assert mine.post("/pools/configured/change/", {"what": "guests", "value": "off"}).status_code == 302
    assert "UpdateIdentityPool" not in [arrival.operation for arrival in aws_mode.arrivals]
    refused = mine.post(
        "/send/", {"service": "cognito-identity", "operation": "ListIdentityPools", "sender": "administrator"}
    )
    assert refused.status_code == 422
    aws_mode.arrivals.clear()
    get_id = {"service": "cognito-identity", "operation": "GetId", "sender": "nobody", "p-IdentityPoolId": POOL}
    assert browser().post("/send/", get_id).status_code == 302
    assert [arrival.operation for arrival in aws_mode.arrivals] == ["GetId"]
    assert "authorization" not in {name.lower() for name in aws_mode.arrivals[0].headers}
    forget_clients()


@pytest.mark.slow
def test_trainers_look_into_the_accounts_of_their_class_only(
    kept_account: SandboxAccount, ana: User, reviewer: User
) -> None:
    cohort = Cohort.objects.create(name="Oslo", state=CohortState.OPEN, seats=3, created_by=ana)
    Membership.objects.create(cohort=cohort, user=ana, role=Role.TRAINER, display_name="Ana")
    learner = User.objects.create_user("lea")
    seat = Membership.objects.create(cohort=cohort, user=learner, role=Role.LEARNER, seat=1, display_name="Lea")
    kept_account.membership, kept_account.cohort, kept_account.visitor = seat, cohort, None
    kept_account.save()
    address = f"/pools/of/{kept_account.account_id}/lab/"
    text = _text(browser(user=ana), f"{address}people/")
    assert "somebody else’s account" in text
    assert "/change/" not in text
    assert "Edit the trust policy" not in _text(browser(user=ana), f"{address}who/")
    for stranger in (browser(), browser(user=reviewer)):
        _text(stranger, f"{address}who/", 404)
    _text(browser(user=learner), f"{address}who/")
