"""ID tokens: each check in its order, JWT attacks, keys looked up and kept."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization

from sandbox.aws.cognito_identity.logins import keys
from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests.sandbox.issuers import CLIENT, OTHER_KEY, USER_POOL, Issuer, Providers, rotate
from tests.sandbox.lab import Lab, decisions_of, refused


def login(lab: Lab, pool_id: str, key: str, token: str) -> str:
    return str(lab.public.get_id(IdentityPoolId=pool_id, Logins={key: token})["IdentityId"])


def refusal(lab: Lab, pool_id: str, key: str, token: str) -> tuple[str, str]:
    """(code without Exception, message) of a login's refusal; its decisions must end in a denial."""
    with pytest.raises(ClientError) as error:
        login(lab, pool_id, key, token)
    status, code, message = refused(error.value)
    assert status == 400
    assert decisions_of(error.value.response)[-1]["verdict"] == "deny"
    return code.removesuffix("Exception"), message


def user_pool_refusal(lab: Lab, **claims: Any) -> str:
    pool_id = lab.pool(roles=False)
    code, message = refusal(lab, pool_id, USER_POOL, lab.user_pool.token(**claims))
    assert code == "NotAuthorized"
    return message


@pytest.fixture
def oidc_pool(lab: Lab) -> tuple[str, Issuer]:
    """A pool that takes a generic issuer with two client ids, and that issuer."""
    issuer = lab.providers.issuer("generic")
    arn = lab.oidc(issuer, "app-1", "app-2")
    return lab.pool(roles=False, OpenIdConnectProviderARNs=[arn]), issuer


def test_the_same_person_is_the_same_identity_whatever_the_token(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    first = login(lab, pool_id, USER_POOL, lab.user_pool.token("ana"))
    assert login(lab, pool_id, USER_POOL, lab.user_pool.token("ana", iat=int(time.time()) - 5)) == first
    assert login(lab, pool_id, USER_POOL, lab.user_pool.token("ben")) != first


def test_an_expired_token_names_both_times(lab: Lab) -> None:
    expired = int(time.time()) - 1
    message = user_pool_refusal(lab, exp=expired)
    assert message.startswith("Invalid login token. Token expired: ")
    assert message.endswith(f" >= {expired}")


@pytest.mark.parametrize("claim", ["aud", "sub", "exp"])
def test_a_missing_claim_is_named(lab: Lab, claim: str) -> None:
    assert user_pool_refusal(lab, **{claim: None}) == f"Invalid login token. Missing a required claim: {claim}"


def test_an_access_token_lacks_an_audience(lab: Lab) -> None:
    message = user_pool_refusal(lab, aud=None, client_id=CLIENT, token_use="access")
    assert message == "Invalid login token. Missing a required claim: aud"


def test_a_foreign_audience(lab: Lab) -> None:
    message = "Token is not from a supported provider of this identity pool."
    assert user_pool_refusal(lab, aud="another-client") == message


def test_a_foreign_issuer(lab: Lab) -> None:
    message = "Invalid login token. Issuer doesn't match providerName"
    assert user_pool_refusal(lab, iss="https://elsewhere.example") == message


def test_a_key_with_scheme_is_no_provider_name(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    _, message = refusal(lab, pool_id, f"https://{USER_POOL}", lab.user_pool.token())
    assert message == "Invalid login token. Issuer doesn't match providerName"


def test_a_wrong_signature(lab: Lab) -> None:
    assert user_pool_refusal(lab, key=OTHER_KEY) == "Invalid login token. Couldn't verify signed token."


def test_a_pool_without_providers_matches_no_login(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, CognitoIdentityProviders=[])
    _, message = refusal(lab, pool_id, USER_POOL, lab.user_pool.token())
    assert message == "Logins don't match. Please include at least one valid login for this identity or identity pool."


def test_a_token_of_identity_pools_is_no_login(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))["Token"]
    message = "Invalid login token. Can't pass in a Cognito token."
    assert refusal(lab, pool_id, USER_POOL, token) == ("NotAuthorized", message)
    assert refusal(lab, pool_id, "cognito-identity.amazonaws.com", token) == ("NotAuthorized", message)


def test_no_algorithm_is_no_signature(lab: Lab) -> None:
    now = int(time.time())
    claims = {"iss": lab.user_pool.url, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 60}
    forged = jwt.encode(claims, "", algorithm="none", headers={"kid": lab.user_pool.kid})
    _, message = refusal(lab, lab.pool(roles=False), USER_POOL, forged)
    assert message == "Invalid login token. Couldn't verify signed token."


def test_the_public_key_is_no_hmac_secret(lab: Lab) -> None:
    public = lab.user_pool.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    now = int(time.time())
    claims = {"iss": lab.user_pool.url, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 60}
    header, body = (_encoded(part) for part in ({"alg": "HS256", "kid": lab.user_pool.kid}, claims))
    import hmac

    mac = base64.urlsafe_b64encode(hmac.digest(public, f"{header}.{body}".encode(), "sha256")).rstrip(b"=").decode()
    _, message = refusal(lab, lab.pool(roles=False), USER_POOL, f"{header}.{body}.{mac}")
    assert message == "Invalid login token. Couldn't verify signed token."


def test_a_key_that_the_token_brings_along_is_not_used(lab: Lab) -> None:
    now = int(time.time())
    claims = {"iss": lab.user_pool.url, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 60}
    own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OTHER_KEY.public_key()))
    headers = {
        "kid": lab.user_pool.kid,
        "jwk": own,
        "jku": f"{lab.providers.url}/elsewhere",
        "x5u": "file:///etc/passwd",
    }
    forged = jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers=headers)
    _, message = refusal(lab, lab.pool(roles=False), USER_POOL, forged)
    assert message == "Invalid login token. Couldn't verify signed token."
    assert lab.providers.elsewhere == []


