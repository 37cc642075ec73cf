import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.sandbox.aws.gate.people import Person, allow

PUBLIC = "identity-pools-lab-public"


def decisions(call: Any, **params: Any) -> list[dict[str, Any]]:
    try:
        answer = call(**params)
    except ClientError as error:
        answer = error.response
    found: list[dict[str, Any]] = json.loads(answer["ResponseMetadata"]["HTTPHeaders"]["x-sandbox-decisions"])
    return found


def test_an_allow_names_the_statements_of_both_layers(guest: Person) -> None:
    found = decisions(guest.client("s3").list_objects_v2, Bucket=PUBLIC)
    told = [(item["code"], item["actual"], item["verdict"]) for item in found if item["code"].startswith("policy.")]
    assert told == [
        ("policy.identity", "LabGuestAccess of role LabGuest, ListPublicBucket", "pass"),
        ("policy.session", "session policy 1, statement 1", "pass"),
    ]


def test_a_refusal_ends_in_the_layer_that_refused(guest: Person) -> None:
    found = decisions(guest.client("ssm").get_parameter, Name="/identity-pools-lab/x")
    assert [(item["code"], item["verdict"]) for item in found[-2:]] == [
        ("policy.identity", "pass"),
        ("policy.session", "deny"),
    ]
    assert found[-1]["actual"] == "no statement of the 2 session policies"


def test_an_explicit_deny_is_named(hired: Callable[..., Person]) -> None:
    deny = {"Sid": "Never", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    last = decisions(hired(allow("s3:*"), deny).client("s3").list_buckets)[-1]
    assert last["verdict"] == "deny"
    assert "Never" in last["actual"]


def test_an_administrator_may_do_everything(admin: Person) -> None:
    (entry,) = [item for item in decisions(admin.client("s3").list_buckets) if item["code"] == "policy.administrator"]
    assert entry["verdict"] == "info"
