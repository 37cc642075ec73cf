"""People, browsers and runs. The rows are made by hand: what is tested here is how they are read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core import signing
from django.test import Client

from accounts.models import User
from flows.models import ApiCall, Outcome, Run

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
VISITOR, OTHER_VISITOR = UUID(int=1), UUID(int=2)
IDENTITY = "us-east-1:157d6171-ee4c-c91b-8000-000000000001"
MakeRun = Callable[..., Run]


def run_row(**fields: Any) -> Run:
    """A guest's run that succeeded, not saved."""
    defaults = {
        "visitor": VISITOR,
        "mode": "sandbox",
        "account_id": "000000000000",
        "region": "us-east-1",
        "pool_id": "us-east-1:5a4db000-0000-c000-8000-000000000001",
        "pool_key": "lab",
        "access": "guest",
        "flow": "enhanced",
        "provider": "guest",
        "outcome": Outcome.SUCCEEDED,
        "identity_id": IDENTITY,
        "role_arn": "arn:aws:iam::000000000000:role/LabGuest",
        "duration_ms": 21,
        "created_at": NOON,
    }
    return Run(**{**defaults, **fields})


def call_row(run: Run, position: int, **fields: Any) -> ApiCall:
    """An answered call, not saved."""
    defaults: dict[str, Any] = {
        "step": "get-id",
        "service": "cognito-identity",
        "operation": "GetId",
        "signed": False,
        "state": ApiCall.State.ANSWERED,
        "status": 200,
        "request_id": f"request-{run.pk}-{position}",
    }
    return ApiCall(run=run, position=position, **{**defaults, **fields})


def browser(visitor: UUID = VISITOR, user: User | None = None) -> Client:
    """A browser with its visitor cookie, signed in when an account is given."""
    client = Client()
    client.cookies[settings.VISITOR_COOKIE_NAME] = signing.get_cookie_signer(salt=settings.VISITOR_COOKIE_NAME).sign(
        str(visitor)
    )
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def make_run(db: None) -> MakeRun:
    """Saves a run with as many calls as `calls` says; each is a minute older than the one before."""
    made = 0

    def make(calls: int = 2, **fields: Any) -> Run:
        nonlocal made
        run = run_row(**{"created_at": NOON - timedelta(minutes=made), **fields})
        run.save()
        ApiCall.objects.bulk_create(call_row(run, position + 1) for position in range(calls))
        made += 1
        return run

    return make


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user("ana", password="correct horse battery")


@pytest.fixture
def reviewer(db: None) -> User:
    user = User.objects.create_user("rita", password="correct horse battery")
    user.user_permissions.add(Permission.objects.get(codename="review_run"))
    return user
