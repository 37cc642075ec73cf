"""Staff see an imported pool among their own, with who gets in, and change it there; others see nothing of it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.owners import Owner
from flows.exchange.pools import pools_for
from flows.models import Outcome, Run
from poolconfig.document import Document
from sandbox.testing import RunningSandbox
from tests.forgotten import forget_clients, forget_imported_accounts
from tests.poolconfig.real_pool import FACEBOOK, GOOGLE, ISSUER, X
from tests.poolconfig.test_import import elsewhere, take
from tests.sandbox.saml_idp import ROLE

pytestmark = pytest.mark.django_db
NUMBER = "575757575757"


@pytest.fixture
def key(lab: RunningSandbox, as_read: Document, settings: Settings) -> Iterator[str]:
    """Of an imported pool's pages, with the application at its sandbox."""
    settings.APP_MODE = "sandbox"
    settings.AWS_ENDPOINT = settings.SANDBOX_PUBLIC_URL = lab.url
    forget_clients()
    document = elsewhere(as_read, NUMBER)
    take(lab, document, replace=True)
    forget_imported_accounts()
    yield document["identityPool"]["IdentityPoolId"].partition(":")[2]
    forget_clients()
    forget_imported_accounts()


def browser_of(*, staff: bool) -> tuple[Client, Owner]:
    user = User.objects.create_user(f"somebody-{staff}", is_staff=staff)
    client = Client()
    client.force_login(user)
    return client, Owner(user.pk, client.get("/pools/").wsgi_request.owner.visitor)  # type: ignore[attr-defined]


def test_staff_see_who_gets_in_and_change_it(key: str, lab: RunningSandbox) -> None:
    client, owner = browser_of(staff=True)
    listed = client.get("/pools/").content.decode()
    assert "Imported: Shop" in listed
    assert f"/pools/{key}/" in listed
    page = client.get(f"/pools/{key}/").content.decode()
    assert all(role in page for role in ("Guests", "Members", "Staff", "Suppliers"))
    client.post(f"/pools/{key}/change/", {"what": "guests", "tab": "switches", "value": "off"})
    keys = lab.switch("accounts", {"action": "key", "account": NUMBER})
    cognito = lab.client("cognito-identity", access_key=NUMBER, secret_key=keys["SecretAccessKey"])
    assert cognito.describe_identity_pool(IdentityPoolId=f"us-east-1:{key}")["AllowUnauthenticatedIdentities"] is False
    assert {pool.account_id for pool in pools_for(owner)} == {lab.config.account_id}  # what everybody uses stays


def test_others_see_nothing_of_it(key: str) -> None:
    client, _ = browser_of(staff=False)
    assert "Imported" not in client.get("/pools/").content.decode()
    for who in (client, Client()):
        assert who.get(f"/pools/{key}/").status_code == 404
        assert who.post(f"/pools/{key}/change/", {"what": "guests", "value": "off"}).status_code == 404


def tried(client: Client, key: str, **fields: str) -> Run:
    answer = client.post(f"/pools/{key}/token/", fields, follow=True)
    assert answer.status_code == 200
    return Run.objects.latest("pk")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("login", "claims", "role"),
    [
        ("", {}, "Guests"),
        (ISSUER, {"department": "supplier-1"}, "Suppliers"),
        (GOOGLE, {"sub": "kim"}, "Members"),
        (FACEBOOK, {}, "Members"),
        (X, {}, "Members"),
        ("user pool", {"cognito:groups": ["editors"]}, "Editors"),
        ("SAML", {"NameID": "kim"}, ""),
    ],
)
def test_a_token_with_chosen_claims_becomes_a_run(key: str, login: str, claims: Any, role: str) -> None:
    client, _ = browser_of(staff=True)
    page = client.get(f"/pools/{key}/try/").content.decode()
    names = re.findall(r'<option value="([^"]+)"', page)
    kinds = {"user pool": "cognito-idp.", "SAML": f"arn:aws:iam::{NUMBER}:saml-provider/"}
    login = next(name for name in names if name.startswith(kinds.get(login, login))) if login else ""
    if "saml" in login:
        claims, role = {**claims, ROLE: f"arn:aws:iam::{NUMBER}:role/shop/Members,{login}"}, "Members"
    run = tried(client, key, login=login, claims=json.dumps(claims))
    assert run.outcome == Outcome.SUCCEEDED, run.error_message
    assert run.pool_id == f"us-east-1:{key}"
    who = client.get(run.get_absolute_url()).content.decode()
    assert "GetCredentialsForIdentity" in who
    assert role_of(client, run) == role


def role_of(client: Client, run: Run) -> str:
    """The role that the sandbox decided for, by the run's decisions."""
    decided = [one for call in run.calls.all() for one in call.decisions if one["code"].startswith("role.")]
    return str(decided[-1]["actual"]).rpartition("/")[2]


def test_a_refused_token_is_a_run_that_says_why(key: str) -> None:
    client, _ = browser_of(staff=True)
    run = tried(client, key, login=ISSUER, claims='{"aud": "another", "department": "staff"}')
    assert (run.outcome, run.error_code) == (Outcome.REFUSED, "NotAuthorizedException")
    basic = tried(client, key, login="", role=f"arn:aws:iam::{NUMBER}:role/shop/Members")
    assert (basic.flow, basic.outcome, basic.error_code) == ("basic", Outcome.REFUSED, "AccessDenied")


@pytest.mark.slow
def test_what_cannot_be_tried_is_told_at_the_form_and_keeps_what_was_entered(key: str) -> None:
    client, _ = browser_of(staff=True)
    for fields, sentence in (
        ({"login": ISSUER, "claims": "[1]"}, "Claims are a JSON object"),
        ({"login": "example.org", "claims": "{}"}, "The pool trusts no example.org provider"),
    ):
        answer = client.post(f"/pools/{key}/token/", fields)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert fields["claims"] in answer.content.decode()
    assert Run.objects.count() == 0


def test_only_in_an_account_of_ones_own(key: str) -> None:
    staff, _ = browser_of(staff=True)
    learner, _ = browser_of(staff=False)
    for who, pool in ((staff, "lab"), (learner, "lab"), (learner, key)):
        assert who.get(f"/pools/{pool}/try/").status_code == 404
        assert who.post(f"/pools/{pool}/token/", {"login": "", "claims": "{}"}).status_code == 404
    assert Run.objects.count() == 0


def test_no_token_of_a_try_is_stored_in_the_clear(key: str) -> None:
    client, _ = browser_of(staff=True)
    run = tried(client, key, login=ISSUER, claims='{"sub": "kim", "department": "staff", "email": "kim@example.com"}')
    stored = json.dumps([[call.request_body, call.response_body] for call in run.calls.all()], default=str)
    assert "eyJ" not in stored
    assert "kim@example.com" not in stored