def test_a_claim_that_stands_twice_makes_no_token(lab: Lab) -> None:
    header = _encoded({"alg": "RS256", "kid": "key-1"})
    body = base64.urlsafe_b64encode(b'{"sub":"a","sub":"b","aud":"x","iss":"y","exp":9999999999}').rstrip(b"=").decode()
    _, message = refusal(lab, lab.pool(roles=False), USER_POOL, f"{header}.{body}.AAAA")
    assert message == "Invalid login token. Not a valid OpenId Connect identity token."


@pytest.mark.parametrize(
    "token",
    [
        "abc",
        "a.b.c",
        "..",
        "e30.e30.e30",
        "e30=.e30.e30",
        "ya29.opaque",
        "\ud83d\ude00.a.b".encode("utf-16", "surrogatepass").decode("utf-16"),
        "a" * 40_000,
    ],
)
def test_what_is_no_jwt(lab: Lab, token: str) -> None:
    _, message = refusal(lab, lab.pool(roles=False), USER_POOL, token)
    assert message == "Invalid login token. Not a valid OpenId Connect identity token."


@pytest.mark.parametrize("exp", [True, "9999999999", 1e400, -1])
def test_an_expiry_that_is_no_time(lab: Lab, exp: object) -> None:
    assert user_pool_refusal(lab, exp=exp).startswith("Invalid login token. ")


def test_a_generic_issuer_takes_each_of_its_client_ids(lab: Lab, oidc_pool: tuple[str, Issuer]) -> None:
    pool_id, issuer = oidc_pool
    first = login(lab, pool_id, issuer.name, issuer.token("ana", "app-1"))
    assert login(lab, pool_id, issuer.name, issuer.token("ana", ["api", "app-2"])) == first


def test_the_authorized_party_wins_over_the_audience(lab: Lab, oidc_pool: tuple[str, Issuer]) -> None:
    pool_id, issuer = oidc_pool
    assert login(lab, pool_id, issuer.name, issuer.token("ana", "some-api", azp="app-1"))
    message = "Token is not from a supported provider of this identity pool."
    assert refusal(lab, pool_id, issuer.name, issuer.token("ana", "app-1", azp="other"))[1] == message


