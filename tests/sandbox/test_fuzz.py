"""Whatever comes in, signed or not, by people with rights or without: an answer in AWS's shape, soon.

Each fuzz runs shortly with every test run, and for long with the slow ones.
"""

import copy
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from samlcrypto import SamlRefused, signing_certificates
from sandbox.aws.saml import read_response
from sandbox.aws.wire.models import service_model
from sandbox.testing import RunningSandbox
from tests.sandbox.issuers import CLIENT, USER_POOL, Providers
from tests.sandbox.lab import COGNITO, Lab
from tests.sandbox.saml_idp import SamlIdp, encode
from tests.sandbox.signing import signed_json, signed_query
from tests.sandbox.test_attacks import signed_claims
from tests.sandbox.test_hostile_input import shaped
from tests.sandbox.wire import call_json, send

Fuzz = Callable[[Callable[..., None]], None]
SOON = 30.0  # seconds: what takes long by its size takes minutes
IDP = SamlIdp()
# Every code point, halves of surrogate pairs too, and the texts that mean something somewhere.
TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["", "*", "?", "${aws:userid}", "${*}", "${x, 'y'}", "\ud800", "\x00", "a\r\nb: c", "'; DROP TABLE identity; --",
     "../..", "arn:aws:iam::123456789012:role/x", "us-east-1:00000000-0000-0000-0000-000000000000", "9" * 400,
     "0001-01-01T00:00:00+14:00", "1e999999999", "NaN", "::/0", "x" * 5000]
)  # fmt: skip
LEAF = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | TEXT
TREE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
COGNITO_MODEL, IAM_MODEL, STS_MODEL = (service_model(name) for name in ("cognito-identity", "iam", "sts"))


@pytest.fixture(params=[40, pytest.param(1500, marks=pytest.mark.slow)], ids=["short", "long"])
def fuzz(request: pytest.FixtureRequest) -> Fuzz:
    """Runs a test that hypothesis has given its arguments, often enough."""

    def run(test: Callable[..., None]) -> None:
        checks = list(HealthCheck)
        settings(max_examples=request.param, deadline=None, suppress_health_check=checks)(test)()

    return run


@pytest.fixture(scope="module")
def fuzzed(shared_sandbox: RunningSandbox, identity_providers: Providers) -> Lab:
    return Lab(shared_sandbox, identity_providers)


@pytest.fixture(scope="module")
def fuzzed_pool(fuzzed: Lab) -> str:
    return fuzzed.pool(DeveloperProviderName="login.fuzz")


