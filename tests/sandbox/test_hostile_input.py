"""Whatever comes in: an answer in AWS's shape, never a traceback, a hang or an internal error."""

import base64
import json
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.aws.wire.models import service_model
from sandbox.testing import RunningSandbox
from tests.sandbox.issuers import USER_POOL
from tests.sandbox.lab import Lab
from tests.sandbox.wire import Answer, call_json, call_query, send

FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
OPERATIONS = sorted(service_model("cognito-identity").operation_names)
ANONYMOUS = ["GetId", "GetCredentialsForIdentity", "GetOpenIdToken", "UnlinkIdentity"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = ["IdentityPoolId", "IdentityId", "Logins", "LoginsToRemove", "AccountId", "CustomRoleArn", "Roles"]


def shaped(answer: Answer) -> None:
    """The answer is a success or a refusal as AWS writes one, and never the sandbox's own fault."""
    # What is not emulated says so, whatever was sent.
    assert answer.status < 500 or (answer.status == 501 and b"NotImplemented" in answer.body), answer.body
    if answer.status >= 400:
        if answer.headers.get("content-type", "").startswith("application/x-amz-json"):
            assert {"__type", "message"} == answer.json.keys()
        else:
            assert b"<Code>" in answer.body or answer.headers["content-type"] == "text/plain"


@pytest.mark.slow
@FUZZ
@given(operation=st.sampled_from(OPERATIONS), params=st.dictionaries(st.sampled_from(MEMBERS), JSON) | JSON)
def test_json(shared_sandbox: RunningSandbox, operation: str, params: Any) -> None:
    shaped(call_json(shared_sandbox, operation, params))


@FUZZ
@given(body=st.binary(max_size=200), operation=st.sampled_from(ANONYMOUS))
def test_bytes(shared_sandbox: RunningSandbox, body: bytes, operation: str) -> None:
    shaped(call_json(shared_sandbox, operation, body))


@pytest.mark.slow
@FUZZ
@given(
    fields=st.dictionaries(
        st.sampled_from(["RoleArn", "WebIdentityToken", "Policy", "PolicyArns.member.1.arn", "DurationSeconds"])
        | st.text(alphabet=string.printable, max_size=20),
        st.text(max_size=60),
        max_size=6,
    ),
    action=st.sampled_from(["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML", "GetCallerIdentity", "CreateRole"]),
)
def test_query(shared_sandbox: RunningSandbox, fields: dict[str, str], action: str) -> None:
    shaped(
        call_query(
            shared_sandbox,
            **{"action": action, **{k: v for k, v in fields.items() if k not in ("action", "version", "sandbox")}},
        )
    )


@FUZZ
@given(header=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=120), known=st.booleans())
def test_authorization(shared_sandbox: RunningSandbox, header: str, known: bool) -> None:
    value = f"AWS4-HMAC-SHA256 Credential=test/{header}" if known else header
    shaped(call_json(shared_sandbox, "ListIdentityPools", {"MaxResults": 1}, Authorization=value))


@FUZZ
@given(path=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
def test_paths_and_queries(shared_sandbox: RunningSandbox, path: str) -> None:
    shaped(send(shared_sandbox, "GET", "/" + path.lstrip("/")))


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "aud", "sub", "exp", "azp", "nbf", "token_use", "amr"]), JSON, max_size=8
)


@pytest.mark.slow
@FUZZ
@given(header=JSON | st.fixed_dictionaries({"alg": JSON, "kid": JSON}), claims=CLAIMS, signature=st.text(max_size=20))
def test_jwt(shared_sandbox: RunningSandbox, header: Any, claims: Any, signature: str) -> None:
    claims = {"iss": f"https://{USER_POOL}", "aud": "client1examp1e", "sub": "u", "exp": 9_999_999_999, **claims}
    token = f"{_part(header)}.{_part(claims)}.{signature}"
    shaped(
        call_query(
            shared_sandbox,
            "AssumeRoleWithWebIdentity",
            RoleArn="arn:aws:iam::123456789012:role/x",
            RoleSessionName="fuzz",
            WebIdentityToken=token,
        )
    )


@pytest.fixture(scope="module")
def fuzzed_pool(shared_sandbox: RunningSandbox, identity_providers: Any) -> str:
    return Lab(shared_sandbox, identity_providers).pool(roles=False)


@pytest.mark.slow
@FUZZ
@given(header=JSON | st.fixed_dictionaries({"alg": JSON, "kid": JSON}), claims=CLAIMS, signature=st.text(max_size=20))
def test_logins(shared_sandbox: RunningSandbox, fuzzed_pool: str, header: Any, claims: Any, signature: str) -> None:
    claims = {"iss": f"https://{USER_POOL}", "aud": "client1examp1e", "sub": "u", "exp": 9_999_999_999, **claims}
    token = f"{_part(header)}.{_part(claims)}.{signature}"
    shaped(call_json(shared_sandbox, "GetId", {"IdentityPoolId": fuzzed_pool, "Logins": {USER_POOL: token}}))


@FUZZ
@given(document=st.binary(max_size=300) | st.text(alphabet="<>/ab =\"'&;!-[]", max_size=200).map(str.encode))
def test_saml(shared_sandbox: RunningSandbox, document: bytes) -> None:
    fields = {
        "RoleArn": "arn:aws:iam::123456789012:role/x-role-name",
        "PrincipalArn": "arn:aws:iam::123456789012:saml-provider/Corp",
        "SAMLAssertion": base64.b64encode(document).decode() or "AAAA",
    }
    shaped(call_query(shared_sandbox, "AssumeRoleWithSAML", **fields))


def test_a_header_of_100_kb_is_refused(lab: Lab) -> None:
    answer = call_json(lab.sandbox, "GetId", {}, **{"X-Large": "a" * 100_000})
    assert answer.status in (400, 431)


def test_a_body_that_announces_more_than_is_taken(lab: Lab) -> None:
    headers = {"Content-Length": str(1 << 40), "Content-Type": "application/x-amz-json-1.1"}
    import http.client
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(urlsplit(lab.sandbox.url).netloc, timeout=60)
    connection.putrequest("POST", "/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