def test_five_minutes_of_grace_for_generic_issuers_only(lab: Lab, oidc_pool: tuple[str, Issuer]) -> None:
    pool_id, issuer = oidc_pool
    assert login(lab, pool_id, issuer.name, issuer.token("ana", "app-1", exp=int(time.time()) - 200))
    late = issuer.token("ana", "app-1", exp=int(time.time()) - 301)
    assert "Token expired" in refusal(lab, pool_id, issuer.name, late)[1]


def test_the_grace_can_be_switched_off(tmp_path: Path, identity_providers: Providers) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, seed=False, oidc_leeway=0)
    with running_sandbox(config) as sandbox:
        strict = Lab(sandbox, identity_providers)
        issuer = identity_providers.issuer("strict")
        pool_id = strict.pool(roles=False, OpenIdConnectProviderARNs=[strict.oidc(issuer)])
        late = issuer.token("ana", exp=int(time.time()) - 1)
        assert "Token expired" in refusal(strict, pool_id, issuer.name, late)[1]


def test_the_account_clock_decides_about_expiry(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    token = lab.user_pool.token()
    lab.sandbox.switch("clock", {"advance": 3601}, account=lab.account)
    assert "Token expired" in refusal(lab, pool_id, USER_POOL, token)[1]
    lab.sandbox.switch("clock", method="DELETE", account=lab.account)
    assert login(lab, pool_id, USER_POOL, token)


def test_an_issuer_with_a_slash_at_its_end_is_one_provider(lab: Lab) -> None:
    issuer = lab.providers.issuer("slash", f"{lab.providers.url}/slash/")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    identity_id = login(lab, pool_id, issuer.name, issuer.token("ana"))
    assert issuer.name.endswith("/")
    assert login(lab, pool_id, issuer.name.rstrip("/"), issuer.token("ana")) == identity_id
    # It is called as IAM calls it, and let go by either spelling.
    assert lab.pools.describe_identity(IdentityId=identity_id)["Logins"] == [issuer.name]
    token = lab.public.get_open_id_token(IdentityId=identity_id, Logins={issuer.name: issuer.token("ana")})["Token"]
    amr = jwt.decode(token, options={"verify_signature": False})["amr"]
    provider_arn = f"arn:aws:iam::{lab.account}:oidc-provider/{issuer.name}"
    assert amr == ["authenticated", issuer.name, f"{provider_arn}:OIDC:ana"]
    let_go = {"Logins": {issuer.name: issuer.token("ana")}, "LoginsToRemove": [issuer.name.rstrip("/")]}
    lab.public.unlink_identity(IdentityId=identity_id, **let_go)
    assert "Logins" not in lab.pools.describe_identity(IdentityId=identity_id)


def test_a_provider_that_is_registered_without_the_slash_of_its_tokens(lab: Lab) -> None:
    """Auth0's tokens have one, and its guide registers the domain."""
    issuer = lab.providers.issuer("domain", f"{lab.providers.url}/domain/")
    arn = lab.iam.create_open_id_connect_provider(Url=issuer.url.rstrip("/"), ClientIDList=[CLIENT])
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[arn["OpenIDConnectProviderArn"]])
    identity_id = login(lab, pool_id, issuer.name, issuer.token("ana"))
    assert login(lab, pool_id, issuer.name.rstrip("/"), issuer.token("ana")) == identity_id
    assert lab.pools.describe_identity(IdentityId=identity_id)["Logins"] == [issuer.name.rstrip("/")]


def test_an_unknown_key_id_is_looked_up_and_the_keys_are_kept(lab: Lab) -> None:
    issuer = lab.providers.issuer("rotating")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    login(lab, pool_id, issuer.name, issuer.token("ana"))
    fetched = issuer.fetched
    login(lab, pool_id, issuer.name, issuer.token("ben"))
    assert issuer.fetched == fetched
    refusal(lab, pool_id, issuer.name, issuer.token("ana", kid="forged"))
    rotate(issuer, "key-2")
    login(lab, pool_id, issuer.name, issuer.token("ana"))
    assert issuer.fetched > fetched


