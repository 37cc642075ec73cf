"""Decoded is not verified, and personal claims stay out of the rows."""

import time
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone
from pytest_django import Settings

from flows.exchange import issuer_keys
from flows.models import Run
from flows.services import run_all
from redaction import Marker, Redactor, tokens
from redaction.calls import RecordedCall
from sandbox.testing import RunningSandbox
from tests.forgotten import forget_keys

ISSUER = "https://cognito-identity.amazonaws.com"


@pytest.fixture(autouse=True)
def no_keys_known() -> None:
    forget_keys()


def signed(**claims: object) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode({"iss": ISSUER, "exp": int(time.time()) + 600, **claims}, key, "RS512", headers={"kid": "mine"})


@pytest.mark.parametrize(
    "text", ["", "abc", "a.b", "a.b.c", "eyJhIjoxfQ.W10.x", "eyJh.eyJh.x", "❄.❄.❄", "e30.eyJhIjpOYU59.x"]
)
def test_what_is_no_token_is_not_decoded(text: str) -> None:
    assert tokens.decode(text) is None


def test_header_and_claims_are_read() -> None:
    read = tokens.decode(signed(sub="me"))
    assert read is not None
    assert (read.header["kid"], read.claims["sub"]) == ("mine", "me")


def test_token_of_the_sandbox_is_verified_by_its_published_key(
    open_run: Callable[..., Run], sandbox: RunningSandbox
) -> None:
    call = run_all(run=open_run("basic")).calls.get(operation="GetOpenIdToken")
    (token,) = call.tokens
    assert (token["verified"], token["header"]["alg"]) == (True, "RS512")
    assert token["note"] == f"Verified with key {token['key_id']} of {sandbox.url}/.well-known/jwks_uri."
    assert token["where"] == "response.Token"
    assert token["claims"]["amr"] == ["unauthenticated"]


@pytest.mark.slow
def test_key_of_somebody_else_does_not_verify(sandbox: RunningSandbox) -> None:
    published = sandbox.url + "/.well-known/jwks_uri"
    told = issuer_keys.verify(signed(), "")
    assert (told.verified, told.note) == (False, f"Decoded only: {published} has no key mine.")


def test_wrong_signature_under_a_published_key_id_is_told(
    open_run: Callable[..., Run], sandbox: RunningSandbox
) -> None:
    genuine = run_all(run=open_run("basic")).calls.get(operation="GetOpenIdToken").tokens[0]
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode({"iss": ISSUER}, key, "RS512", headers={"kid": genuine["key_id"]})
    assert issuer_keys.verify(forged, "").note.startswith("The signature is not by key")
    none = jwt.encode({"iss": ISSUER}, "", "none", headers={"kid": genuine["key_id"]})
    assert issuer_keys.verify(none, "").verified is False


@pytest.mark.parametrize(
    "issuer",
    [
        "https://evil.example",
        "http://cognito-identity.amazonaws.com",
        "https://cognito-identity.amazonaws.com.evil.example",
        "",
    ],
)
def test_no_address_that_a_token_names_is_asked(issuer: str, sandbox: RunningSandbox) -> None:
    told = issuer_keys.verify(signed(iss=issuer), "")
    assert (told.verified, told.note) == (False, "Decoded only: the keys of this issuer are not known here.")
    assert sandbox.requests == []


def test_issuer_out_of_reach_leaves_it_decoded(settings: Settings) -> None:
    settings.AWS_ENDPOINT = "http://127.0.0.1:9"
    told = issuer_keys.verify(signed(), "")
    assert (told.verified, told.key_id) == (False, "mine")
    assert told.note.endswith("did not answer.")


@pytest.mark.parametrize("keep", [True, False])
def test_personal_claims_are_masked_unless_they_are_to_be_kept(keep: bool) -> None:
    token = signed(sub="42", email="ana@example.com", name="Ana")
    call = RecordedCall(
        service="cognito-identity",
        operation="GetId",
        protocol="json",
        params={"Logins": {"accounts.google.com": token}},
        sensitive=frozenset({"Logins"}),
        started_at=timezone.now(),
        began=0.0,
    )
    fields = Redactor(Marker(b"k"), keep_personal_claims=keep).sent(call)
    claims = fields["tokens"][0]["claims"]
    assert claims["sub"] == "42"
    assert (claims["email"], claims["name"]) == (("ana@example.com", "Ana") if keep else (tokens.MASKED, tokens.MASKED))
    assert fields["tokens"][0]["where"] == "request.Logins.accounts.google.com"
    assert fields["scrubbed"] is False


def test_developer_user_identifier_is_no_secret() -> None:
    call = RecordedCall(
        service="cognito-identity",
        operation="GetOpenIdTokenForDeveloperIdentity",
        protocol="json",
        params={"Logins": {"login.lab": "user-1234567"}},
        sensitive=frozenset({"Logins"}),
        started_at=timezone.now(),
        began=0.0,
    )
    fields = Redactor(Marker(b"k"), plain_logins=frozenset({"login.lab"})).sent(call)
    assert fields["request_params"] == {"Logins": {"login.lab": "user-1234567"}}
