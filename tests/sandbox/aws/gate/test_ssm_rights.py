"""Parameters of Systems Manager: each one that a request names is authorised."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.aws.gate.people import Person, allow, refused

Hired = Callable[..., Person]
ARN = "arn:aws:ssm:us-east-1:000000000000:parameter"


@pytest.fixture(scope="module", autouse=True)
def parameters(admin: Person) -> None:
    for name in ("/open/a", "/open/b", "/closed/a", "plain"):
        admin.client("ssm").put_parameter(Name=name, Value="v", Type="String", Overwrite=True)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("get_parameter", {"Name": "/open/a"}),
        ("get_parameter", {"Name": "/open/a:1"}),
        ("get_parameter", {"Name": f"{ARN}/open/a"}),
        ("get_parameters", {"Names": ["/open/a", "/open/b"]}),
        ("get_parameters_by_path", {"Path": "/open/"}),
        ("get_parameter_history", {"Name": "/open/a"}),
        ("add_tags_to_resource", {"ResourceType": "Parameter", "ResourceId": "/open/a", "Tags": []}),
    ],
)
def test_parameters_that_the_policy_names(hired: Hired, operation: str, params: dict[str, Any]) -> None:
    assert getattr(hired(allow("ssm:*", f"{ARN}/open/*")).client("ssm"), operation)(**params)


@pytest.mark.parametrize(
    ("operation", "params", "resource"),
    [
        ("get_parameter", {"Name": "/closed/a"}, f"{ARN}/closed/a"),
        ("get_parameter", {"Name": f"{ARN}/closed/a:1"}, f"{ARN}/closed/a"),
        ("get_parameters", {"Names": ["/open/a", "/closed/a"]}, f"{ARN}/closed/a"),
        ("get_parameters_by_path", {"Path": "/closed"}, f"{ARN}/closed"),
        ("get_parameters_by_path", {"Path": "/", "Recursive": True}, f"{ARN}/"),
        ("delete_parameters", {"Names": ["/open/none", "/closed/a"]}, f"{ARN}/closed/a"),
        ("list_tags_for_resource", {"ResourceType": "Parameter", "ResourceId": "/closed/a"}, f"{ARN}/closed/a"),
        ("describe_parameters", {}, "*"),
    ],
)
def test_parameters_that_it_does_not_name(hired: Hired, operation: str, params: dict[str, Any], resource: str) -> None:
    client = hired(allow("ssm:*", f"{ARN}/open/*")).client("ssm")
    code, status, message = refused(getattr(client, operation), **params)
    assert (code, status) == ("AccessDeniedException", 400)
    assert f" on resource: {resource} because" in message


def test_a_deny_holds_for_each_of_several(hired: Hired) -> None:
    deny = {"Effect": "Deny", "Action": "ssm:*", "Resource": f"{ARN}/closed/*"}
    client = hired(allow("ssm:*"), deny).client("ssm")
    assert client.get_parameters(Names=["/open/a", "plain"])["Parameters"]
    assert "with an explicit deny" in refused(client.get_parameters, Names=["/open/a", "/closed/a"])[2]


def test_what_is_not_there_is_named_as_it_was_asked_for(admin: Person) -> None:
    ssm, names = admin.client("ssm"), [f"{ARN}/open/a", f"{ARN}/nowhere", "/nowhere/b"]
    answer = ssm.get_parameters(Names=names)
    assert [one["Name"] for one in answer["Parameters"]] == ["/open/a"]
    assert sorted(answer["InvalidParameters"]) == sorted(names[1:])
    code, _, message = refused(ssm.get_parameter, Name="/open/a:1:2")
    assert (code, message) == ("ParameterNotFound", "Parameter /open/a:1:2 not found.")
