"""What stands between a login and belief, rule by rule: addresses, tokens, keys, and what providers answer."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from sandbox.aws.cognito_identity.logins import jwt as tokens
from sandbox.aws.cognito_identity.logins import keys as published
from sandbox.aws.cognito_identity.logins.fetch import Fetched, FetchFailed, fetch, local_url
from sandbox.aws.cognito_identity.logins.id_token import issued_by_identity_pools
from sandbox.aws.cognito_identity.logins.jwt import Jwts, NotAJwt, UnverifiedJwt
from sandbox.aws.cognito_identity.logins.keys import PublishedKey
from sandbox.aws.cognito_identity.logins.saml_login import is_saml_arn
from tests.apart import run_apart
from tests.sandbox.issuers import CLIENT, OTHER_KEY, USER_POOL, Providers
from tests.sandbox.lab import Lab, decisions_of, refused

# --- Addresses --------------------------------------------------------------------------------------------------------


def instance_with(**endpoints: str) -> Any:
    """As much of one as fetching needs."""
    return SimpleNamespace(endpoints_of=lambda account: endpoints, threads=ThreadPoolExecutor(1))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "http://127.0.0.1/a"),
        ("https://a.example/x", "http://127.0.0.1/a/x"),
        ("https://a.example?x", "http://127.0.0.1/a?x"),
        ("https://a.example.evil", "https://a.example.evil"),
        ("https://a.example/long", "http://127.0.0.1/b"),
        ("https://a.example/long/x", "http://127.0.0.1/b/x"),
        ("https://a.example/longer", "http://127.0.0.1/a/longer"),
        ("https://b.example/x", "https://b.example/x"),
    ],
)
def test_an_address_is_replaced_by_its_longest_beginning(url: str, expected: str) -> None:
    near, far = {"https://a.example": "http://127.0.0.1/a"}, {"https://a.example/long": "http://127.0.0.1/b"}
    assert {local_url(instance_with(**found), "1", url) for found in (near | far, far | near)} == {expected}


def fetched(url: str) -> Fetched:
    return run_apart(fetch(instance_with(), "1", url))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "not an http URL"),
        ("ftp://127.0.0.1/x", "not an http URL"),
        ("http:///x", "not an http URL"),
        ("http://127.0.0.1:99999/", "not a URL"),
        ("http://[::1", "not a URL"),
        ("http://192.0.2.1/", "the sandbox fetches from this machine only"),
        ("http://127.0.0.1.evil.example/", "the sandbox fetches from this machine only"),
        ("http://localhost.evil.example/", "the sandbox fetches from this machine only"),
        ("http://notlocalhost/", "the sandbox fetches from this machine only"),
        ("http://127.0.0.1:9/", "the provider does not answer"),
        ("https://127.0.0.1:9/", "the provider does not answer"),
        ("http://[::1]:9/", "the provider does not answer"),
    ],
)
def test_an_address_that_is_not_asked(url: str, reason: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetched(url)
    assert (failed.value.reason, failed.value.answered) == (reason, False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "realm.localhost"])
def test_this_machine_is_asked_under_each_of_its_names(identity_providers: Providers, host: str) -> None:
    identity_providers.issuer("named")
    if host == "127.0.0.2":
        with pytest.raises(FetchFailed, match="does not answer"):
            fetched(identity_providers.url.replace("127.0.0.1", host) + "/named/jwks")
    else:
        answer = fetched(identity_providers.url.replace("127.0.0.1", host) + "/named/jwks?x=1")
        assert (answer.status, list(answer.json())) == (200, ["keys"])


def test_the_longest_answer_that_is_read(identity_providers: Providers) -> None:
    url = f"{identity_providers.url}/long"
    identity_providers.answers["/long"] = (200, "x" * (256 * 1024 - 2))  # and the quotation marks
    assert len(fetched(url).body) == 256 * 1024
    identity_providers.answers["/long"] = (200, "x" * (256 * 1024 - 1))
    with pytest.raises(FetchFailed, match="the answer is too large") as failed:
        fetched(url)
    assert failed.value.answered
    del identity_providers.answers["/long"]


def test_an_answer_that_is_no_json_is_an_answer() -> None:
    with pytest.raises(FetchFailed) as failed:
        Fetched(200, b"<html>").json()
    assert failed.value.answered


# --- Tokens -----------------------------------------------------------------------------------------------------------


def encoded(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def taken_apart(claims: Any, header: Any = None, signature: str = "AAAA") -> UnverifiedJwt:
    jwts = Jwts(None)  # type: ignore[arg-type]
    return jwts.parse(f"{encoded(header or {'alg': 'RS256'})}.{encoded(claims)}.{signature}")


@pytest.mark.parametrize(
    ("header", "claims", "signature"),
    [
        ({"alg": "RS256", "crit": ["exp"]}, {}, "AAAA"),
        ({"typ": "JWT"}, {}, "AAAA"),
        ({"alg": 256}, {}, "AAAA"),
        ({"alg": "RS256"}, [], "AAAA"),
        ({"alg": "RS256"}, "text", "AAAA"),
        ({"alg": "RS256"}, b'{"a":NaN}', "AAAA"),
        ({"alg": "RS256"}, b'{"a":-Infinity}', "AAAA"),
        ({"alg": "RS256"}, b'{"a":1,"a":2}', "AAAA"),
        ({"alg": "RS256"}, b'{"a":"\\ud800"}', "AAAA"),
        ({"alg": "RS256"}, b"\xff", "AAAA"),
        ({"alg": "RS256"}, {}, "AAA="),
        ({"alg": "RS256"}, {}, "AAAA.AAAA"),
    ],
)
def test_what_is_no_token(header: Any, claims: Any, signature: str) -> None:
    with pytest.raises(NotAJwt):
        taken_apart(claims, header, signature)


def test_a_name_with_an_escaped_pair_is_one() -> None:
    assert taken_apart(b'{"sub":"\\ud83d\\ude00"}').subject == "\U0001f600"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"aud": "a"}, ["a"]),
        ({"aud": ["a", "", 1, None, "b"]}, ["a", "b"]),
        ({"aud": ""}, []),
        ({"aud": 1}, []),
        ({}, []),
    ],
)
def test_an_audience_is_one_or_several_texts(claims: dict[str, Any], expected: list[str]) -> None:
    assert taken_apart(claims).audiences == expected


@pytest.mark.parametrize(("sub", "expected"), [("x" * 2048, "x" * 2048), ("x" * 2049, ""), (7, ""), (None, "")])
def test_a_subject_is_a_text_that_is_not_too_long(sub: Any, expected: str) -> None:
    assert taken_apart({"sub": sub}).subject == expected


@pytest.mark.parametrize(("exp", "expected"), [(5, 5.0), (5.5, 5.5), (True, None), ("5", None), (10**400, None)])
def test_a_time_is_a_number(exp: Any, expected: float | None) -> None:
    assert taken_apart({"exp": exp}).seconds("exp") == expected
    assert taken_apart({}).seconds("exp") is None


def test_a_number_beyond_all_numbers_is_no_time() -> None:
    assert taken_apart(b'{"exp":1e999}').seconds("exp") is None


def test_a_key_id_is_a_text() -> None:
    assert taken_apart({}, {"alg": "RS256", "kid": "k"}).kid == "k"
    assert taken_apart({}, {"alg": "RS256", "kid": 1}).kid is None
    assert taken_apart({"iss": 1}).issuer == ""


def test_tokens_are_remembered_the_newest_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_CACHED", 2)
    jwts = Jwts(None)  # type: ignore[arg-type]
    head = encoded({"alg": "RS256"})
    texts = [f"{head}.{encoded({'sub': str(number)})}.AAAA" for number in range(3)]
    first, second = jwts.parse(texts[0]), jwts.parse(texts[1])
    assert jwts.parse(texts[0]) is first
    third = jwts.parse(texts[2])
    assert (jwts.parse(texts[1]) is second, jwts.parse(texts[2]) is third) == (True, True)
    assert jwts.parse(texts[0]) is not first
    longest = f"{head}.{encoded(b'{ }')}." + "A" * 4068
    assert len(longest) == 4096
    assert jwts.parse(longest) is jwts.parse(longest)
    assert jwts.parse(f"{longest}AAAA") is not jwts.parse(f"{longest}AAAA")


RSA_KEY = OTHER_KEY
ANOTHER_RSA_KEY = rsa.generate_private_key(65537, 2048)
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
EC_KEYS = {alg: ec.generate_private_key(curve) for alg, curve in CURVES.items()}
ALL = ("RS256", "RS384", "RS512", *CURVES)


def of(key: Any, alg: str = "") -> PublishedKey:
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    jwk = {**kind.to_jwk(key.public_key(), as_dict=True), "kid": "k", **({"alg": alg} if alg else {})}
    read = published._read(jwk)
    assert read is not None
    return read


@pytest.mark.parametrize("alg", ALL)
def test_a_signature_holds_for_its_own_key_algorithm_and_text(alg: str) -> None:
    jwts = Jwts(None)  # type: ignore[arg-type]
    key = EC_KEYS.get(alg, RSA_KEY)
    text = jwt.encode({"sub": "a"}, key, alg)
    parsed = jwts.parse(text)
    for _ in range(2):  # the second time from memory
        assert jwts.signature_holds(parsed, of(key), ALL)
    assert jwts.signature_holds(parsed, of(key, alg), (alg,))
    assert not jwts.signature_holds(parsed, of(key), tuple(set(ALL) - {alg}))
    assert not jwts.signature_holds(parsed, of(key, "RS256" if alg != "RS256" else "RS384"), ALL)
    head, _, signature = text.split(".")
    changed = jwts.parse(f"{head}.{encoded({'sub': 'b'})}.{signature}")
    for _ in range(2):
        assert not jwts.signature_holds(changed, of(key), ALL)
    for other_alg, other in {**EC_KEYS, "RS256": ANOTHER_RSA_KEY}.items():
        if other_alg != alg:
            assert not jwts.signature_holds(parsed, of(other), ALL)


@pytest.mark.parametrize("alg", list(CURVES))
def test_a_signature_by_a_curve_has_its_own_length(alg: str) -> None:
    jwts = Jwts(None)  # type: ignore[arg-type]
    head, body, signature = jwt.encode({}, EC_KEYS[alg], alg).split(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    half = len(raw) // 2
    longer = encoded(b"\0" + raw[:half] + b"\0" + raw[half:])
    assert not jwts.signature_holds(jwts.parse(f"{head}.{body}.{longer}"), of(EC_KEYS[alg]), ALL)


def test_verified_signatures_are_remembered_the_newest_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_CACHED", 1)
    jwts = Jwts(None)  # type: ignore[arg-type]
    for number in range(3):
        assert jwts.signature_holds(jwts.parse(jwt.encode({"n": number}, RSA_KEY, "RS256")), of(RSA_KEY), ALL)
    assert len(jwts._verified) == 1


# --- Keys -------------------------------------------------------------------------------------------------------------

RSA_JWK: dict[str, Any] = RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)
EC_JWK: dict[str, Any] = ECAlgorithm.to_jwk(EC_KEYS["ES256"].public_key(), as_dict=True)
SHORT: dict[str, Any] = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key(), as_dict=True)  # noqa: S505


@pytest.mark.parametrize(
    ("jwk", "taken"),
    [
        (RSA_JWK, True),
        ({**RSA_JWK, "use": "sig"}, True),
        ({**RSA_JWK, "use": "enc"}, False),
        (EC_JWK, True),
        ({**EC_JWK, "crv": "P-192"}, False),
        (ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256K1()).public_key(), as_dict=True), False),
        ({**EC_JWK, "kty": ""}, False),
        ({**RSA_JWK, "kid": 5, "d": "not looked at"}, True),
        ({**EC_JWK, "x": EC_JWK["y"]}, False),
        (SHORT, False),
        ({"kty": "oct", "k": "AAAA"}, False),
        ({**RSA_JWK, "n": 5}, False),
        ({**RSA_JWK, "n": "!"}, False),
        ("text", False),
        (None, False),
    ],
)
def test_a_published_key_that_is_taken(jwk: Any, taken: bool) -> None:
    assert (published._read(jwk) is not None) is taken


@pytest.mark.parametrize(
    ("slug", "document"),
    [
        ("document-none", []),
        ("document-empty", {}),
        ("document-number", {"jwks_uri": 1}),
        ("document-of-another", {"issuer": "https://elsewhere.example", "jwks_uri": "x"}),
    ],
)
def test_a_discovery_document_that_is_none(lab: Lab, slug: str, document: Any) -> None:
    assert sign_in_at(lab, slug, {".well-known/openid-configuration": (200, document)}) == "NotAuthorizedException"


@pytest.mark.parametrize(
    ("slug", "answer"),
    [
        ("set-none", (200, [])),
        ("set-empty", (200, {})),
        ("set-text", (200, {"keys": "x"})),
        ("set-404", (404, {"keys": []})),
    ],
)
def test_a_key_set_that_is_none(lab: Lab, slug: str, answer: Any) -> None:
    assert sign_in_at(lab, slug, {"jwks": answer}) == "NotAuthorizedException"


def test_an_issuer_that_answers_as_it_should(lab: Lab) -> None:
    assert sign_in_at(lab, "set-good", {}) == ""


def test_keys_of_one_issuer_are_kept_while_another_is_met(lab: Lab) -> None:
    issuers = [lab.providers.issuer(slug) for slug in ("met-first", "met-second")]
    arns = [lab.oidc(issuer) for issuer in issuers]
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=arns)
    for issuer in (*issuers, *issuers):
        assert code_of(lab, pool_id, issuer.name, issuer.token("ana")) == ("", "")
    assert [issuer.fetched for issuer in issuers] == [2, 2]  # discovery and key set


def test_kept_keys_are_looked_up_again_when_their_time_is_over(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = lab.providers.issuer("kept-for-a-time")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    fetches = []
    for kept in (600.0, 600.0, 0.0):
        monkeypatch.setattr(published, "_KEPT", kept)
        assert code_of(lab, pool_id, issuer.name, issuer.token("ana")) == ("", "")
        fetches.append(issuer.fetched)
    assert fetches == [2, 2, 4]  # discovery and key set


def test_keys_of_a_user_pool_are_at_a_fixed_place(lab: Lab) -> None:
    fetched_before = lab.user_pool.fetched
    told = code_of(lab, lab.pool(roles=False), USER_POOL, lab.user_pool.token(kid="never published"))[1]
    assert told == "Invalid login token. Couldn't verify signed token."
    assert lab.user_pool.fetched == fetched_before + 1


def sign_in_at(lab: Lab, slug: str, answers: dict[str, tuple[int, Any]]) -> str:
    """The error's code of a login at an issuer of which some answers are replaced."""
    issuer = lab.providers.issuer(slug)
    lab.providers.answers |= {f"/{slug}/{path}": answer for path, answer in answers.items()}
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    return code_of(lab, pool_id, issuer.name, issuer.token("ana"))[0]


