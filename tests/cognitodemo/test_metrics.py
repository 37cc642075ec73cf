"""What Prometheus reads."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from flows.models import ApiCall, Outcome, Run

TOKEN = "a-token-for-prometheus"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.APP_MODE = "aws"  # no sandbox is asked


def made(user: User, *seconds: float, minutes: int = 0, **values: Any) -> Run:
    """A run with a GetId for each of `seconds`, begun so many minutes ago."""
    shared = {"mode": "aws", "region": "us-east-1", "pool_id": "us-east-1:1", "access": "guest", "provider": "guest"}
    begun = timezone.now() - timedelta(minutes=minutes)
    run = Run.objects.create(user=user, flow="enhanced-guest", created_at=begun, **(shared | values))
    for position, duration in enumerate(seconds, start=1):
        ApiCall.objects.create(
            run=run, position=position, step="get_id", state="answered", service="cognito-identity",
            operation="GetId", signed=False, duration_ms=duration * 1000,
        )  # fmt: skip
    return run


def read(client: Client) -> dict[tuple[str, ...], float]:
    """Name and labels' values, by their names, -> value."""
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (one.name, *(value for _, value in sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}])
def test_nobody_reads_them_without_the_token(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/metrics", headers=headers)  # no db fixture: a query would fail the test
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_without_the_setting_there_is_no_such_page(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for headers in ({}, {"authorization": "Bearer "}):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.django_db
def test_an_installation_without_runs_has_figures_too(client: Client) -> None:
    assert read(client) == {("lab_runs_begun_total",): 0, ("lab_runs_running",): 0, ("lab_vault_values",): 0}


@pytest.mark.django_db
def test_they_tell_of_the_last_five_minutes(client: Client) -> None:
    ana = User.objects.create_user("ana")
    made(ana, 0.1, 0.2, outcome=Outcome.SUCCEEDED)
    made(ana, 0.3, 4.0, outcome=Outcome.REFUSED, error_code="NotAuthorizedException", provider="google")
    made(ana, 9.0, outcome=Outcome.SUCCEEDED, minutes=6)
    newest = made(ana, outcome=Outcome.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
    found = read(client)
    assert found["lab_runs_begun_total",] == newest.pk
    assert found["lab_runs_5m", "enhanced-guest", "succeeded", "guest"] == 1
    assert found["lab_runs_5m", "enhanced-guest", "refused", "google"] == 1
    assert found["lab_refusals_5m", "NotAuthorizedException"] == 1
    assert found["lab_runs_running",] == 1
    assert found["lab_call_seconds_5m", "GetId", "0.5", "cognito-identity"] == 0.2
    assert found["lab_call_seconds_5m", "GetId", "0.95", "cognito-identity"] == 4.0


@pytest.mark.django_db
def test_they_name_nobody(client: Client) -> None:
    ana = User.objects.create_user("ana")
    made(ana, 0.1, subject="ana@example.org", identity_id="us-east-1:157d6171-ee4c-c91b-8000-ba9dfdfe0aba")
    written = client.get("/metrics", headers=BEARER).content.decode()
    for told in ("ana", "157d6171", "us-east-1:1"):
        assert told not in written


@pytest.mark.django_db
def test_they_cost_six_queries_however_many_runs_there_are(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ana = User.objects.create_user("ana")
    for _ in range(20):
        made(ana, 0.1)
    with django_assert_num_queries(6):
        read(client)
