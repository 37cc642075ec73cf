"""A sign-in from which nobody comes back ends by itself, as *Abandoned*, when its time is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from providers.models import SignIn
from tests.providers.browser import Browser


def left(**fields: object) -> SignIn:
    """The one sign-in, as if its time had been over for a minute."""
    SignIn.objects.update(expires_at=timezone.now() - timedelta(minutes=1), **fields)
    return SignIn.objects.get()


def test_its_page_the_list_and_the_run_say_so(ana: Browser, stand_ins: str) -> None:
    ana.begin("google")
    sign_in = left()
    assert "Abandoned" in ana.get("/sign-ins/").content.decode()
    sign_in.refresh_from_db()
    assert (sign_in.outcome, sign_in.finished_at) == ("abandoned", sign_in.expires_at)
    assert "Nobody came back from the" in ana.get(sign_in.get_absolute_url()).content.decode()
    assert ana.outcome().outcome == "abandoned"


def test_an_answer_that_comes_later_is_not_used(ana: Browser, stand_ins: str) -> None:
    answer = ana.at_provider(ana.begin("google"))
    sign_in = left()
    ana.get("/sign-ins/")
    ana.arrive(answer)
    sign_in.refresh_from_db()
    assert sign_in.outcome == "abandoned"
    assert ana.artifact() is None


@pytest.mark.parametrize(("minutes", "outcome"), [(0, "under_way"), (1, "abandoned")])
def test_one_that_is_not_over_stays(ana: Browser, stand_ins: str, minutes: int, outcome: str) -> None:
    ana.begin("google")
    if minutes:
        left()
    assert ana.outcome().outcome == outcome


def test_an_answer_that_is_being_looked_at_has_time(ana: Browser, stand_ins: str) -> None:
    ana.begin("google")
    sign_in = left(claimed_at=timezone.now())
    assert ana.outcome().outcome == "under_way"
    SignIn.objects.update(expires_at=sign_in.expires_at - timedelta(minutes=5))
    assert ana.outcome().outcome == "abandoned"
