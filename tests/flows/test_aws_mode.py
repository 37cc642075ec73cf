"""AWS mode, with a socket that ends in a TLS server certified for AWS's names, and nothing else replaced."""

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.models import ApiCall, Outcome, Run
from flows.services import run_all, run_credentials, run_open, run_use
from lessons.sample_calls import SAMPLES
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact
from tests.flows.aws_wire import (
    ACCESS_KEY_ID,
    ACCOUNT,
    BUCKET,
    GUEST_ROLE,
    IDENTITY,
    POOL,
    SECRET_KEY,
    SESSION_TOKEN,
    Answer,
    AwsWire,
    json_answer,
    refusal,
    sts_refusal,
)
from tests.forgotten import forget_clients

pytestmark = pytest.mark.django_db


def guest_run(owner: Owner, flow: str, **parameters: str) -> Run:
    run = run_open(
        owner=owner, access="guest", flow=flow, provider="guest", pool=pool_for(owner), parameters=parameters
    )
    return run_all(run=run)


def test_enhanced_flow_asks_the_regional_host_unsigned(aws_mode: AwsWire, visitor: Owner) -> None:
    forget_clients()  # with the connections that an earlier test opened
    run = guest_run(visitor, "enhanced")
    assert (run.outcome, run.mode, run.error_message) == (Outcome.SUCCEEDED, "aws", "")
    assert set(aws_mode.asked) == {("cognito-identity.us-east-1.amazonaws.com", 443)}
    assert [arrival.headers["x-amz-target"] for arrival in aws_mode.arrivals] == [
        "AWSCognitoIdentityService.GetId",
        "AWSCognitoIdentityService.GetCredentialsForIdentity",
    ]
    for arrival in aws_mode.arrivals:
        assert (arrival.method, arrival.path) == ("POST", "/")
        assert arrival.headers["content-type"] == "application/x-amz-json-1.1"
        assert "authorization" not in arrival.headers
        assert "x-amz-security-token" not in arrival.headers
    assert json.loads(aws_mode.arrivals[0].body) == {"AccountId": ACCOUNT, "IdentityPoolId": POOL}
    assert json.loads(aws_mode.arrivals[1].body) == {"IdentityId": IDENTITY}


def test_basic_flow_ends_at_sts_with_the_form_that_is_documented(aws_mode: AwsWire, visitor: Owner) -> None:
    run = guest_run(visitor, "basic", RoleSessionName="lesson", DurationSeconds="1800")
    assert run.outcome == Outcome.SUCCEEDED
    assert run.assumed_role_arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/guests/lesson"
    last = aws_mode.arrivals[-1] if aws_mode.arrivals[-1].host.startswith("sts") else aws_mode.arrivals[-2]
    assert last.host == "sts.us-east-1.amazonaws.com"
    assert "authorization" not in last.headers
    assert {name: values[0] for name, values in parse_qs(last.body.decode()).items()} == {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": GUEST_ROLE,
        "RoleSessionName": "lesson",
        "DurationSeconds": "1800",
        "WebIdentityToken": aws_mode.token,
    }


def test_token_is_verified_with_the_keys_that_aws_publishes(aws_mode: AwsWire, visitor: Owner) -> None:
    run = guest_run(visitor, "basic")
    first, second = (
        run.calls.get(operation=name).tokens[0] for name in ("GetOpenIdToken", "AssumeRoleWithWebIdentity")
    )
    assert (first["verified"], first["key_id"], first["kind"]) == (True, "us-east-1-7", "OpenID token")
    assert first["claims"]["amr"] == ["unauthenticated"]
    assert first["fingerprint"] == second["fingerprint"]
    assert ("cognito-identity.amazonaws.com", 443) in aws_mode.asked


