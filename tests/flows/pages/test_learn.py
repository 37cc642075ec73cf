"""The reference pages agree with the SDK and with the flows."""

import pytest
from django.test import Client
from django.utils.html import escape

from flows.exchange.steps import STEPS
from flows.pages.learn.reference import reference
from lessons.flow_choice import advice
from lessons.operations import OPERATIONS
from lessons.sdk_credentials import SDKS
from providers.registry import PROVIDERS
from tests.flows.history.conftest import MakeRun, make_run

__all__ = ["make_run"]

pytestmark = pytest.mark.django_db


def test_each_step_is_signed_as_the_model_says() -> None:
    for step in STEPS.values():
        assert reference(step.operation).signed == step.signed


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_has_a_page(client: Client, operation: str) -> None:
    page = client.get(f"/learn/api/{operation}/").content.decode()
    for member in reference(operation).parameters:
        assert member.path in page


def test_every_step_has_a_lesson_and_is_signed_as_the_model_says() -> None:
    for step in STEPS.values():
        assert step.operation in OPERATIONS
        assert reference(step.operation).signed == step.signed
        assert reference(step.operation).lesson.doc == step.doc


def test_an_operation_that_no_flow_uses_has_no_page(client: Client) -> None:
    assert client.get("/learn/api/DeleteIdentityPool/").status_code == 404


def test_htmx_gets_the_panel_and_others_the_page(client: Client) -> None:
    panel = client.get("/learn/api/GetId/", headers={"HX-Request": "true"}).content.decode()
    assert panel.lstrip().startswith("<article")
    assert "<html" in client.get("/learn/api/GetId/").content.decode()


def test_an_operation_stands_beside_a_call_that_was_recorded(client: Client) -> None:
    page = client.get("/learn/api/GetCredentialsForIdentity/").content.decode()
    assert "Recorded in the sandbox" in page
    assert "‹secret key" in page
    assert "/send/?service=cognito-identity&amp;operation=GetCredentialsForIdentity" in page
    assert 'href="/learn/errors/guests-off/"' not in page  # GetId says that
    assert "aws cognito-identity get-credentials-for-identity" in page


def test_ones_own_call_stands_there_when_there_is_one(client: Client, make_run: MakeRun) -> None:
    client.get("/")
    run = make_run(visitor=client.get("/").wsgi_request.owner.visitor)  # type: ignore[attr-defined]
    page = client.get("/learn/api/GetId/").content.decode()
    assert f"your run {run.short_code}" in page
    assert "Recorded in the sandbox" in Client().get("/learn/api/GetId/").content.decode()


@pytest.mark.parametrize(
    ("answers", "flow", "why"),
    [
        ({}, "enhanced", "one hour"),
        ({"role": "app"}, "basic", "name any role"),
        ({"session": "yes"}, "basic", "DurationSeconds"),
        ({"who": "guest", "services": "yes"}, "basic", "session policy for guests"),
        ({"who": "saml", "role": "app"}, "enhanced", "refuses SAML"),
        ({"who": "nobody-knows", "role": "neither"}, "enhanced", "one hour"),
    ],
)
def test_four_questions_lead_to_a_flow_and_say_why(answers: dict[str, str], flow: str, why: str) -> None:
    found = advice(answers)
    assert found.flow == flow
    assert any(why in reason for reason in found.reasons)


def test_what_the_flow_costs_is_said(client: Client) -> None:
    page = client.get("/learn/which-flow/", {"who": "saml", "role": "app"}).content.decode()
    assert "Not possible there" in page
    assert "flow=enhanced" in page
    assert "Nearly always" in client.get("/learn/which-flow/").content.decode()


def test_the_table_has_each_provider_by_its_name_in_the_logins_map(client: Client) -> None:
    page = client.get("/learn/providers/").content.decode()
    for provider in PROVIDERS.values():
        assert provider.label in page
        assert f"<code>{escape(provider.logins_key)}</code>" in page or not provider.logins_key


def test_each_sdk_has_a_provider_or_says_what_to_do_instead(client: Client) -> None:
    page = client.get("/learn/sdks/").content.decode()
    for sdk in SDKS:
        assert sdk.docs.startswith("https://")
        assert escape(sdk.docs) in page
        assert bool(sdk.provider) == bool(sdk.where) == (sdk.flows != "none")
