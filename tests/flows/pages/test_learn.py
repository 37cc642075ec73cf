"""The reference pages agree with the SDK and with the flows."""

import pytest
from django.test import Client

from flows.exchange.steps import STEPS
from flows.pages.learn.reference import reference
from lessons.operations import OPERATIONS

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