def test_both_flows_yield_the_same_credentials_whatever_the_member_is_called(aws_mode: AwsWire, visitor: Owner) -> None:
    for flow in ("enhanced", "basic"):
        credentials = run_credentials(run=guest_run(visitor, flow))
        assert credentials is not None
        assert (credentials.access_key_id, credentials.secret_access_key) == (ACCESS_KEY_ID, SECRET_KEY)
        assert credentials.session_token == SESSION_TOKEN


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sample", "host", "status"),
    [
        ("who-am-i", "sts.us-east-1.amazonaws.com", 200),
        ("list-bucket", f"{BUCKET}.s3.us-east-1.amazonaws.com", 200),
        ("read-object", f"{BUCKET}.s3.us-east-1.amazonaws.com", 200),
        ("write-object", f"{BUCKET}.s3.us-east-1.amazonaws.com", 403),
        ("scan-table", "dynamodb.us-east-1.amazonaws.com", 200),
        ("read-parameter", "ssm.us-east-1.amazonaws.com", 400),
    ],
)
def test_credentials_are_used_signed_at_the_services_own_hosts(
    aws_mode: AwsWire, visitor: Owner, sample: str, host: str, status: int
) -> None:
    run = guest_run(visitor, "enhanced")
    call = run_use(run=run, sample=SAMPLES[sample])
    arrived = aws_mode.arrivals[-1]
    assert arrived.host == host
    assert (call.kind, call.status, call.signed) == (ApiCall.Kind.USE, status, True)
    assert arrived.headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/")
    assert arrived.headers["x-amz-security-token"] == SESSION_TOKEN
    run.refresh_from_db()
    assert run.outcome == Outcome.SUCCEEDED


def test_caller_identity_tells_which_session_it_is(aws_mode: AwsWire, visitor: Owner) -> None:
    run = guest_run(visitor, "enhanced")
    assert run.assumed_role_arn == ""
    run_use(run=run, sample=SAMPLES["who-am-i"])
    assert run.assumed_role_arn.endswith(":assumed-role/guests/CognitoIdentityCredentials")


def test_streamed_object_is_recorded_by_size_and_type(aws_mode: AwsWire, visitor: Owner) -> None:
    call = run_use(run=guest_run(visitor, "enhanced"), sample=SAMPLES["read-object"])
    assert call.response_body.startswith("‹18 bytes of application/pdf · SHA-256 ")
    assert call.response_params["Body"] == call.response_body


