"""Somebody with many runs has a table of identities that costs what one with few does."""

from datetime import timedelta

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from flows.models import ApiCall, Run
from tests.flows.history.conftest import NOON, browser, call_row, run_row


def test_it_looks_at_the_newest_runs_in_a_few_queries(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = (run_row(identity_id=f"us-east-1:{n:036}", created_at=NOON + timedelta(seconds=n)) for n in range(300))
    runs = Run.objects.bulk_create(rows)
    ApiCall.objects.bulk_create(call_row(run, 1) for run in runs)
    ApiCall.objects.bulk_create(call_row(run, 2, operation="GetCredentialsForIdentity") for run in runs)
    client: Client = browser()
    client.get("/identities/")
    with django_assert_max_num_queries(4):
        page = client.get("/identities/").content.decode()
    assert page.count('id="i-') == 100
    assert "Of your newest 100 runs." in page
