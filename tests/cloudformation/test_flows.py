"""The application's flows on the outputs of the stack, with APP_MODE=aws."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from sandbox.testing import RunningSandbox
from tests.cloudformation.application import PASSWORD, Somebody, settings_of, take
from tests.cloudformation.conftest import NewStack
from tests.cloudformation.deployer import Deployer
from tests.cloudformation.template import Template
from tests.cloudformation.test_template import setting_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab(new_stack: NewStack) -> Deployer:
    """A stack with somebody in its user pool, and something in its bucket and table."""
    stack = new_stack({})
    idp, named = stack.client_of("cognito-idp"), {"UserPoolId": stack.outputs["CognitoUserPoolId"]}
    for person in ("ana@example.com", "grace@example.com"):
        attributes = [{"Name": "email", "Value": person}, {"Name": "email_verified", "Value": "true"}]
        idp.admin_create_user(**named, Username=person, UserAttributes=attributes, MessageAction="SUPPRESS")
        idp.admin_set_user_password(**named, Username=person, Password=PASSWORD, Permanent=True)
    idp.admin_add_user_to_group(**named, Username="ana@example.com", GroupName="engineers")
    s3 = stack.client_of("s3")
    s3.put_object(Bucket=stack.outputs["SampleBucket"], Key=stack.outputs["SampleObjectKey"], Body=b"catalogue")
    key = stack.outputs["SampleTeamObjectKey"]
    s3.put_object(Bucket=stack.outputs["SamplePrivateBucket"], Key=key, Body=b"What the engineers do next")
    return stack


@pytest.fixture
def deployed(lab: Deployer, cloud: RunningSandbox, environment: dict[str, str], settings: Settings) -> Deployer:
    outputs = {setting_of(name): value for name, value in lab.outputs.items()}
    made = {"APP_MODE": "aws", "SECRET_KEY": "k9" * 30, **outputs}
    take(settings, settings_of(environment | made), cloud)
    return lab


@pytest.fixture
def used(deployed: Deployer) -> Callable[..., Any]:
    """Uses the credentials of a run for a sample call; the call that was made."""

    def use(person: Somebody, run: Any, sample: str) -> Any:
        assert person.post(f"/runs/{run.code}/use/", sample=sample).status_code in (200, 302)
        return run.calls.order_by("-position")[0]

    return use


def role_of(call: Any) -> str:
    """The role whose session GetCallerIdentity names."""
    return str(call.response_params["Arn"]).split("/")[1]


def name_of(stack: Deployer, role: str) -> str:
    return stack.resources[role].made.physical_id


def guest(person: Somebody, flow: str) -> Any:
    sent = {"access": "guest", "provider": "guest", "flow": flow, "pool": "configured", "pace": "all"}
    assert person.post("/runs/", **sent).status_code == 302
    return person.latest


@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_a_guest_gets_credentials_that_read_the_samples(
    deployed: Deployer, used: Callable[..., Any], flow: str
) -> None:
    person = Somebody()
    run = guest(person, flow)
    assert (run.outcome, run.mode, run.flow) == ("succeeded", "aws", flow)
    assert role_of(used(person, run, "who-am-i")) == name_of(deployed, "GuestRole")
    assert used(person, run, "read-object").error_code == ""
    assert used(person, run, "scan-table").error_code == ""
    assert used(person, run, "write-object").error_code == "AccessDenied"
    refused = used(person, run, "read-parameter")
    assert bool(refused.error_code) is (flow == "enhanced")


def test_people_of_the_user_pool_get_the_role_of_their_group(deployed: Deployer, used: Callable[..., Any]) -> None:
    ana, grace = Somebody(), Somebody()
    run = ana.sign_in_and_run("ana@example.com")
    assert (run.outcome, run.mode) == ("succeeded", "aws"), run.error_message
    assert role_of(used(ana, run, "who-am-i")) == name_of(deployed, "EngineersRole")
    assert used(ana, run, "read-team-object").error_code == ""
    other = grace.sign_in_and_run("grace@example.com")
    assert role_of(used(grace, other, "who-am-i")) == name_of(deployed, "AuthenticatedRole")
    assert used(grace, other, "read-team-object").error_code == "AccessDenied"


def test_people_of_the_user_pool_may_use_the_basic_flow_once_no_role_is_chosen(
    deployed: Deployer, template: Template
) -> None:
    refused = Somebody().sign_in_and_run("grace@example.com", "basic")
    assert refused.outcome == "refused"
    deployed.deploy(template, {"RoleChoice": "same"})
    try:
        run = Somebody().sign_in_and_run("grace@example.com", "basic")
    finally:
        deployed.deploy(template, {})
    assert (run.outcome, run.flow) == ("succeeded", "basic"), run.error_message
    assert name_of(deployed, "AuthenticatedRole") in run.assumed_role_arn