def code_of(lab: Lab, pool_id: str, key: str, value: str) -> tuple[str, str]:
    """(code, message) of a login's refusal, or empty texts when it is taken."""
    try:
        lab.public.get_id(IdentityPoolId=pool_id, Logins={key: value})
    except ClientError as error:
        return refused(error)[1:]
    return "", ""


# --- ID tokens and their providers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://cognito-identity.amazonaws.com", True),
        ("https://cognito-identity.cn-north-1.amazonaws.com.cn", True),
        ("https://cognito-identity.eusc-de-east-1.amazonaws.eu", True),
        ("https://cognito-identity.evil.example", False),
        ("https://elsewhere.amazonaws.com", False),
    ],
)
def test_issuers_that_are_identity_pools(issuer: str, expected: bool) -> None:
    assert issued_by_identity_pools(issuer) is expected


def test_a_token_that_is_not_valid_yet(lab: Lab) -> None:
    pool_id, now = lab.pool(roles=False), int(time.time())
    assert code_of(lab, pool_id, USER_POOL, lab.user_pool.token(nbf=now + 250)) == ("", "")
    told = code_of(lab, pool_id, USER_POOL, lab.user_pool.token(nbf=now + 400))[1]
    assert told == "Invalid login token. Token is not yet valid."


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_slash_that_is_not_the_issuers_makes_no_second_person(lab: Lab, slashes: str) -> None:
    pool_id = lab.pool(roles=False)
    told = code_of(lab, pool_id, USER_POOL, lab.user_pool.token(iss=f"https://{USER_POOL}{slashes}"))[1]
    assert told in ("", "Invalid login token. Issuer doesn't match providerName")
    assert code_of(lab, pool_id, USER_POOL, lab.user_pool.token()) == ("", "")
    assert len(lab.pools.list_identities(IdentityPoolId=pool_id, MaxResults=9)["Identities"]) == 1


