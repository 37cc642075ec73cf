"""The real backends against the providers' published documentation, with the endpoint map empty.

For each provider: every parameter of the authorization URL and of the token request, nothing more and nothing less.
"""

import base64
import hashlib
import re
from typing import Any
from urllib.parse import unquote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from tests.providers.browser import Browser
from tests.providers.wire import (
    ACCESS_TOKEN,
    DISCOVERY,
    DISCOVERY_PLACE,
    OIDC_ISSUER,
    POOL,
    POOL_ISSUER,
    Arrival,
    ProviderWire,
)

CALLBACK = "http://127.0.0.1:8000/sign-in/complete/"


def challenge(verifier: str) -> str:
    """RFC 7636, section 4.2: BASE64URL-ENCODE(SHA256(ASCII(code_verifier)))."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def random_text(value: str, least: int = 32) -> bool:
    return re.fullmatch(rf"[A-Za-z0-9_.~-]{{{least},128}}", value) is not None


def token_answer(wire: ProviderWire, issuer: str, audience: str, nonce: str) -> dict[str, Any]:
    """OpenID Connect Core, section 3.1.3.3."""
    return {
        "access_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 3600,
        "id_token": wire.id_token(issuer, audience, nonce, email="ana@example.com"),
    }


def test_google(ana: Browser, live: ProviderWire) -> None:
    """https://developers.google.com/identity/openid-connect/openid-connect#server-flow"""
    live.answers["GET accounts.google.com/.well-known/openid-configuration"] = lambda _: (
        200,
        {
            "issuer": "https://accounts.google.com",
            "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
            "token_endpoint": "https://oauth2.googleapis.com/token",
            "userinfo_endpoint": "https://openidconnect.googleapis.com/v1/userinfo",
            "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        },
    )
    live.answers["GET www.googleapis.com/oauth2/v3/certs"] = lambda _: (200, live.jwks())

    address, asked = ana.request_of(ana.begin("google"))

    assert address == "https://accounts.google.com/o/oauth2/v2/auth"
    assert asked.pop("client_id") == "42-app.apps.googleusercontent.com"
    assert asked.pop("redirect_uri") == f"{CALLBACK}google-openidconnect/"
    assert asked.pop("response_type") == "code"
    assert set(asked.pop("scope").split()) == {"openid", "email", "profile"}
    assert asked.pop("code_challenge_method") == "S256"
    state, nonce, code_challenge = asked.pop("state"), asked.pop("nonce"), asked.pop("code_challenge")
    assert asked == {}
    assert random_text(state)
    assert random_text(nonce)
    assert state != nonce

    answer = token_answer(live, "https://accounts.google.com", "42-app.apps.googleusercontent.com", nonce)
    live.answers["POST oauth2.googleapis.com/token"] = lambda _: (200, answer)
    response = ana.answer("google-openidconnect", state=state, code="4/0AX4-code", scope="openid", authuser="0")

    assert (response.status_code, response["Location"]) == (302, "/runs/run-0001/signed-in/")
    sent = live.called("POST", "oauth2.googleapis.com/token").form
    verifier = sent.pop("code_verifier")
    assert challenge(verifier) == code_challenge
    assert sent == {
        "code": "4/0AX4-code",
        "client_id": "42-app.apps.googleusercontent.com",
        "client_secret": "GOCSPX-secret",
        "redirect_uri": f"{CALLBACK}google-openidconnect/",
        "grant_type": "authorization_code",
    }
    artifact = ana.artifact()
    assert artifact.logins == {"accounts.google.com": answer["id_token"]}
    assert (artifact.subject, artifact.issuer) == ("248289761001", "https://accounts.google.com")


def test_google_also_spells_its_issuer_without_the_scheme(ana: Browser, live: ProviderWire) -> None:
    """https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload, `iss`."""
    discovery = {
        "issuer": "https://accounts.google.com",
        "authorization_endpoint": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_endpoint": "https://oauth2.googleapis.com/token",
        "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
    }
    live.answers["GET accounts.google.com/.well-known/openid-configuration"] = lambda _: (200, discovery)
    live.answers["GET www.googleapis.com/oauth2/v3/certs"] = lambda _: (200, live.jwks())
    _, asked = ana.request_of(ana.begin("google"))
    answer = token_answer(live, "accounts.google.com", "42-app.apps.googleusercontent.com", asked["nonce"])
    live.answers["POST oauth2.googleapis.com/token"] = lambda _: (200, answer)
    ana.answer("google-openidconnect", state=asked["state"], code="code")
    assert ana.outcome().outcome == "succeeded"


def test_facebook(ana: Browser, live: ProviderWire) -> None:
    """https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"""
    address, asked = ana.request_of(ana.begin("facebook"))

    assert re.fullmatch(r"https://www\.facebook\.com/v\d+\.0/dialog/oauth", address)
    assert asked.pop("client_id") == "1234567890123456"
    assert asked.pop("redirect_uri") == f"{CALLBACK}facebook/"
    assert asked.pop("return_scopes") == "true"
    state, code_challenge = asked.pop("state"), asked.pop("code_challenge")
    assert random_text(state)
    # https://developers.facebook.com/docs/facebook-login/guides/advanced/oidc-token
    assert asked.pop("code_challenge_method") == "S256"
    assert asked == {}  # response_type defaults to code, scope to public_profile

    version = address.split("/")[3]
    token = {"access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": 5183944}
    live.answers[f"GET graph.facebook.com/{version}/oauth/access_token"] = lambda _: (200, token)
    live.answers[f"GET graph.facebook.com/{version}/me"] = lambda _: (200, {"id": "10220001", "name": "Ana Example"})
    ana.answer("facebook", state=state, code="AQB-code")

    sent = live.called("GET", f"graph.facebook.com/{version}/oauth/access_token").query
    assert challenge(sent.pop("code_verifier")) == code_challenge
    assert sent == {
        "client_id": "1234567890123456",
        "redirect_uri": f"{CALLBACK}facebook/",
        "client_secret": "facebook-app-secret",
        "code": "AQB-code",
    }
    # https://developers.facebook.com/docs/graph-api/guides/secure-requests#appsecret_proof
    profile = live.called("GET", f"graph.facebook.com/{version}/me").query
    assert set(profile) == {"access_token", "appsecret_proof"}
    artifact = ana.artifact()
    assert artifact.logins == {"graph.facebook.com": ACCESS_TOKEN}
    assert artifact.subject == "10220001"


def test_amazon(ana: Browser, live: ProviderWire) -> None:
    """https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html"""
    address, asked = ana.request_of(ana.begin("amazon"))

    assert address == "https://www.amazon.com/ap/oa"
    state, code_challenge = asked.pop("state"), asked.pop("code_challenge")
    assert random_text(state)
    assert asked == {
        "client_id": "amzn1.application-oa2-client.42",
        "scope": "profile",
        "response_type": "code",
        "redirect_uri": f"{CALLBACK}amazon/",
        "code_challenge_method": "S256",
    }

    token = {"access_token": ACCESS_TOKEN, "token_type": "bearer", "expires_in": 3600, "refresh_token": "Atzr|refresh"}
    live.answers["POST api.amazon.com/auth/o2/token"] = lambda _: (200, token)
    live.answers["GET api.amazon.com/user/profile"] = lambda _: (
        200,
        {"user_id": "amzn1.account.K2LI23KL2LK2", "email": "ana@example.com", "name": "Ana Example"},
    )
    ana.answer("amazon", state=state, code="ANdNAVhyhqirUelHGEHA", scope="profile")

    sent = live.called("POST", "api.amazon.com/auth/o2/token")
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert challenge(sent.form.pop("code_verifier")) == code_challenge
    assert sent.form == {
        "grant_type": "authorization_code",
        "code": "ANdNAVhyhqirUelHGEHA",
        "redirect_uri": f"{CALLBACK}amazon/",
        "client_id": "amzn1.application-oa2-client.42",
        "client_secret": "amazon-secret",
    }
    # https://developer.amazon.com/docs/login-with-amazon/obtain-customer-profile.html
    asked_profile = live.called("GET", "api.amazon.com/user/profile")
    assert (asked_profile.headers["authorization"], asked_profile.query) == (f"Bearer {ACCESS_TOKEN}", {})
    artifact = ana.artifact()
    assert artifact.logins == {"www.amazon.com": ACCESS_TOKEN}
    assert artifact.subject == "amzn1.account.K2LI23KL2LK2"


def test_apple(ana: Browser, live: ProviderWire, apple_key: ec.EllipticCurvePrivateKey) -> None:
    """https://developer.apple.com/documentation/signinwithapple/incorporating-sign-in-with-apple-into-other-platforms
    and https://developer.apple.com/documentation/signinwithapplerestapi/generate-and-validate-tokens"""
    address, asked = ana.request_of(ana.begin("apple"))

    assert address == "https://appleid.apple.com/auth/authorize"
    state, nonce, code_challenge = asked.pop("state"), asked.pop("nonce"), asked.pop("code_challenge")
    assert random_text(state)
    assert random_text(nonce)
    # No scope: with one, Apple demands response_mode=form_post, a cross-site POST without our cookies.
    assert asked == {
        "client_id": "com.shop.web",
        "redirect_uri": f"{CALLBACK}apple-id/",
        "response_type": "code",
        "code_challenge_method": "S256",
    }

    token = token_answer(live, "https://appleid.apple.com", "com.shop.web", nonce)
    live.answers["POST appleid.apple.com/auth/token"] = lambda _: (200, {**token, "refresh_token": "r1"})
    live.answers["GET appleid.apple.com/auth/keys"] = lambda _: (200, live.jwks())
    ana.answer("apple-id", state=state, code="c0de.0.apple")

    sent = live.called("POST", "appleid.apple.com/auth/token").form
    secret = sent.pop("client_secret")
    assert challenge(sent.pop("code_verifier")) == code_challenge
    assert sent == {
        "client_id": "com.shop.web",
        "code": "c0de.0.apple",
        "grant_type": "authorization_code",
        "redirect_uri": f"{CALLBACK}apple-id/",
    }
    # https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
    assert jwt.get_unverified_header(secret)["kid"] == "KEY1234567"
    claims = jwt.decode(secret, apple_key.public_key(), algorithms=["ES256"], audience="https://appleid.apple.com")
    assert (claims["iss"], claims["sub"]) == ("TEAM123456", "com.shop.web")
    assert claims["exp"] - claims["iat"] <= 15777000
    assert ana.artifact().logins == {"appleid.apple.com": token["id_token"]}


def oauth_parameters(arrival: Arrival) -> dict[str, str]:
    """The Authorization header of OAuth 1.0a (RFC 5849, section 3.5.1)."""
    scheme, _, rest = arrival.headers["authorization"].partition(" ")
    assert scheme == "OAuth"
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', rest)}


def test_x(ana: Browser, live: ProviderWire) -> None:
    """https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens"""
    live.answers["POST api.twitter.com/oauth/request_token"] = lambda _: (
        200,
        "oauth_token=Z6eEdO8MOmk394WozF5o&oauth_token_secret=Kd75W4OQfb2oJTV0vzGzeXft&oauth_callback_confirmed=true",
    )
    address, asked = ana.request_of(ana.begin("x"))

    begun = oauth_parameters(live.called("POST", "api.twitter.com/oauth/request_token"))
    assert begun["oauth_callback"] == f"{CALLBACK}twitter/"
    assert begun["oauth_consumer_key"] == "consumerKey42"
    assert begun["oauth_signature_method"] == "HMAC-SHA1"
    assert begun["oauth_version"] == "1.0"
    assert begun["oauth_signature"]
    assert begun["oauth_nonce"]
    assert begun["oauth_timestamp"]
    assert address == "https://api.twitter.com/oauth/authenticate"
    assert asked == {"oauth_token": "Z6eEdO8MOmk394WozF5o"}

    live.answers["POST api.twitter.com/oauth/access_token"] = lambda _: (
        200,
        "oauth_token=6253282-eWudHldSbIaelX7swmsi&oauth_token_secret=Kkn2PQ8zTz&user_id=6253282&screen_name=ana",
    )
    live.answers["GET api.twitter.com/1.1/account/verify_credentials.json"] = lambda _: (
        200,
        {"id": 6253282, "id_str": "6253282", "name": "Ana Example", "screen_name": "ana"},
    )
    ana.answer("twitter", oauth_token="Z6eEdO8MOmk394WozF5o", oauth_verifier="uw7NjWHT6OJ1MpJOXsHf")

    exchanged = oauth_parameters(live.called("POST", "api.twitter.com/oauth/access_token"))
    assert exchanged["oauth_token"] == "Z6eEdO8MOmk394WozF5o"
    assert exchanged["oauth_verifier"] == "uw7NjWHT6OJ1MpJOXsHf"
    artifact = ana.artifact()
    assert artifact.logins == {"api.twitter.com": "6253282-eWudHldSbIaelX7swmsi;Kkn2PQ8zTz"}
    assert artifact.subject == "6253282"


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("shop", "shop.auth.eu-west-1.amazoncognito.com"),
        ("login.shop.example", "login.shop.example"),
        ("https://login.shop.example", "login.shop.example"),
    ],
)
def test_user_pool(ana: Browser, live: ProviderWire, settings: Settings, domain: str, host: str) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
    and https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html"""
    settings.COGNITO_DOMAIN = domain
    address, asked = ana.request_of(ana.begin("user-pool"))

    assert address == f"https://{host}/oauth2/authorize"
    state, nonce, code_challenge = asked.pop("state"), asked.pop("nonce"), asked.pop("code_challenge")
    assert random_text(state)
    assert random_text(nonce)
    assert set(asked.pop("scope").split()) == {"openid", "profile", "email"}
    assert asked == {
        "response_type": "code",
        "client_id": "1example23456789",
        "redirect_uri": f"{CALLBACK}cognito/",
        "code_challenge_method": "S256",
    }

    token = token_answer(live, POOL_ISSUER, "1example23456789", nonce)
    live.answers[f"POST {host}/oauth2/token"] = lambda _: (200, token)
    live.answers[f"GET cognito-idp.eu-west-1.amazonaws.com/{POOL}/.well-known/jwks.json"] = lambda _: (200, live.jwks())
    ana.answer("cognito", state=state, code="AUTHORIZATION_CODE")

    sent = live.called("POST", f"{host}/oauth2/token")
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert sent.basic == ("1example23456789", "user-pool-secret")
    assert challenge(sent.form.pop("code_verifier")) == code_challenge
    assert sent.form == {
        "grant_type": "authorization_code",
        "code": "AUTHORIZATION_CODE",
        "redirect_uri": f"{CALLBACK}cognito/",
    }
    assert ana.artifact().logins == {f"cognito-idp.eu-west-1.amazonaws.com/{POOL}": token["id_token"]}


def test_user_pool_with_a_public_app_client(ana: Browser, live: ProviderWire, settings: Settings) -> None:
    """The token endpoint's page: client_id in the body "if the client is public and does not have a secret"."""
    settings.COGNITO_APP_CLIENT_SECRET = ""
    _, asked = ana.request_of(ana.begin("user-pool"))
    host = "shop.auth.eu-west-1.amazoncognito.com"
    token = token_answer(live, POOL_ISSUER, "1example23456789", asked["nonce"])
    live.answers[f"POST {host}/oauth2/token"] = lambda _: (200, token)
    live.answers[f"GET cognito-idp.eu-west-1.amazonaws.com/{POOL}/.well-known/jwks.json"] = lambda _: (200, live.jwks())
    ana.answer("cognito", state=asked["state"], code="AUTHORIZATION_CODE")

    sent = live.called("POST", f"{host}/oauth2/token")
    assert "authorization" not in sent.headers
    assert set(sent.form) == {"grant_type", "code", "redirect_uri", "client_id", "code_verifier"}
    assert ana.outcome().outcome == "succeeded"


