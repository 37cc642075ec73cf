"""A person with an account of the sandbox for themselves, and their browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from flows.exchange.sandbox_requests import ask
from sandbox.testing import RunningSandbox
from tests.flows.history.conftest import VISITOR, browser
from training.models import AccountState, SandboxAccount

Change = Callable[..., Any]


@pytest.fixture(scope="session")
def kept_number(served_sandbox: RunningSandbox) -> Iterator[str]:
    """The number of an account that nobody changes: to make one takes longer than to look at it."""
    number, _ = served_sandbox.make_account(name="Only looked at")
    yield number
    served_sandbox.switch("accounts", {"action": "remove", "account": number})


@pytest.fixture
def kept_account(sandbox: RunningSandbox, kept_number: str, db: None) -> SandboxAccount:
    """That account, as the visitor's whose browser `looking` is."""
    return SandboxAccount.objects.create(
        account_id=kept_number, region="us-east-1", visitor=VISITOR, state=AccountState.READY
    )


@pytest.fixture
def looking(kept_account: SandboxAccount) -> Client:
    return browser()


@pytest.fixture
def account(sandbox: RunningSandbox, db: None) -> Iterator[SandboxAccount]:
    """A fresh account of the visitor whose browser `mine` is."""
    made = ask("POST", "/_sandbox/accounts", {"action": "make", "name": "One visitor"}, account="")
    yield SandboxAccount.objects.create(
        account_id=made["account"], region="us-east-1", visitor=VISITOR, state=AccountState.READY
    )
    ask("POST", "/_sandbox/accounts", {"action": "remove", "account": made["account"]}, account="")


@pytest.fixture
def mine(account: SandboxAccount) -> Client:
    return browser()


@pytest.fixture
def change(mine: Client) -> Change:
    """Posts a form of a pool's page: `change("guests", value="off")`."""

    def post(what: str, *, pool: str = "lab", tab: str = "switches", **fields: Any) -> Any:
        return mine.post(f"/pools/{pool}/change/", {"what": what, "tab": tab, **fields}, follow=True)

    return post