@pytest.mark.parametrize(
    ("flow", "operation", "answer", "code", "message"),
    [
        (
            "enhanced",
            "GetId",
            refusal("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool."),
            "NotAuthorizedException",
            "Unauthenticated access is not supported for this identity pool.",
        ),
        (
            "basic",
            "GetOpenIdToken",
            refusal("InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow."),
            "InvalidParameterException",
            "Basic (classic) flow is not enabled, please use enhanced flow.",
        ),
        (
            "basic",
            "AssumeRoleWithWebIdentity",
            sts_refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
    ],
)
def test_refusal_by_aws_ends_the_run_refused(
    aws_mode: AwsWire, visitor: Owner, flow: str, operation: str, answer: Answer, code: str, message: str
) -> None:
    aws_mode.answers[operation] = [answer]
    run = guest_run(visitor, flow)
    assert (run.outcome, run.error_code, run.error_message) == (Outcome.REFUSED, code, message)
    call = run.calls.last()
    assert call is not None
    assert (call.operation, call.state, call.error_code) == (operation, ApiCall.State.ANSWERED, code)
    assert run_credentials(run=run) is None


def test_throttling_is_retried_and_every_attempt_is_kept(aws_mode: AwsWire, visitor: Owner) -> None:
    aws_mode.answers["GetId"] = [
        refusal("TooManyRequestsException", "Rate exceeded"),
        json_answer({"__type": "InternalErrorException", "message": "Try again"}, 500),
        json_answer({"IdentityId": IDENTITY}),
    ]
    run = guest_run(visitor, "enhanced")
    call = run.calls.get(operation="GetId")
    assert run.outcome == Outcome.SUCCEEDED
    assert [(attempt["status"], attempt["error"]) for attempt in call.attempts] == [
        (400, "TooManyRequestsException"),
        (500, "InternalErrorException"),
        (200, ""),
    ]


def test_service_that_keeps_failing_ends_the_run_failed(aws_mode: AwsWire, visitor: Owner) -> None:
    aws_mode.answers["GetId"] = lambda _: json_answer({"__type": "InternalErrorException", "message": "Sorry"}, 500)
    run = guest_run(visitor, "enhanced")
    assert (run.outcome, run.error_code) == (Outcome.FAILED, "InternalErrorException")
    assert len(run.calls.get().attempts) == 3


AUTHENTICATED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/authenticated"
DEVELOPER = "login.shop.example"


@pytest.fixture
def server_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server's own credentials, where the SDK finds them in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHESERVERITSELF")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key-of-the-server-itself")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    forget_clients()
    yield "AKIAOFTHESERVERITSELF"
    forget_clients()


def signed_in_run(owner: Owner, flow: str, settings: Settings, provider: str, name: str, value: str) -> Run:
    settings.IDENTITY_POOLS[0]["authenticated_role_arn"] = AUTHENTICATED_ROLE
    artifact = Artifact(
        provider=provider,
        kind=PROVIDERS[provider].artifact_kind,
        provider_name=name,
        value=value,
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    return run_all(
        run=run_open(
            owner=owner,
            access="authenticated",
            flow=flow,
            provider=provider,
            pool=pool_for(owner),
            parameters={},
            artifact=artifact,
        )
    )


@pytest.mark.parametrize(
    ("flow", "operations"),
    [
        ("enhanced", ["GetId", "GetCredentialsForIdentity"]),
        ("basic", ["GetId", "GetOpenIdToken", "AssumeRoleWithWebIdentity"]),
    ],
)
def test_login_travels_with_each_call_to_the_pool(
    aws_mode: AwsWire, visitor: Owner, settings: Settings, flow: str, operations: list[str]
) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html"""
    run = signed_in_run(visitor, flow, settings, "amazon", "www.amazon.com", "Atza|token-of-amazon")
    assert (run.outcome, run.error_message) == (Outcome.SUCCEEDED, "")
    sent = [arrival for arrival in aws_mode.arrivals if arrival.method == "POST"]
    assert [arrival.operation for arrival in sent] == operations
    logins = {"www.amazon.com": "Atza|token-of-amazon"}
    assert json.loads(sent[0].body) == {"AccountId": ACCOUNT, "IdentityPoolId": POOL, "Logins": logins}
    assert json.loads(sent[1].body) == {"IdentityId": IDENTITY, "Logins": logins}
    assert not any("authorization" in arrival.headers for arrival in sent)
    if flow == "basic":
        assert parse_qs(sent[2].body.decode())["RoleArn"] == [AUTHENTICATED_ROLE]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flow", "last"),
    [("developer-enhanced", "GetCredentialsForIdentity"), ("developer-basic", "AssumeRoleWithWebIdentity")],
)
def test_developer_identity_is_vouched_for_with_the_servers_own_signature(
    aws_mode: AwsWire, visitor: Owner, settings: Settings, server_keys: str, flow: str, last: str
) -> None:
    """https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetOpenIdTokenForDeveloperIdentity.html"""
    settings.DEVELOPER_PROVIDER_NAME = DEVELOPER
    aws_mode.answers["GetOpenIdTokenForDeveloperIdentity"] = aws_mode.answers["GetOpenIdToken"]
    run = signed_in_run(visitor, flow, settings, "developer", DEVELOPER, "account-7")
    assert (run.outcome, run.error_message) == (Outcome.SUCCEEDED, "")
    first, second = (arrival for arrival in aws_mode.arrivals if arrival.method == "POST")
    assert (first.host, first.operation) == (
        "cognito-identity.us-east-1.amazonaws.com",
        "GetOpenIdTokenForDeveloperIdentity",
    )
    assert json.loads(first.body) == {"IdentityPoolId": POOL, "Logins": {DEVELOPER: "account-7"}}
    assert first.headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={server_keys}/")
    assert "/us-east-1/cognito-identity/aws4_request" in first.headers["authorization"]
    assert second.operation == last
    assert "authorization" not in second.headers
    if last == "GetCredentialsForIdentity":
        logins = {"cognito-identity.amazonaws.com": aws_mode.token}
        assert json.loads(second.body) == {"IdentityId": IDENTITY, "Logins": logins}
    else:
        form = parse_qs(second.body.decode())
        assert (form["RoleArn"], form["WebIdentityToken"]) == ([AUTHENTICATED_ROLE], [aws_mode.token])


def test_only_what_was_observed_is_listed_as_why(aws_mode: AwsWire, visitor: Owner) -> None:
    call = guest_run(visitor, "enhanced").calls.get(operation="GetId")
    assert {decision["source"] for decision in call.decisions} == {"observed"}
    told = {decision["check"]: decision["actual"] for decision in call.decisions}
    assert told == {
        "host": "cognito-identity.us-east-1.amazonaws.com",
        "request signature": "none",
        "answer": "HTTP 200",
    }
