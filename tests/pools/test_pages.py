"""Staff see an imported pool among their own, with who gets in, and change it there; others see nothing of it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.owners import Owner
from flows.exchange import clients
from flows.exchange.pools import pools_for
from operations import imported_accounts
from poolconfig.document import Document
from sandbox.testing import RunningSandbox
from tests.pools.test_import import elsewhere, take

pytestmark = pytest.mark.django_db
NUMBER = "575757575757"


@pytest.fixture
def key(lab: RunningSandbox, as_read: Document, settings: Settings) -> Iterator[str]:
    """Of an imported pool's pages, with the application at its sandbox."""
    settings.APP_MODE = "sandbox"
    settings.AWS_ENDPOINT = settings.SANDBOX_PUBLIC_URL = lab.url
    clients.forget_clients()
    document = elsewhere(as_read, NUMBER)
    take(lab, document, replace=True)
    imported_accounts.forget()
    yield document["identityPool"]["IdentityPoolId"].partition(":")[2]
    clients.forget_clients()
    imported_accounts.forget()


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
