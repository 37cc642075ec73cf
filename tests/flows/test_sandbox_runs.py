"""Guest runs against the sandbox: what is decided there reaches the stored call."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from flows.models import Outcome, Run
from flows.services import CredentialsGone, run_all, run_credentials, run_use
from lessons.sample_calls import SAMPLES
from sandbox.testing import RunningSandbox
from vault.models import SealedValue


def test_enhanced_run_yields_credentials_for_an_hour(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run())
    credentials = run_credentials(run=run)
    assert credentials is not None
    assert (run.outcome, run.credentials_expire_at) == (Outcome.SUCCEEDED, credentials.expiration)
    assert run.access_key_id == credentials.access_key_id
    assert run.identity_id.startswith("us-east-1:")
    assert run.duration_ms > 0


def test_basic_run_assumes_the_role_that_was_asked_for(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run("basic", RoleSessionName="my-lesson", DurationSeconds="900"))
    assert run.outcome == Outcome.SUCCEEDED
    assert run.role_arn == "arn:aws:iam::000000000000:role/LabGuest"
    assert run.assumed_role_arn == "arn:aws:sts::000000000000:assumed-role/LabGuest/my-lesson"


@pytest.mark.parametrize(
    ("flow", "pool", "parameters", "operation", "code", "message"),
    [
        (
            "enhanced", "no-guests", {}, "GetId", "NotAuthorizedException",
            "Unauthenticated access is not supported for this identity pool.",
        ),
        (
            "basic", "no-classic", {}, "GetOpenIdToken", "InvalidParameterException",
            "Basic (classic) flow is not enabled, please use enhanced flow.",
        ),
        (
            "basic", "", {"RoleArn": "arn:aws:iam::000000000000:role/LabAuthenticated"}, "AssumeRoleWithWebIdentity",
            "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
        (
            "basic", "", {"DurationSeconds": "43200"}, "AssumeRoleWithWebIdentity",
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
    ],
)  # fmt: skip
def test_refusal(
    open_run: Callable[..., Run],
    flow: str,
    pool: str,
    parameters: dict[str, str],
    operation: str,
    code: str,
    message: str,
) -> None:
    run = run_all(run=open_run(flow, pool=pool, **parameters))
    assert (run.outcome, run.error_code, run.error_message) == (Outcome.REFUSED, code, message)
    last = run.calls.last()
    assert last is not None
    assert (last.operation, last.error_code) == (operation, code)
    assert set(last.response_params) == {"Error"}
    assert last.decisions[-1]["verdict"] == "deny"
    assert {decision["source"] for decision in last.decisions} == {"sandbox"}


def test_refused_use_joins_the_trace_and_leaves_the_outcome(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run())
    call = run_use(run=run, sample=SAMPLES["write-object"])
    assert (call.position, call.status, call.error_code) == (3, 403, "AccessDenied")
    assert "is not authorized to perform: s3:PutObject" in call.error_message
    assert run.outcome == Outcome.SUCCEEDED


def test_session_policy_keeps_enhanced_guests_out_but_not_basic_ones(open_run: Callable[..., Run]) -> None:
    enhanced = run_use(run=run_all(run=open_run()), sample=SAMPLES["read-parameter"])
    assert "no session policy allows the ssm:GetParameter action" in enhanced.error_message
    basic = run_use(run=run_all(run=open_run("basic")), sample=SAMPLES["read-parameter"])
    assert basic.status == 200
    assert basic.response_params["Parameter"]["Name"] == "/identity-pools-lab/greeting"


def test_credentials_are_gone_when_the_vault_lets_go(open_run: Callable[..., Run]) -> None:
    run = run_all(run=open_run())
    SealedValue.objects.all().delete()
    assert run_credentials(run=run) is None
    with pytest.raises(CredentialsGone):
        run_use(run=run, sample=SAMPLES["who-am-i"])


@pytest.fixture
def pool_in_ireland(sandbox: RunningSandbox, settings: Settings) -> dict[str, Any]:
    """One more pool that can be chosen, in another region than the samples and the seeded pools."""
    cognito, iam = sandbox.client("cognito-identity", region="eu-west-1"), sandbox.client("iam")
    made = cognito.create_identity_pool(
        IdentityPoolName="Ireland", AllowUnauthenticatedIdentities=True, AllowClassicFlow=True
    )
    pool_id, name = made["IdentityPoolId"], f"Ireland-{made['IdentityPoolId'][-8:]}"
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id}},
    }
    rights = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", "dynamodb:Scan"], "Resource": "*"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=_document(rights))
    cognito.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": role})
    row = {
        **settings.IDENTITY_POOLS[0],
        "key": "ireland",
        "pool_id": pool_id,
        "guest_role_arn": role,
    }
    settings.IDENTITY_POOLS = [*settings.IDENTITY_POOLS, row]
    return row


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_pools_of_two_regions_side_by_side(
    open_run: Callable[..., Run], pool_in_ireland: dict[str, Any], sandbox: RunningSandbox, flow: str
) -> None:
    there, here = run_all(run=open_run(flow, pool="ireland")), run_all(run=open_run(flow))
    for run, region in ((there, "eu-west-1"), (here, "us-east-1")):
        assert (run.outcome, run.region) == (Outcome.SUCCEEDED, region)
        assert run.identity_id.startswith(f"{region}:")
        who = run_use(run=run, sample=SAMPLES["who-am-i"])
        assert who.status == 200
        assert f"/{region}/sts/" in sandbox.requests[-1].headers["authorization"]
        # The samples are in AWS_REGION, wherever the pool is.
        for key in ("list-bucket", "scan-table"):
            call = run_use(run=run, sample=SAMPLES[key])
            assert (call.status, call.error_code) == (200, "")
            assert "/us-east-1/" in sandbox.requests[-1].headers["authorization"]


def test_a_sample_bucket_in_another_region_is_found(
    open_run: Callable[..., Run], sandbox: RunningSandbox, settings: Settings
) -> None:
    """boto3 goes where S3 says that the bucket is; both requests are part of the call."""
    bucket = "samples-of-ireland"
    sandbox.client("s3", region="eu-west-1").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    settings.SAMPLE_BUCKET = bucket
    rights = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}
    iam = sandbox.client("iam")
    iam.put_role_policy(RoleName="LabGuest", PolicyName="ireland", PolicyDocument=_document(rights))
    try:
        call = run_use(run=run_all(run=open_run()), sample=SAMPLES["list-bucket"])
    finally:
        iam.delete_role_policy(RoleName="LabGuest", PolicyName="ireland")
    assert (call.status, call.error_code) == (200, "")
    assert [attempt["status"] for attempt in call.attempts] == [301, 200]
