"""Nothing is shown without its lesson: each operation, step, parameter, refusal and kind of provider has one."""

import re
from typing import get_args

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ParamValidationError

from flows.exchange.steps import FLOWS, STEPS
from flows.pages.demo.state import Access
from flows.traces import Trace, read_trace
from lessons import sign_in_advice
from lessons.errors import ERRORS, ErrorLesson
from lessons.first_steps import FIRST_STEPS
from lessons.flow_differences import DIFFERENCES, FACTS, VOUCHING_OPERATION
from lessons.flows import FLOW_LESSONS
from lessons.operations import OPERATIONS
from lessons.parameters import PARAMETERS
from lessons.provider_kinds import PROVIDER_KINDS
from lessons.refusals import REFUSALS, refusal_for
from lessons.steps import STEP_LESSONS
from providers.registry import PROVIDERS
from providers.sign_in.models import SignIn
from tests import ROOT

KEPT = ROOT / "tests" / "kept"


def test_flows_and_lessons_of_flows_are_the_same_ones() -> None:
    assert FLOW_LESSONS.keys() == FLOWS.keys()


def test_each_step_has_a_lesson_and_each_lesson_a_step() -> None:
    assert {step.operation for step in STEPS.values()} <= OPERATIONS.keys()
    assert STEP_LESSONS.keys() <= STEPS.keys()
    for step in STEPS.values():
        assert step.purpose
        assert step.explanation
        assert step.doc == OPERATIONS[step.operation].doc


def test_each_parameter_that_can_be_set_has_a_lesson() -> None:
    assert {editable.name for flow in FLOWS.values() for editable in flow.editable} == PARAMETERS.keys()


@pytest.mark.parametrize("access", get_args(Access))
@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_who_chooses_the_role_is_said_for_each_access_and_flow(access: str, flow: str) -> None:
    points = [fact.point for fact in FACTS[access][flow]]
    assert DIFFERENCES[0].point in points
    assert len(set(points)) == len(points)


def test_the_operation_by_which_a_server_vouches_has_a_lesson() -> None:
    assert VOUCHING_OPERATION in OPERATIONS


def test_each_kind_of_provider_has_a_lesson() -> None:
    assert {provider.kind for provider in PROVIDERS.values()} - {"guest"} == PROVIDER_KINDS.keys()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_error_that_the_service_model_names_has_a_lesson(operation: str) -> None:
    model = botocore.session.Session().get_service_model(OPERATIONS[operation].service).operation_model(operation)
    codes = {shape.error_code for shape in model.error_shapes}
    assert {code for code in codes if not any(re.fullmatch(refusal.code, code) for refusal in REFUSALS)} == set()


@pytest.mark.parametrize(
    ("parameters", "advice"),
    [
        ({"CustomRoleArn": "LabEngineers"}, "too short to be an ARN"),
        ({"Logins": "a token alone"}, "a text where a map belongs"),
        ({"Logins": {"name": 1}}, "another form"),
        ({"IdentityId": ""}, "does not have the format"),
    ],
)
def test_what_the_sdk_does_not_send_is_advised_by_its_reason(parameters: dict[str, object], advice: str) -> None:
    client = boto3.client("cognito-identity", "us-east-1", config=Config(signature_version=UNSIGNED))
    with pytest.raises(ParamValidationError) as refused:
        client.get_credentials_for_identity(**{"IdentityId": "us-east-1:5a4db000", **parameters})
    found = refusal_for("ParamValidationError", str(refused.value))
    assert found is not None
    assert advice in found.cause


def test_a_duration_below_what_sts_takes_is_advised_as_that() -> None:
    client = boto3.client("sts", "us-east-1", config=Config(signature_version=UNSIGNED))
    asked = {"RoleArn": "arn:aws:iam::000000000000:role/LabGuest", "RoleSessionName": "x1", "WebIdentityToken": "x" * 9}
    with pytest.raises(ParamValidationError) as refused:
        client.assume_role_with_web_identity(**asked, DurationSeconds=100)
    found = refusal_for("ParamValidationError", str(refused.value))
    assert found is not None
    assert "smaller or larger" in found.cause


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        (
            "The ambiguous role mapping rules for: arn:aws:iam::1:saml-provider/A denied this request.",
            "of the assertion",
        ),
        ("The ambiguous role mapping rules for: accounts.google.com denied this request.", "a claim that one rule"),
        ("The role 'arn:aws:iam::1:role/A' is not among the roles of the login token.", "one that it offers"),
    ],
)
def test_a_role_that_was_not_chosen_or_not_offered_has_advice_of_its_own(message: str, remedy: str) -> None:
    found = refusal_for("NotAuthorizedException", message)
    assert found is not None
    assert remedy in found.remedy


def test_each_outcome_of_a_sign_in_but_success_has_advice() -> None:
    assert {str(outcome) for outcome in SignIn.Outcome} - {"succeeded"} == sign_in_advice.BY_OUTCOME.keys()


@pytest.mark.parametrize(
    ("trace", "done"), [("trace-1-succeeded", ["own-role", "use"]), ("trace-1-refused", ["refused"])]
)
def test_first_steps_are_read_from_a_stored_trace(trace: str, done: list[str]) -> None:
    read: Trace = read_trace((KEPT / f"{trace}.json").read_bytes())
    assert [step.key for step in FIRST_STEPS if step.is_shown_by(read)] == done


@pytest.mark.parametrize("lesson", ERRORS, ids=lambda lesson: lesson.slug)
def test_each_error_that_has_a_page_has_advice_on_a_run_too(lesson: ErrorLesson) -> None:
    assert [code for code in lesson.codes if refusal_for(code, lesson.message) is None] == []