def _value(shape: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Mostly of the shape's own type, so that more than the first check is reached."""
    kind = shape.type_name
    if depth > 4:
        return LEAF
    if kind == "structure":
        fields = {name: _value(member, depth + 1) for name, member in shape.members.items()}
        return st.fixed_dictionaries({}, optional=fields)
    if kind == "list":
        return st.lists(_value(shape.member, depth + 1), max_size=3)
    if kind == "map":
        return st.dictionaries(_value(shape.key, depth + 1), _value(shape.value, depth + 1), max_size=3)
    own: st.SearchStrategy[Any] = {"boolean": st.booleans(), "integer": st.integers()}.get(kind, TEXT)
    return st.sampled_from(shape.enum) | own if getattr(shape, "enum", None) else own | LEAF


def _soon(answer: Callable[[], Any]) -> None:
    began = time.monotonic()
    shaped(answer())
    assert time.monotonic() - began < SOON


@pytest.mark.slow
def test_every_operation_of_identity_pools(fuzz: Fuzz, fuzzed: Lab, fuzzed_pool: str) -> None:
    @given(st.data(), st.sampled_from(sorted(COGNITO_MODEL.operation_names)), st.booleans())
    def check(data: st.DataObject, operation: str, known_pool: bool) -> None:
        shape = COGNITO_MODEL.operation_model(operation).input_shape
        params = data.draw(_value(shape) | TREE)
        if known_pool and isinstance(params, dict) and operation != "DeleteIdentityPool":
            params["IdentityPoolId"] = fuzzed_pool
        body = json.dumps(params).encode()
        target = f"AWSCognitoIdentityService.{operation}"
        signed = signed_json(fuzzed.sandbox, target, body, "cognito-identity", key=fuzzed.account)
        _soon(lambda: signed.send(fuzzed.sandbox))

    fuzz(check)


def _flat(name: str, value: Any) -> dict[str, str]:
    """A tree as the query protocol writes one."""
    if isinstance(value, Mapping):
        return {k: v for key, inner in value.items() for k, v in _flat(f"{name}.{key}" if name else key, inner).items()}
    if isinstance(value, list):
        numbered = enumerate(value, 1)
        return {k: v for number, inner in numbered for k, v in _flat(f"{name}.member.{number}", inner).items()}
    return {name: str(value)}


@pytest.mark.slow
@pytest.mark.parametrize(("service", "version"), [("iam", "2010-05-08"), ("sts", "2011-06-15")])
def test_every_operation_of_the_query_services(fuzz: Fuzz, fuzzed: Lab, service: str, version: str) -> None:
    model = service_model(service)

    @given(st.data(), st.sampled_from(sorted(model.operation_names)))
    def check(data: st.DataObject, operation: str) -> None:
        shape = model.operation_model(operation).input_shape
        params = data.draw(_value(shape)) if shape is not None else {}
        fields = {**_flat("", params), "Action": operation, "Version": version}
        pairs = [(name.encode("utf-8", "replace"), text.encode("utf-8", "replace")) for name, text in fields.items()]
        body = urlencode(pairs).encode()
        signed = signed_query(fuzzed.sandbox, key=fuzzed.account, service=service, body=body)
        _soon(lambda: signed.send(fuzzed.sandbox))

    fuzz(check)


@pytest.mark.slow
def test_tokens_that_the_provider_did_sign(fuzz: Fuzz, fuzzed: Lab, fuzzed_pool: str) -> None:
    names = st.sampled_from(["iss", "aud", "sub", "exp", "nbf", "iat", "azp", "amr", "token_use", "cognito:roles",
                             "cognito:preferred_role", "cognito:groups", "https://aws.amazon.com/tags"])  # fmt: skip

    @given(st.dictionaries(names, TREE, max_size=4))
    def check(claims: dict[str, Any]) -> None:
        now = int(time.time())
        usual = {"iss": f"https://{USER_POOL}", "aud": CLIENT, "sub": "u", "exp": now + 600, "iat": now}
        logins = {USER_POOL: signed_claims(fuzzed, {**usual, **claims})}
        answer = call_json(fuzzed.sandbox, "GetId", {"IdentityPoolId": fuzzed_pool, "Logins": logins})
        shaped(answer)
        if answer.status == 200:
            params = {**answer.json, "Logins": logins}
            _soon(lambda: call_json(fuzzed.sandbox, "GetCredentialsForIdentity", params))
            _soon(lambda: call_json(fuzzed.sandbox, "GetOpenIdToken", params))

    fuzz(check)


def test_authorization_with_a_part_changed(fuzz: Fuzz, fuzzed: Lab) -> None:
    latin = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)

    @given(st.sampled_from(["Authorization", "X-Amz-Date", "Host", "X-Amz-Security-Token", "Content-Type"]), latin,
           st.integers(0, 200), st.integers(0, 200))  # fmt: skip
    def check(header: str, text: str, begin: int, end: int) -> None:
        signed = signed_query(fuzzed.sandbox, key=fuzzed.account)
        known = signed.headers.get(header, "")
        if header == "Host":
            text = ""  # another host name is refused in words of the server, not of AWS
        signed.headers[header] = known[:begin] + text + known[max(begin, end) :]
        _soon(lambda: signed.send(fuzzed.sandbox))

    fuzz(check)


def test_query_strings_with_parts_of_a_presigned_url(fuzz: Fuzz, fuzzed: Lab) -> None:
    names = st.sampled_from(["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature",
                             "Security-Token"])  # fmt: skip
    texts = TEXT | st.sampled_from(["AWS4-HMAC-SHA256", "test/20260101/us-east-1/s3/aws4_request", "20260101T000000Z",
                                    "host", "60", "a" * 64])  # fmt: skip

    @given(st.dictionaries(names, texts, max_size=7), st.sampled_from(["/", "/bucket", "/bucket/key"]))
    def check(parts: dict[str, str], path: str) -> None:
        pairs = [(f"X-Amz-{name}", text.encode("utf-8", "replace")) for name, text in parts.items()]
        _soon(lambda: send(fuzzed.sandbox, "GET", f"{path}?{urlencode(pairs)}"))

    fuzz(check)


