"""What the pages of a pool show, and to whom."""

import pytest
from django.test import Client
from pytest_django import Settings

from sandbox.testing import RunningSandbox
from tests.flows.history.conftest import OTHER_VISITOR, browser

pytestmark = pytest.mark.django_db
_TABS = ("who", "switches", "logins", "roles", "mapping", "tags", "people", "identities", "changes")


def _text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


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


def test_one_cannot_see_anothers_account(mine: Client) -> None:
    assert "yours to change" in _text(mine, "/pools/lab/")
    assert "read only" in _text(browser(OTHER_VISITOR), "/pools/lab/")


def test_unknown_pools_and_tabs_are_not_found(sandbox: RunningSandbox) -> None:
    _text(browser(), "/pools/nothing/", 404)
    _text(browser(), "/pools/lab/nothing/", 404)


def test_without_the_sandbox_the_page_says_so(sandbox: RunningSandbox, settings: Settings) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    assert "could not be read" in _text(browser(), "/pools/lab/")


def test_no_secret_of_x_is_on_the_pages(mine: Client) -> None:
    for tab in ("logins", "switches"):
        text = _text(mine, f"/pools/lab/{tab}/")
        assert "local-stand-in-x" not in text
    assert "SECRET" in _text(mine, "/pools/lab/logins/")
