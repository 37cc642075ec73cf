"""One sign-in, several runs: the other flow, the same again, and linking."""

import pytest
from django.utils import timezone

from accounts.models import User
from flows.models import Run
from flows.services import runs_linkable
from tests.flows.authenticated.person import Person
from vault.models import SealedValue


def test_other_flow_uses_the_same_identity_and_no_provider(ana: Person) -> None:
    first = ana.run("google")
    second = ana.press(first, "again", flow="basic")
    assert (second.outcome, second.flow, second.identity_id) == ("succeeded", "basic", first.identity_id)
    assert (second.reuses, second.subject) == (first, first.subject)
    assert not second.calls.filter(kind="provider").exists()
    token = second.calls.get(step="get-id").tokens[0]
    assert token["verified"]


def test_saml_response_is_not_offered_again(ana: Person) -> None:
    first = ana.run("saml")
    page = ana.get(first.get_absolute_url()).content.decode()
    assert "with this sign-in" not in page
    assert ana.press(first, "again", flow="enhanced") == first


def test_an_expired_sign_in_is_not_used_again(ana: Person) -> None:
    first = ana.run("google")
    SealedValue.objects.filter(reference=first.code).update(expires_at=timezone.now())
    assert "with this sign-in" not in ana.get(first.get_absolute_url()).content.decode()
    assert ana.press(first, "again", flow="basic") == first


@pytest.mark.slow
def test_basic_flow_with_saml_is_refused_and_offers_a_fresh_sign_in(ana: Person) -> None:
    run = ana.run("saml", "basic")
    assert (run.outcome, run.error_code) == ("refused", "InvalidParameterException")
    assert [call.operation for call in run.calls.filter(kind="exchange")] == ["GetId", "GetOpenIdToken"]
    assert "Sign in again for the enhanced flow" in ana.get(run.get_absolute_url()).content.decode()


def test_guest_identity_becomes_a_signed_in_one(ana: Person) -> None:
    ana.post("/runs/", access="guest", flow="enhanced", provider="guest", pool="no-classic", pace="all")
    guest = ana.latest
    source = ana.run("google", pool="no-classic", who="grace")
    linked = ana.press(source, "link", to=guest.code)
    assert linked.outcome == "succeeded"
    assert linked.identity_id == source.identity_id  # a signed-in identity wins over a guest's
    assert linked.calls.get().request_params["IdentityId"] == guest.identity_id


@pytest.mark.slow
def test_two_logins_share_an_identity_from_then_on(ana: Person) -> None:
    target = ana.run("amazon", who="finn")
    source = ana.run("oidc", who="finn")
    assert target.identity_id != source.identity_id
    assert target in runs_linkable(run=source)
    linked = ana.press(source, "link", to=target.code)
    sent = linked.calls.get().request_params
    assert (linked.outcome, linked.links, len(sent["Logins"])) == ("succeeded", target, 2)
    # The older of them is kept, and other tests may have had either made first.
    assert linked.identity_id in (target.identity_id, source.identity_id)
    for provider in ("amazon", "oidc"):
        assert ana.run(provider, who="finn").identity_id == linked.identity_id


@pytest.mark.slow
def test_developer_login_is_linked_by_the_signed_call(ana: Person) -> None:
    # The database forgets an account after each test, the sandbox does not: a key that no other test has had.
    ana.client.force_login(User.objects.create_user("chidi", pk=700_001))
    target = ana.run("facebook", who="chidi")
    source = ana.run("developer")
    linked = ana.press(source, "link", to=target.code)
    assert (linked.flow, linked.outcome, linked.identity_id) == ("developer-link", "succeeded", target.identity_id)
    first = linked.calls.first()
    assert first is not None
    assert first.signed
    assert first.request_params["Logins"]["login.identitypoolslab"] == source.subject


@pytest.mark.slow
def test_runs_of_one_provider_or_of_two_pools_cannot_be_linked(ana: Person) -> None:
    first, second = ana.run("google", who="bo"), ana.run("google", who="chidi")
    elsewhere = ana.run("amazon", who="bo", pool="rules")
    count = Run.objects.count()
    for target in (second, elsewhere, first):
        ana.post(f"/runs/{first.code}/link/", to=target.code)
    assert Run.objects.count() == count


def test_nobody_uses_somebody_elses_sign_in(ana: Person, new_person: object) -> None:
    bo: Person = new_person()  # type: ignore[operator]
    run = ana.run("google")
    for verb in ("again", "link", "sign-in", "signed-in"):
        assert bo.client.post(f"/runs/{run.code}/{verb}/", {"flow": "basic", "to": run.code}).status_code in (404, 405)
    assert bo.get(f"/runs/{run.code}/signed-in/").status_code == 404
