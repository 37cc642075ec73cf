"""Token requests: codes once, verifiers and secrets right, refresh and revocation."""

import jwt
import pytest
import requests

from sandbox.idp.stand_ins import apple
from tests.sandbox.idp.driver import Browser, Issuer, Sign, StandIns, answer_of, apple_secret, issuers


def test_a_code_works_once(openid: Sign) -> None:
    code = openid.code()
    assert openid.exchange(code).status_code == 200
    again = openid.exchange(code)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"


def test_a_code_used_twice_takes_back_what_it_gave(generic: Sign) -> None:
    code = generic.code()
    access_token = generic.exchange(code).json()["access_token"]
    generic.exchange(code)
    headers = {"Authorization": f"Bearer {access_token}"}
    assert requests.get(generic.stand_ins.at("oidc/userinfo"), headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_request"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 400, "invalid_client"),
        ({"redirect_uri": "http://127.0.0.1:8000/elsewhere/"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": 'x"y'}, 400, "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused(
    strict_openid: Sign, changes: dict[str, str | None], status: int, error: str
) -> None:
    answer = strict_openid.exchange(strict_openid.code(), **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_made_up_code_is_refused(openid: Sign) -> None:
    assert openid.exchange("made-up").json()["error"] == "invalid_grant"


def test_a_failed_attempt_burns_the_code(generic: Sign) -> None:
    code = generic.code()
    generic.exchange(code, code_verifier="x" * 43)
    assert generic.exchange(code).json()["error"] == "invalid_grant"


def test_the_client_may_authenticate_in_the_header(generic: Sign) -> None:
    client = generic.client
    data = {
        "grant_type": "authorization_code",
        "code": generic.code(),
        "redirect_uri": client.redirect_uris[0],
        "code_verifier": generic.verifier,
    }
    answer = requests.post(generic.stand_ins.at("oidc/token"), data=data, auth=(client.client_id, client.secret))
    assert answer.status_code == 200


def test_a_code_of_one_issuer_means_nothing_to_another(stand_ins: StandIns, generic: Sign) -> None:
    google = Sign(stand_ins, issuers(stand_ins)["google"], verifier=generic.verifier)
    assert google.exchange(generic.code()).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "OTHERTEAM1"},
        {"sub": "com.example.other"},
        {"aud": "https://example.com"},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"kid": "OTHERKEY01"},
    ],
)
def test_apple_checks_the_client_secret_that_the_application_signs(
    stand_ins: StandIns, changes: dict[str, object]
) -> None:
    apple = Sign(stand_ins, issuers(stand_ins)["apple"])
    answer = apple.exchange(apple.code(), client_secret=apple_secret(apple.stand_ins.lab, **changes))
    assert answer.json()["error"] == "invalid_client"


def test_apple_refuses_a_secret_signed_with_its_public_key_as_hmac(stand_ins: StandIns) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    sign = Sign(stand_ins, issuers(stand_ins)["apple"])
    public = apple.client_key(stand_ins.lab).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    genuine = jwt.decode(apple_secret(stand_ins.lab), options={"verify_signature": False})
    forged = jwt.encode(genuine, public, algorithm="HS256", headers={"kid": apple.KEY_ID})
    assert sign.exchange(sign.code(), client_secret=forged).json()["error"] == "invalid_client"


def refreshed(sign: Sign, refresh_token: str) -> requests.Response:
    data = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": sign.client.client_id,
        "client_secret": sign.secret(),
    }
    return requests.post(sign.stand_ins.at(sign.issuer.token), data=data)


def test_a_refresh_token_brings_a_new_id_token_of_the_same_sign_in(pool: Sign) -> None:
    tokens = pool.tokens("chidi")
    answer = refreshed(pool, tokens["refresh_token"]).json()
    first, second = pool.verified(tokens["id_token"]), pool.verified(answer["id_token"])
    assert first["origin_jti"] == second["origin_jti"]
    assert first["jti"] != second["jti"]
    assert "refresh_token" not in answer


def test_a_revoked_refresh_token_is_refused_and_so_are_its_access_tokens(pool: Sign) -> None:
    tokens = pool.tokens()
    url = pool.stand_ins.at(f"{pool.stand_ins.domain}/oauth2/revoke")
    client = pool.client
    answer = requests.post(url, data={"token": tokens["refresh_token"]}, auth=(client.client_id, client.secret))
    assert answer.status_code == 200
    assert refreshed(pool, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(pool.stand_ins.at(pool.issuer.userinfo), headers=headers).status_code == 401


def test_an_access_token_is_no_refresh_token(pool: Sign) -> None:
    assert refreshed(pool, pool.tokens()["access_token"]).json()["error"] == "invalid_grant"


OPAQUE = {
    "facebook": Issuer(
        "facebook", "www.facebook.com/dialog/oauth", "graph.facebook.com/oauth/access_token", "", "", scope="email"
    ),
    "amazon": Issuer("amazon", "www.amazon.com/ap/oa", "api.amazon.com/auth/o2/token", "", "", scope="profile"),
}
NO_CHALLENGE: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}


@pytest.mark.parametrize("slug", ["facebook", "amazon", "apple"])
@pytest.mark.parametrize(
    ("asked", "shown", "status"),
    [
        ({}, {}, 200),
        ({}, {"code_verifier": "x" * 43}, 400),
        ({}, {"code_verifier": None}, 400),
        (NO_CHALLENGE, {}, 400),  # RFC 9700, section 4.8: the challenge was taken out on its way
        (NO_CHALLENGE, {"code_verifier": None}, 200),  # whose client knows no PKCE, as these providers allow
    ],
)
def test_a_verifier_is_compared_with_the_challenge_that_was_sent(
    stand_ins: StandIns, slug: str, asked: dict[str, str | None], shown: dict[str, str | None], status: int
) -> None:
    sign = Sign(stand_ins, {**issuers(stand_ins), **OPAQUE}[slug])
    code = answer_of(Browser().sign_in(sign.url(**asked)))["code"]
    assert sign.exchange(code, **shown).status_code == status
