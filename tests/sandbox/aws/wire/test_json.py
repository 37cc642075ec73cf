"""AWS JSON 1.1 as bytes: envelope, headers, validation wording, CORS."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.issuers import USER_POOL
from tests.sandbox.lab import Lab, unchecked
from tests.sandbox.wire import call_json, send

POOL = "us-east-1:11111111-2222-3333-4444-555555555555"


def test_error_envelope_and_headers(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": lab.pool(guests=False, roles=False)})
    message = "Unauthenticated access is not supported for this identity pool."
    assert answer.status == 400
    assert answer.json == {"__type": "NotAuthorizedException", "message": message}
    assert answer.headers["x-amzn-errortype"] == "NotAuthorizedException:"
    assert answer.headers["x-amzn-errormessage"] == message
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert len(answer.headers["x-amzn-requestid"]) == 36


def test_success_carries_epoch_seconds_as_a_float(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetCredentialsForIdentity", {"IdentityId": lab.guest(lab.pool())})
    assert answer.status == 200
    assert isinstance(answer.json["Credentials"]["Expiration"], float)
    assert b".0" in answer.body
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"IdentityPoolId": "us-east-1_AbC"},
            "1 validation error detected: Value 'us-east-1_AbC' at 'identityPoolId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+",
        ),
        (
            {},
            "1 validation error detected: Value null at 'identityPoolId' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            {"IdentityPoolId": POOL, "AccountId": "12x"},
            "1 validation error detected: Value '12x' at 'accountId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: \\d+",
        ),
        (
            {"IdentityPoolId": "a", "AccountId": "x"},
            "2 validation errors detected: Value 'x' at 'accountId' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: \\d+; Value 'a' at 'identityPoolId' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+",
        ),
        (
            {"IdentityPoolId": POOL, "Logins": {"a": ""}},
            "1 validation error detected: Value at 'logins' failed to satisfy constraint: Map value must satisfy "
            "constraint: [Member must have length greater than or equal to 1]",
        ),
    ],
)
def test_constraints_in_the_words_of_aws(lab: Lab, params: dict[str, object], message: str) -> None:
    answer = call_json(lab.sandbox, "GetId", params)
    assert (answer.status, answer.json) == (400, {"__type": "ValidationException", "message": message})


def test_a_login_token_is_never_repeated_in_a_validation_error(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": POOL, "Logins": {"a": "planted" * 8000}})
    assert answer.json["__type"] == "ValidationException"
    assert b"planted" not in answer.body


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"PASSWORD": "planted" * 20_000}}),
        ("SignUp", {"UserAttributes": [{"Name": "email", "Value": "planted" * 1000}]}),
        ("ConfirmSignUp", {"ConfirmationCode": "planted 123"}),
        ("VerifyUserAttribute", {"Code": "planted 123"}),
    ],
)
def test_what_the_model_calls_sensitive_is_never_repeated(lab: Lab, operation: str, params: dict[str, object]) -> None:
    """Also where it is the map or the list that the model calls so, or something within it; nor codes."""
    target = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    answer = send(lab.sandbox, "POST", "/", json.dumps(params).encode(), target)
    assert answer.json["__type"] == "InvalidParameterException"
    assert "validation error" in answer.json["message"]
    assert b"planted" not in answer.body


def test_enum_and_nested_members_are_named_by_their_path(lab: Lab) -> None:
    mapping = {
        "x": {"Type": "Rules", "RulesConfiguration": {"Rules": [{"Claim": "a", "MatchType": "Like", "Value": "v"}]}}
    }
    pool_id = lab.pool(roles=False)
    with pytest.raises(ClientError) as error:
        unchecked(lab.pools, "SetIdentityPoolRoles", IdentityPoolId=pool_id, Roles={}, RoleMappings=mapping)
    message = error.value.response["Error"]["Message"]
    assert "at 'roleMappings.x.member.rulesConfiguration.rules.1.member.matchType' failed" in message
    assert "Member must satisfy enum value set: [Equals, Contains, StartsWith, NotEqual]" in message
    assert "at 'roleMappings.x.member.rulesConfiguration.rules.1.member.roleARN' failed" in message


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"IdentityPoolId": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_cannot_be_read(lab: Lab, body: bytes) -> None:
    answer = call_json(lab.sandbox, "GetId", body)
    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize("value", [7, True, ["x"], {"a": "b"}])
def test_a_member_of_another_type_cannot_be_read(lab: Lab, value: object) -> None:
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": value})
    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")


def test_an_operation_that_does_not_exist(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetIdd", {})
    assert (answer.status, answer.json["__type"]) == (400, "UnknownOperationException")


def test_a_signed_operation_without_signature(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "DescribeIdentityPool", {"IdentityPoolId": POOL})
    assert (answer.status, answer.json["__type"]) == (400, "MissingAuthenticationTokenException")


def test_an_authorization_header_on_an_anonymous_operation_is_ignored(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": pool_id}, Authorization="AWS4-HMAC-SHA256 nonsense")
    assert answer.status == 200


def test_preflight_allows_every_origin_and_the_headers_of_an_sdk(lab: Lab) -> None:
    asked = "content-type,x-amz-target,x-amz-user-agent,amz-sdk-invocation-id"
    headers = {"Origin": "http://app.example", "Access-Control-Request-Method": "POST"}
    answer = send(lab.sandbox, "OPTIONS", "/", headers={**headers, "Access-Control-Request-Headers": asked})
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == asked


def test_a_foreign_host_name_is_refused(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": POOL}, Host="evil.example")
    assert answer.status == 400
    assert b"not a host name of the sandbox" in answer.body


def test_a_body_over_the_limit_is_refused(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetId", b"{" + b" " * (1024 * 1024) + b"}")
    assert answer.status == 413


def test_decisions_can_be_read_after_the_fact(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": lab.pool(roles=False)})
    request_id = answer.headers["x-amzn-requestid"]
    kept = send(lab.sandbox, "GET", f"/_sandbox/requests/{request_id}").json
    assert kept["decisions"] == json.loads(answer.headers["x-sandbox-decisions"])
    assert (kept["operation"], kept["status"], kept["error"]) == ("GetId", 200, None)


def test_health_and_keys_are_published(lab: Lab) -> None:
    assert send(lab.sandbox, "GET", "/_sandbox/health").json["status"] == "ok"
    discovery = send(lab.sandbox, "GET", "/.well-known/openid-configuration").json
    assert discovery["issuer"] == "https://cognito-identity.amazonaws.com"
    (key,) = send(lab.sandbox, "GET", "/.well-known/jwks_uri").json["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS512", "sig")
    assert "d" not in key


def test_a_long_list_of_decisions_is_shortened_in_the_header_and_kept_whole(lab: Lab) -> None:
    pool_id = lab.pool(SupportedLoginProviders={"accounts.google.com": "g-client"})
    logins = {
        USER_POOL: lab.user_pool.token("long"),
        "accounts.google.com": lab.providers.issuer("google").token("g", "g-client"),
    }
    identity_id = lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    answer = call_json(lab.sandbox, "GetCredentialsForIdentity", {"IdentityId": identity_id, "Logins": logins})
    header = answer.headers["x-sandbox-decisions"]
    kept = send(lab.sandbox, "GET", f"/_sandbox/requests/{answer.headers['x-amzn-requestid']}").json["decisions"]
    assert len(header) <= 4096 < len(json.dumps(kept))
    assert header.isascii()
    assert json.loads(header)[0]["code"] == "request.summary"
    assert json.loads(header)[-1]["code"] == kept[-1]["code"]