@pytest.mark.slow
def test_policies_that_are_saved_and_then_asked(fuzz: Fuzz, fuzzed: Lab, fuzzed_pool: str) -> None:
    name = f"Fuzzed{uuid.uuid4().hex[:8]}"
    trusting = {"Effect": "Allow", "Principal": {"AWS": fuzzed.account}, "Action": "sts:AssumeRole"}
    role = fuzzed.role(name, {"Version": "2012-10-17", "Statement": [trusting]})
    session = fuzzed.client("sts").assume_role(RoleArn=role, RoleSessionName="fuzz")["Credentials"]
    who = {"key": session["AccessKeyId"], "secret": session["SecretAccessKey"], "token": session["SessionToken"]}
    operators = st.sampled_from(["StringLike", "StringNotEquals", "ForAllValues:StringEquals", "NumericLessThan",
                                 "DateGreaterThanIfExists", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress",
                                 "ArnLike", "Null", "ForAnyValue:ArnNotLike"]) | TEXT  # fmt: skip
    keys = st.sampled_from(["aws:userid", "aws:SourceIp", "aws:CurrentTime", "aws:EpochTime", f"{COGNITO}:sub"]) | TEXT
    statement = st.fixed_dictionaries(
        {"Effect": st.sampled_from(["Allow", "Deny"])},
        optional={
            "Action": st.sampled_from(["*", "cognito-identity:*", ["s3:*", "cognito-identity:List*"]]) | TREE,
            "NotAction": TREE,
            "Resource": st.just("*") | TEXT | st.lists(TEXT, max_size=3),
            "NotResource": TEXT,
            "Condition": st.dictionaries(operators, st.dictionaries(keys, TREE, max_size=2), max_size=2) | TREE,
            "Principal": TREE,
            "Sid": TREE,
        },
    )
    document = st.fixed_dictionaries({"Version": st.just("2012-10-17"), "Statement": statement | st.lists(statement)})

    @given(document | TREE)
    def check(policy: Any) -> None:
        fields = {"Action": "PutRolePolicy", "Version": "2010-05-08", "RoleName": name, "PolicyName": "p",
                  "PolicyDocument": json.dumps(policy)}  # fmt: skip
        put = signed_query(fuzzed.sandbox, key=fuzzed.account, service="iam", body=urlencode(fields).encode())
        shaped(put.send(fuzzed.sandbox))
        body = json.dumps({"IdentityPoolId": fuzzed_pool, "MaxResults": 1}).encode()
        asked = signed_json(fuzzed.sandbox, "AWSCognitoIdentityService.ListIdentities", body, "cognito-identity", **who)
        _soon(lambda: asked.send(fuzzed.sandbox))

    fuzz(check)


def _spoil(root: Any, chance: random.Random) -> None:
    """Change one thing about a document: take away, copy, move, reword, re-attribute, interrupt."""
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    node, other = chance.choice(nodes), chance.choice(nodes)
    kind = chance.randrange(7)
    if kind == 0 and node.getparent() is not None:
        node.getparent().remove(node)
    elif kind == 1:
        other.insert(chance.randrange(3), copy.deepcopy(node))
    elif kind == 2 and node is not root and other not in set(node.iter()):
        other.insert(0, node)
    elif kind == 3:
        node.text = chance.choice(["mallory", "", "ana\u200b", "9999-12-31T00:00:00Z"])
    elif kind == 4 and node.attrib:
        node.set(chance.choice(list(node.attrib)), chance.choice(["x", "#x", "", f"#{root.get('ID')}", "2.0"]))
    elif kind == 5:
        node.insert(0, chance.choice([etree.Comment("mallory"), etree.ProcessingInstruction("x", "y")]))
    else:
        node.tail = f"{node.tail or ''}mallory"


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_a_spoiled_saml_response_says_the_same_or_nothing(fuzz: Fuzz, sign: str) -> None:
    """What is still believed after a change is what was signed, to the letter."""
    original = IDP.tree(name_id="ana", sign=sign, roles=(("arn:aws:iam::1:role/r", "arn:aws:iam::1:saml-provider/c"),))
    certificates = signing_certificates(IDP.metadata, IDP.entity_id)
    meant = read_response(encode(original), certificates)

    @given(st.integers(0, 2**64), st.integers(1, 4))
    def check(seed: int, changes: int) -> None:
        chance, root = random.Random(seed), copy.deepcopy(original)  # noqa: S311 (nothing secret comes of it)
        for _ in range(changes):
            _spoil(root, chance)
        try:
            assert read_response(encode(root), certificates) == meant
        except SamlRefused:
            return

    fuzz(check)
