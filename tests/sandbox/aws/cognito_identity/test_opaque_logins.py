"""Facebook, Amazon and X: the provider itself is asked."""

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, refused

FACEBOOK, AMAZON, X = "graph.facebook.com", "www.amazon.com", "api.twitter.com"


def identity(lab: Lab, pool_id: str, key: str, value: str) -> str:
    return str(lab.public.get_id(IdentityPoolId=pool_id, Logins={key: value})["IdentityId"])


def refusal(lab: Lab, pool_id: str, key: str, value: str) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        identity(lab, pool_id, key, value)
    return refused(error.value)[1:]


@pytest.mark.parametrize("key", [FACEBOOK, AMAZON])
def test_an_access_token_is_asked_about_and_the_user_id_counts(lab: Lab, key: str) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={key: "app-1"})
    lab.providers.tokens |= {f"{key}-a": ("app-1", "ana"), f"{key}-b": ("app-1", "ana"), f"{key}-c": ("app-1", "ben")}
    first = identity(lab, pool_id, key, f"{key}-a")
    assert identity(lab, pool_id, key, f"{key}-b") == first
    assert identity(lab, pool_id, key, f"{key}-c") != first


@pytest.mark.parametrize("key", [FACEBOOK, AMAZON])
def test_the_token_of_another_application(lab: Lab, key: str) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={key: "app-1"})
    lab.providers.tokens[f"{key}-other"] = ("app-2", "ana")
    message = "Token is not from a supported provider of this identity pool."
    assert refusal(lab, pool_id, key, f"{key}-other") == ("NotAuthorizedException", message)


@pytest.mark.parametrize("value", ["unknown", "with\nnewline", "ünïcode", "a b"])
def test_a_token_that_the_provider_does_not_know(lab: Lab, value: str) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={FACEBOOK: "app-1", AMAZON: "app-1"})
    for key in (FACEBOOK, AMAZON):
        assert refusal(lab, pool_id, key, value)[0] == "NotAuthorizedException"


def test_an_expired_facebook_token(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={FACEBOOK: "app-1"})
    lab.providers.expired.add("old")
    assert refusal(lab, pool_id, FACEBOOK, "old") == (
        "NotAuthorizedException",
        "Invalid login token. Token is expired.",
    )


def test_a_provider_that_is_not_registered_is_not_asked(lab: Lab) -> None:
    message = "Token is not from a supported provider of this identity pool."
    assert refusal(lab, lab.pool(roles=False), FACEBOOK, "any") == ("NotAuthorizedException", message)


def test_a_provider_that_does_not_answer(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={FACEBOOK: "app-1"})
    lab.providers.down.add("facebook")
    try:
        assert refusal(lab, pool_id, FACEBOOK, "any")[0] == "ExternalServiceException"
    finally:
        lab.providers.down.clear()


def test_x_takes_token_and_secret(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={X: "consumer;consumer-secret"})
    lab.providers.tokens["x-token"] = ("consumer", "42")
    assert identity(lab, pool_id, X, "x-token;x-secret") == identity(lab, pool_id, X, "x-token;x-secret")
    header = lab.providers.oauth1[-1]
    assert header.startswith("OAuth ")
    assert 'oauth_consumer_key="consumer"' in header
    assert "x-secret" not in header
    assert "consumer-secret" not in header


@pytest.mark.parametrize("value", ["x-token", ";", "unknown;secret"])
def test_x_refuses_half_a_login(lab: Lab, value: str) -> None:
    pool_id = lab.pool(roles=False, SupportedLoginProviders={X: "consumer;consumer-secret"})
    assert refusal(lab, pool_id, X, value)[0] == "NotAuthorizedException"
