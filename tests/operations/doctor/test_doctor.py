"""`manage.py doctor`: one line a check, a verdict at the end, JSON by a schema, and nothing but reading."""

import json
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError

from operations.doctor.examination import CHECKS
from operations.doctor.looking import ALLOWED, Looking, NotReadOnly
from tests import ROOT
from tests.operations.conftest import Operator
from tests.operations.doctor.conftest import Installation
from tests.operations.doctor.test_faults import change_pool

ONLY = "pool,guests,classic,trust"


def run(lab: Installation, *arguments: str) -> tuple[int, str]:
    """The exit code, and what was said."""
    try:
        lab.operator.run("doctor", *arguments)
    except SystemExit as end:
        return int(str(end.code)), lab.operator.said
    return 0, lab.operator.said


def test_fine_is_a_line_each_and_a_verdict_at_the_end(lab: Installation) -> None:
    code, said = run(lab, "--only", ONLY)
    assert code == 0
    lines = said.strip().splitlines()
    assert lines[-1] == "Ready: everything that was checked is fine."
    assert [line for line in lines if "✔" in line] == [
        line for line in lines[:-1] if line and not line.startswith(("Identity", "Roles"))
    ]
    assert "Found:" not in said


def test_an_error_is_told_in_full_and_ends_with_2(lab: Installation) -> None:
    change_pool(lab, AllowUnauthenticatedIdentities=False)
    try:
        code, said = run(lab, "--only", ONLY)
    finally:
        change_pool(lab, AllowUnauthenticatedIdentities=True)
    assert code == 2
    assert "✖ Guest access [lab.D04 guests] error" in said
    for part in ("Found:", "Expected:", "Why:", "aws cognito-identity update-identity-pool"):
        assert part in said
    assert said.count("Found:") == 1
    assert said.strip().splitlines()[-1] == "Not ready: 1 check failed."


def test_a_warning_ends_with_1(lab: Installation) -> None:
    lab.set(AWS_REGION="eu-central-1")
    code, said = run(lab, "--only", "pool")
    assert (code, said.strip().splitlines()[-1]) == (1, "It works, with 1 warning.")


def test_json_is_as_the_schema_has_it(lab: Installation) -> None:
    schema = json.loads((ROOT / "docs" / "doctor-v1.schema.json").read_text())
    change_pool(lab, AllowUnauthenticatedIdentities=False)
    try:
        code, said = run(lab, "--json")
    finally:
        change_pool(lab, AllowUnauthenticatedIdentities=True)
    found = json.loads(said)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    assert (found["version"], found["exit_code"], code) == (1, 2, 2)
    assert [row["id"] for row in found["rows"]] == [f"lab.D{number:02d}" for number in range(1, 23)]
    (guests,) = [row for row in found["rows"] if row["name"] == "guests"]
    assert guests["findings"][0]["fixes"][0]["kind"] == "aws"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "version": 2}, schema)


def test_offline_asks_nobody(lab: Installation) -> None:
    lab.settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    code, said = run(lab, "--offline")
    assert code == 0
    assert said.count("left out by --offline") == 21
    assert "✔ This installation" in said


def test_an_unknown_check_is_refused(operator: Operator) -> None:
    with pytest.raises(CommandError, match="no check 'nothing'"):
        operator.run("doctor", "--only", "nothing")


def test_nothing_but_reading_gets_out_of_the_process(lab: Installation) -> None:
    looking = Looking()
    for service, allowed in ALLOWED.items():
        client = looking.client(service, "us-east-1")
        model = client.meta.service_model
        assert set(allowed) <= set(model.operation_names), service
        assert all(one.startswith(("Describe", "Get", "List")) for one in allowed), service
        for operation in set(model.operation_names) - set(allowed):
            event = f"before-call.{model.service_id.hyphenize()}.{operation}"
            # What botocore's own handlers expect, some of which come before ours.
            request = {"headers": {}, "body": b"", "url_path": "/", "query_string": {}, "method": "POST", "context": {}}
            asked = {"model": model.operation_model(operation), "params": request, "context": {}}
            with pytest.raises(NotReadOnly):
                client.meta.events.emit(event, **asked, request_signer=None)


def test_a_call_that_writes_fails_before_it_is_sent(lab: Installation) -> None:
    client: Any = Looking().client("cognito-identity", "us-east-1")
    with pytest.raises(NotReadOnly, match="CreateIdentityPool"):
        client.create_identity_pool(IdentityPoolName="x", AllowUnauthenticatedIdentities=True)
    listed = lab.client("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
    assert "x" not in [one["IdentityPoolName"] for one in listed]


def test_the_documented_policy_names_what_is_called_and_no_more() -> None:
    page = (ROOT / "docs" / "aws-setup.md").read_text()
    (text,) = [part.partition("```")[0] for part in page.split("```json\n")[1:]]
    documented = {action for one in json.loads(text)["Statement"] for action in one["Action"]}
    called = {permission for service in ALLOWED.values() for permission in service.values()}
    assert documented == called - {"sts:GetCallerIdentity"}  # which nobody has to be allowed


def test_there_are_22_and_each_has_a_name_of_its_own() -> None:
    assert len(CHECKS) == len({listed.name for listed in CHECKS}) == 22
