"""Forms that do not fit come back with an error summary; nothing is sent."""

import pytest
from django.test import Client

from flows.models import Run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("pool", "somebody-elses", "Select a valid choice"),
        ("provider", "nobody", "Select a valid choice"),
        ("flow", "shortcut", "Select a valid choice"),
        ("provider", "google", "Google does not offer that kind of access."),
        ("RoleArn", "x" * 3000, "at most 2048 characters"),
    ],
)
def test_a_choice_that_is_none_is_named(client: Client, field: str, value: str, said: str) -> None:
    form = {"access": "guest", "flow": "basic", "provider": "guest", "pool": "lab", "pace": "all", field: value}
    answer = client.post("/runs/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in page
    assert said in page
    assert not Run.objects.exists()


@pytest.mark.parametrize("position", ["", "x", "²"])
def test_a_call_is_only_sent_for_the_step_that_was_shown(client: Client, position: str) -> None:
    client.post("/runs/", {"flow": "basic", "provider": "guest", "pool": "lab", "pace": "step"})
    run = Run.objects.get()
    assert client.post(f"/runs/{run.code}/advance/", {"position": position}).status_code == 422
    assert not run.calls.exists()


@pytest.mark.parametrize(("shown", "other"), [("enhanced", "basic"), ("basic", "enhanced")])
def test_a_providers_button_for_the_other_flow_begins_that_one(client: Client, shown: str, other: str) -> None:
    page = client.get("/demo/", {"access": "authenticated", "flow": shown}).content.decode()
    assert f'aria-label="Google in the {other} flow"' in page
    assert f'formaction="/runs/?flow={other}"' in page
    form = {"access": "authenticated", "flow": shown, "pool": "lab", "pace": "all"}
    answer = client.post(f"/runs/?flow={other}", {**form, "provider": "google"})
    assert answer.status_code == 302, answer.content.decode()
    assert Run.objects.get().flow == other
    assert client.post("/runs/?flow=shortcut", {**form, "provider": "google"}).status_code == 422