def test_a_user_pools_token_is_an_id_token(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    assert code_of(lab, pool_id, USER_POOL, lab.user_pool.token(token_use="id")) == ("", "")
    told = code_of(lab, pool_id, USER_POOL, lab.user_pool.token(token_use="access"))[1]
    assert told == "Invalid login token. Not a valid OpenId Connect identity token."


def test_the_authorized_party_counts_at_google_alone(lab: Lab) -> None:
    for slug, taken in (("google", True), ("apple", False)):
        issuer = lab.providers.issuer(slug)
        pool_id = lab.pool(roles=False, SupportedLoginProviders={issuer.name: "web"})
        code, _ = code_of(lab, pool_id, issuer.name, issuer.token("ana", "android", azp="web"))
        assert (code == "") is taken
        assert code_of(lab, pool_id, issuer.name, issuer.token("ana", "android", azp=7))[0] == "NotAuthorizedException"


def test_a_refusal_tells_whether_the_provider_or_the_audience_is_not_registered(lab: Lab) -> None:
    generic, unknown = lab.providers.issuer("told"), lab.providers.issuer("untold")
    arn = lab.oidc(generic, "app-1", "app-2")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[arn])
    empty = lab.pool(roles=False, CognitoIdentityProviders=[])
    told = [
        last_decision(lab, pool_id, generic.name, generic.token("ana", "other")),
        last_decision(lab, pool_id, generic.name, generic.token("ana", "app-1", azp="other")),
        last_decision(lab, pool_id, unknown.name, unknown.token("ana")),
        last_decision(lab, pool_id, USER_POOL, lab.user_pool.token(aud=["b", "c"])),
        last_decision(lab, empty, unknown.name, unknown.token("ana")),
        last_decision(lab, empty, FACEBOOK, "t"),
        last_decision(lab, pool_id, FACEBOOK, "t"),
    ]
    assert told == [
        ("audience", "app-1 or app-2", "other"),
        ("audience", "app-1 or app-2", "other"),
        ("provider", f"{USER_POOL} or {arn}", unknown.name),
        ("audience", CLIENT, "b, c"),
        ("provider", "a provider of this pool", "the pool has no providers"),
        ("provider", "(none)", FACEBOOK),
        ("provider", "(none)", FACEBOOK),
    ]


