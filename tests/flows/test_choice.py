"""What does not go together is refused before there is a run."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.owners import Owner
from flows.exchange.pools import UnknownPool, pool_for, pools_for
from flows.models import Outcome, Run
from flows.services import ChoiceRefused, OtherMode, SignInNeeded, run_advance, run_all, run_open, run_preview
from providers.sign_in.artifacts import Artifact

pytestmark = pytest.mark.django_db


def opened(owner: Owner, access: str, flow: str, provider: str, artifact: Artifact | None = None) -> Run:
    return run_open(
        owner=owner,
        access=access,
        flow=flow,
        provider=provider,
        pool=pool_for(owner),
        parameters={},
        artifact=artifact,
    )


@pytest.mark.parametrize(
    ("access", "flow", "provider"),
    [
        ("guest", "quick", "guest"),
        ("guest", "developer-basic", "guest"),
        ("guest", "enhanced", "nobody"),
        ("authenticated", "enhanced", "guest"),
        ("guest", "enhanced", "google"),
    ],
)
def test_refused_choices(visitor: Owner, access: str, flow: str, provider: str) -> None:
    with pytest.raises(ChoiceRefused):
        opened(visitor, access, flow, provider)
    assert not Run.objects.exists()


def test_provider_that_is_not_set_up_names_what_is_missing(visitor: Owner, settings: Settings) -> None:
    settings.GOOGLE_CLIENT_ID = ""
    with pytest.raises(ChoiceRefused, match="GOOGLE_CLIENT_ID"):
        opened(visitor, "authenticated", "enhanced", "google")


def test_artifact_of_another_provider_is_refused(visitor: Owner) -> None:
    artifact = Artifact("google", "id_token", "accounts.google.com", "x", timezone.now())
    with pytest.raises(ChoiceRefused):
        opened(visitor, "guest", "enhanced", "guest", artifact)


def test_run_without_its_sign_in_waits_and_never_goes_as_a_guest(
    sandbox: object, visitor: Owner, settings: Settings
) -> None:
    settings.GOOGLE_CLIENT_ID = settings.GOOGLE_CLIENT_SECRET = "set"
    run = opened(visitor, "authenticated", "enhanced", "google")
    assert run_preview(run=run) is None
    with pytest.raises(SignInNeeded):
        run_advance(run=run)
    run.refresh_from_db()
    assert (run.outcome, run.calls.count()) == (Outcome.OPEN, 0)


def test_run_of_the_sandbox_does_not_go_on_at_aws(open_run: Callable[..., Run], settings: Settings) -> None:
    run = open_run()
    settings.APP_MODE = "aws"
    assert run_preview(run=run) is None
    for verb in (run_advance, run_all):
        with pytest.raises(OtherMode):
            verb(run=run)
    assert run.calls.count() == 0


def test_pools_of_the_sandbox(visitor: Owner) -> None:
    assert [pool.key for pool in pools_for(visitor)][:3] == ["lab", "no-guests", "no-classic"]
    assert pool_for(visitor).key == "lab"
    assert pool_for(visitor, "no-guests").pool_id.endswith("2")


def test_pool_that_is_not_there(visitor: Owner, settings: Settings) -> None:
    with pytest.raises(UnknownPool):
        pool_for(visitor, "another")
    settings.IDENTITY_POOLS = []
    with pytest.raises(UnknownPool, match="COGNITO_IDENTITY_POOL_ID"):
        pool_for(visitor)


def test_region_of_a_pool_is_the_one_in_its_id(visitor: Owner, settings: Settings) -> None:
    settings.IDENTITY_POOLS = [{**settings.IDENTITY_POOLS[0], "pool_id": "eu-west-1:abc", "region": "us-east-1"}]
    assert pool_for(visitor).region == "eu-west-1"


def test_parameters_are_kept_by_name(open_run: Callable[..., Run]) -> None:
    run = open_run("basic", RoleArn=" arn:aws:iam::1:role/x ", Unknown="y")
    assert run.parameters == {"RoleArn": "arn:aws:iam::1:role/x"}
    assert run.role_arn == "arn:aws:iam::1:role/x"