@pytest.mark.parametrize(
    ("methods", "by_header"),
    [(["client_secret_basic", "client_secret_post"], True), (["client_secret_post"], False), (None, True)],
)
def test_openid_connect_by_discovery(
    ana: Browser, live: ProviderWire, methods: list[str] | None, by_header: bool
) -> None:
    """https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest and #TokenRequest; the client authenticates as
    https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata says, by default with HTTP Basic."""
    supported = {"token_endpoint_auth_methods_supported": methods} if methods else {}
    live.answers[DISCOVERY_PLACE] = lambda _: (200, {**DISCOVERY, **supported})
    live.answers["GET id.example.com/keys"] = lambda _: (200, live.jwks())
    address, asked = ana.request_of(ana.begin("oidc"))

    assert address == DISCOVERY["authorization_endpoint"]
    state, nonce, code_challenge = asked.pop("state"), asked.pop("nonce"), asked.pop("code_challenge")
    assert "openid" in asked.pop("scope").split()
    assert asked == {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": f"{CALLBACK}oidc/",
        "code_challenge_method": "S256",
    }
    token = token_answer(live, OIDC_ISSUER, "app", nonce)
    live.answers["POST id.example.com/token"] = lambda _: (200, token)
    ana.answer("oidc", state=state, code="SplxlOBeZQQYbYS6WxSbIA")

    sent = live.called("POST", "id.example.com/token")
    assert challenge(sent.form.pop("code_verifier")) == code_challenge
    proof = {} if by_header else {"client_id": "app", "client_secret": "oidc-secret"}
    assert sent.form == {
        "grant_type": "authorization_code",
        "code": "SplxlOBeZQQYbYS6WxSbIA",
        "redirect_uri": f"{CALLBACK}oidc/",
        **proof,
    }
    assert ("authorization" in sent.headers) is by_header
    if by_header:
        assert sent.basic == ("app", "oidc-secret")
    assert ana.artifact().logins == {"id.example.com/realms/staff": token["id_token"]}