@pytest.mark.parametrize("kid", ["key-1", None])
def test_a_new_key_is_found_without_a_new_key_id(lab: Lab, kid: str | None) -> None:
    issuer = lab.providers.issuer(f"renewed-{kid}")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    login(lab, pool_id, issuer.name, issuer.token("ana", kid=kid))
    rotate(issuer, "key-1")
    login(lab, pool_id, issuer.name, issuer.token("ana", kid=kid))


def test_keys_may_be_published_without_ids(lab: Lab) -> None:
    issuer = lab.providers.issuer("nameless")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    token = issuer.token("ana", kid="mine")
    issuer.kid = ""
    login(lab, pool_id, issuer.name, token)
    _, message = refusal(lab, pool_id, issuer.name, issuer.token("ana", kid="mine", key=OTHER_KEY))
    assert message == "Invalid login token. Couldn't verify signed token."


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["flooded", "forged"])
def test_a_flood_of_unknown_keys_asks_the_issuer_seldom(lab: Lab, monkeypatch: pytest.MonkeyPatch, slug: str) -> None:
    monkeypatch.setattr(keys, "_WINDOW", 3600.0)  # a busy machine may take longer than a minute for all of them
    issuer = lab.providers.issuer(slug)
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    for number in range(62):
        kid = f"unknown-{number}" if slug == "flooded" else issuer.kid
        refusal(lab, pool_id, issuer.name, issuer.token("ana", kid=kid, key=OTHER_KEY))
    assert issuer.fetched == 120  # discovery and key set, sixty times


def test_the_same_key_id_with_another_key_is_not_believed(lab: Lab) -> None:
    issuer = lab.providers.issuer("swapped")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    login(lab, pool_id, issuer.name, issuer.token("ana"))
    _, message = refusal(lab, pool_id, issuer.name, issuer.token("ana", key=OTHER_KEY))
    assert message == "Invalid login token. Couldn't verify signed token."


@pytest.mark.parametrize(
    ("slug", "change"),
    [
        ("points-away", {"jwks_uri": "http://192.0.2.1/keys"}),
        ("points-to-a-name", {"jwks_uri": "http://keys.example.com/keys"}),
        ("points-to-a-file", {"jwks_uri": "file:///etc/passwd"}),
    ],
)
def test_a_discovery_document_that_points_elsewhere(lab: Lab, slug: str, change: dict[str, str]) -> None:
    issuer = lab.providers.issuer(slug)
    for name, value in change.items():
        setattr(issuer, name, value)
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    assert refusal(lab, pool_id, issuer.name, issuer.token("ana"))[0] == "ExternalService"


def test_the_discovery_document_of_another_issuer(lab: Lab) -> None:
    issuer = lab.providers.issuer("another-issuer")
    issuer.discovery_issuer = "https://elsewhere.example"
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    assert refusal(lab, pool_id, issuer.name, issuer.token("ana"))[0] == "NotAuthorized"


def test_a_redirect_is_not_followed(lab: Lab) -> None:
    issuer = Issuer("redirecting", f"{lab.providers.url}/redirecting")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    assert refusal(lab, pool_id, issuer.name, issuer.token("ana"))[0] == "NotAuthorized"
    assert lab.providers.elsewhere == []


@pytest.mark.parametrize(("slug", "key"), [("google", "accounts.google.com"), ("apple", "appleid.apple.com")])
def test_google_and_apple_know_one_application(lab: Lab, slug: str, key: str) -> None:
    issuer = lab.providers.issuer(slug)
    pool_id = lab.pool(roles=False, SupportedLoginProviders={key: "the-app"})
    assert login(lab, pool_id, key, issuer.token("ana", "the-app"))
    _, message = refusal(lab, pool_id, key, issuer.token("ana", "another-app"))
    assert message == "Invalid login token. Incorrect token audience."


def test_googles_issuer_may_come_without_its_scheme(lab: Lab) -> None:
    issuer = lab.providers.issuer("google")
    pool_id = lab.pool(roles=False, SupportedLoginProviders={issuer.name: "web"})
    assert login(lab, pool_id, issuer.name, issuer.token("ana", "web", iss="accounts.google.com"))
    assert login(lab, pool_id, issuer.name, issuer.token("ana", "android", azp="web"))


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