def last_decision(lab: Lab, pool_id: str, key: str, value: str) -> tuple[str, str, str]:
    with pytest.raises(ClientError) as error:
        lab.public.get_id(IdentityPoolId=pool_id, Logins={key: value})
    last = decisions_of(error.value.response)[-1]
    return last["check"], last["expected"], last["actual"]


def test_a_developers_own_provider_and_the_pools_own_tokens_are_no_public_ones(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, DeveloperProviderName="login.example")
    told = code_of(lab, pool_id, "login.example", "ana")
    assert (told[0], "public" in told[1].lower()) == ("InvalidParameterException", True)
    assert "Cognito token" in code_of(lab, pool_id, "cognito-identity.amazonaws.com", "x")[1]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("arn:aws:iam::123456789012:saml-provider/Corp", True),
        ("arn:aws-cn:iam::123456789012:saml-provider/Corp", True),
        ("arn:aws:iam::123456789012:saml-provider/", False),
        ("arn:aws:iam::123456789012:role/Corp", False),
        ("xarn:aws:iam::123456789012:saml-provider/Corp", False),
    ],
)
def test_a_key_that_names_a_saml_provider(key: str, expected: bool) -> None:
    assert is_saml_arn(key) is expected


# --- Providers that are asked -----------------------------------------------------------------------------------------

