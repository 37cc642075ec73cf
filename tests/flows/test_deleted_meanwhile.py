"""A run that somebody deleted after it was looked up: every verb says so, and none fails otherwise."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.owners import Owner
from flows import services
from flows.exchange.pools import pool_for
from flows.exchange.steps import FLOWS
from flows.models import Run
from flows.services.journal import Journal, redactor_for
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact, artifact_keep
from sandbox.testing import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)  # foreign keys are checked when a transaction ends


@pytest.mark.parametrize("verb", [services.run_advance, services.run_all, services.run_cancel])
def test_an_open_run(open_run: Callable[..., Run], verb: Callable[..., object]) -> None:
    run = open_run()
    Run.objects.filter(pk=run.pk).delete()
    with pytest.raises(services.RunGone, match="deleted in the meantime"):
        verb(run=run)


def test_a_run_that_was_under_way_from_its_beginning(visitor: Owner, sandbox: RunningSandbox) -> None:
    run = services.runs.run_row(
        owner=visitor,
        access="guest",
        flow=FLOWS["enhanced"],
        provider=PROVIDERS["guest"],
        pool=pool_for(visitor),
        parameters={},
    )

    @services.leases.begun(run)
    def deleted_before_its_first_call() -> None:
        Run.objects.filter(pk=run.pk).delete()
        Journal(run, redactor_for(run), last=0).insert(step="get_id", service="cognito-identity", operation="GetId")

    with pytest.raises(services.RunGone):
        deleted_before_its_first_call()


def test_a_run_whose_lease_was_over(open_run: Callable[..., Run], sandbox: RunningSandbox) -> None:
    """Its process was slow: the run counted as interrupted, and then it was deleted."""
    run = open_run()
    lease = services.leases.take(run)
    Run.objects.filter(pk=run.pk).delete()
    with pytest.raises(services.RunGone), services.leases.noticing_deletion(run):
        lease.give_back()


def test_a_run_that_signed_in(open_run: Callable[..., Run], visitor: Owner) -> None:
    run = signed_in(visitor)
    Run.objects.filter(pk=run.pk).delete()
    with pytest.raises(services.RunGone):
        services.run_signed_in(run=run)


def test_the_source_of_another_run(open_run: Callable[..., Run], visitor: Owner) -> None:
    source = signed_in(visitor)
    Run.objects.filter(pk=source.pk).delete()
    with pytest.raises(services.RunGone):
        services.run_again(source=source, variant="basic", pool=pool_for(visitor, source.pool_key))
    assert not Run.objects.exists(), "half a run is none"


def test_the_target_of_a_link(open_run: Callable[..., Run], visitor: Owner) -> None:
    source, target = signed_in(visitor), services.run_all(run=open_run())
    Run.objects.filter(pk=target.pk).delete()
    with pytest.raises(services.RunGone):
        services.run_link(source=source, target=target, pool=pool_for(visitor, source.pool_key))
    assert list(Run.objects.all()) == [source]


def signed_in(owner: Owner) -> Run:
    run = services.run_open(
        owner=owner,
        access="authenticated",
        flow="enhanced",
        provider="google",
        pool=pool_for(owner, ""),
        parameters={},
    )
    artifact = Artifact(
        provider="google",
        kind="id_token",
        provider_name="accounts.google.com",
        value="header.claims.signature",
        expires_at=timezone.now() + timedelta(minutes=10),
        subject="1001",
    )
    artifact_keep(run.owner, run_code=run.code, artifact=artifact)
    return run