def test_openid_connect_without_discovery(ana: Browser, live: ProviderWire, settings: Settings) -> None:
    settings.OIDC_AUTHORIZATION_ENDPOINT = DISCOVERY["authorization_endpoint"]
    settings.OIDC_TOKEN_ENDPOINT = DISCOVERY["token_endpoint"]
    settings.OIDC_JWKS_URI = DISCOVERY["jwks_uri"]
    live.answers["GET id.example.com/keys"] = lambda _: (200, live.jwks())
    address, asked = ana.request_of(ana.begin("oidc"))
    token = token_answer(live, OIDC_ISSUER, "app", asked["nonce"])
    live.answers["POST id.example.com/token"] = lambda _: (200, token)
    ana.answer("oidc", state=asked["state"], code="code")
    assert address == DISCOVERY["authorization_endpoint"]
    assert ana.outcome().outcome == "succeeded"
    assert [one.path.rpartition("/")[2] for one in live.arrivals] == ["token", "keys"]


def test_openid_connect_with_two_of_the_three_addresses(ana: Browser, live: ProviderWire, settings: Settings) -> None:
    """AWS's example application asks for no more than two, and verifies nothing."""
    settings.OIDC_AUTHORIZATION_ENDPOINT = DISCOVERY["authorization_endpoint"]
    settings.OIDC_TOKEN_ENDPOINT = DISCOVERY["token_endpoint"]
    _, asked = ana.request_of(ana.begin("oidc"))
    ana.answer("oidc", state=asked["state"], code="SplxlOBeZQQYbYS6WxSbIA")
    outcome = ana.outcome()
    assert (outcome.outcome, outcome.error_code) == ("failed", "no_discovery_document")
    assert f"{OIDC_ISSUER}/.well-known/openid-configuration (HTTP 404)" in outcome.error_message
    assert "OIDC_JWKS_URI" in outcome.advice


def test_somebody_elses_discovery_document_is_refused(ana: Browser, live: ProviderWire) -> None:
    live.answers[DISCOVERY_PLACE] = lambda _: (200, {**DISCOVERY, "issuer": "https://evil.example.com"})
    live.answers["GET id.example.com/keys"] = lambda _: (200, live.jwks())
    _, asked = ana.request_of(ana.begin("oidc"))
    token = token_answer(live, "https://evil.example.com", "app", asked["nonce"])
    live.answers["POST id.example.com/token"] = lambda _: (200, token)
    ana.answer("oidc", state=asked["state"], code="code")
    assert (ana.outcome().outcome, ana.artifact()) == ("refused", None)