FACEBOOK, AMAZON, X = "graph.facebook.com", "www.amazon.com", "api.twitter.com"
APP, TOKENINFO = "/facebook/app?fields=id", "/amazon/auth/o2/tokeninfo?access_token=t"
EXPIRED = "Invalid login token. Token is expired."
NOT_VALID = "Invalid login token. Token is not valid."


@pytest.mark.parametrize(
    ("key", "path", "answer", "told"),
    [
        (FACEBOOK, APP, (400, {"error": {"error_subcode": 463}}), EXPIRED),
        (FACEBOOK, APP, (400, {"error": {"message": "Session has expired"}}), EXPIRED),
        (FACEBOOK, APP, (400, {"error": {"message": "no"}}), NOT_VALID),
        (FACEBOOK, APP, (400, {"error": "expired"}), NOT_VALID),
        (FACEBOOK, APP, (400, ["expired"]), NOT_VALID),
        (FACEBOOK, APP, (400, {"id": "app-1"}), NOT_VALID),
        (FACEBOOK, APP, (200, ["app-1"]), NOT_VALID),
        (FACEBOOK, APP, (200, {"id": 7}), NOT_VALID),
        (FACEBOOK, "/facebook/me?fields=id", (200, {"id": ""}), NOT_VALID),
        (AMAZON, TOKENINFO, (200, {"aud": "app-1", "user_id": "u", "exp": 0}), EXPIRED),
        (AMAZON, TOKENINFO, (200, {"aud": "app-1", "user_id": "u", "exp": 1}), ""),
        (AMAZON, TOKENINFO, (200, {"aud": "app-1", "user_id": "u", "exp": "0"}), ""),
        (AMAZON, TOKENINFO, (400, {"aud": "app-1", "user_id": "u"}), NOT_VALID),
        (AMAZON, TOKENINFO, (200, ["app-1"]), NOT_VALID),
        (AMAZON, TOKENINFO, (200, {"aud": "app-1"}), NOT_VALID),
        (X, "/x/1.1/account/verify_credentials.json", (200, {"id_str": "42"}), ""),
        (X, "/x/1.1/account/verify_credentials.json", (401, {"id_str": "42"}), NOT_VALID),
        (X, "/x/1.1/account/verify_credentials.json", (200, [42]), NOT_VALID),
        (X, "/x/1.1/account/verify_credentials.json", (200, {"id_str": 42}), NOT_VALID),
    ],
)  # fmt: skip
def test_what_a_provider_answers_about_a_token(lab: Lab, key: str, path: str, answer: Any, told: str) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={key: "app-1;secret" if key == X else "app-1"})
    lab.providers.tokens["t"] = ("app-1", "ana")
    lab.providers.answers[path] = answer
    try:
        assert code_of(lab, pool_id, key, "t;s" if key == X else "t")[1] == told
    finally:
        lab.providers.answers.clear()
        del lab.providers.tokens["t"]


@pytest.mark.parametrize("value", ["t", "t;", ";s"])
def test_x_is_not_asked_about_half_a_login(lab: Lab, value: str) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={X: "consumer;secret"})
    asked = len(lab.providers.oauth1)
    assert code_of(lab, pool_id, X, value)[1] == NOT_VALID
    assert len(lab.providers.oauth1) == asked


def test_a_pool_that_has_no_providers_matches_no_opaque_login(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, CognitoIdentityProviders=[])
    assert code_of(lab, pool_id, FACEBOOK, "t")[1].startswith("Logins don't match.")
