"""What the stand-ins issue is what the sandbox's identity pools take, and what they do wrong is refused by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.core import facts
from sandbox.core.config import SandboxConfig
from sandbox.idp.stand_ins import STAND_INS, oidc
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.idp import test_amazon, test_facebook, test_x
from tests.sandbox.idp.conftest import APP_URL
from tests.sandbox.idp.driver import Browser, Sign, StandIns, issuers
from tests.sandbox.idp.saml_party import Party

ACCOUNT = "000000000000"
USER_POOL = f"cognito-idp.us-east-1.amazonaws.com/{facts.user_pool_id('us-east-1')}"


@dataclass
class World:
    """A sandbox with one identity pool that trusts every stand-in."""

    sandbox: RunningSandbox
    stand_ins: StandIns
    pool_id: str

    def get_id(self, key: str, artifact: str) -> str:
        identity: str = self.sandbox.anonymous("cognito-identity").get_id(
            IdentityPoolId=self.pool_id, Logins={key: artifact}
        )["IdentityId"]
        return identity

    @property
    def oidc_key(self) -> str:
        return oidc.issuer(self.stand_ins.lab).partition("://")[2]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data_file: Path = tmp_path_factory.mktemp("believe") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0, app_url=APP_URL, seed=False)) as sandbox:
        stand_ins = StandIns(sandbox.url, APP_URL)
        yield World(sandbox, stand_ins, _trusting_pool(sandbox, stand_ins))


def _trusting_pool(sandbox: RunningSandbox, stand_ins: StandIns) -> str:
    iam, pools = sandbox.client("iam"), sandbox.client("cognito-identity")
    registered = iam.create_open_id_connect_provider(
        Url=oidc.issuer(stand_ins.lab), ClientIDList=[STAND_INS["oidc"].client_id], ThumbprintList=["0" * 40]
    )
    saml = iam.create_saml_provider(Name=facts.SAML_PROVIDER_NAME, SAMLMetadataDocument=Party(stand_ins).metadata())
    assert saml["SAMLProviderArn"] == facts.saml_provider_arn(ACCOUNT)
    pool: str = pools.create_identity_pool(
        IdentityPoolName="Trusting",
        AllowUnauthenticatedIdentities=False,
        SupportedLoginProviders={
            "accounts.google.com": STAND_INS["google"].client_id,
            "graph.facebook.com": STAND_INS["facebook"].client_id,
            "www.amazon.com": STAND_INS["amazon"].client_id,
            "appleid.apple.com": STAND_INS["apple"].client_id,
            "api.twitter.com": f"{STAND_INS['x'].client_id};{STAND_INS['x'].client_secret}",
        },
        CognitoIdentityProviders=[
            {
                "ProviderName": USER_POOL,
                "ClientId": STAND_INS["userpool"].client_id,
                "ServerSideTokenCheck": True,
            }
        ],
        OpenIdConnectProviderARNs=[registered["OpenIDConnectProviderArn"]],
        SamlProviderARNs=[saml["SAMLProviderArn"]],
    )["IdentityPoolId"]
    return pool


def _id_token(slug: str) -> Callable[..., str]:
    def artifact(stand_ins: StandIns, person: str, **fields: str) -> str:
        return Sign(stand_ins, issuers(stand_ins)[slug]).tokens(person, **fields)["id_token"]

    return artifact


def _x(stand_ins: StandIns, person: str, **fields: str) -> str:
    token = test_x.access_token(stand_ins, person, **fields)
    return f"{token['oauth_token']};{token['oauth_token_secret']}"


def _saml(stand_ins: StandIns, person: str, **fields: str) -> str:
    return Party(stand_ins).answered(person, **fields)[1]["SAMLResponse"]


KEYS: dict[str, tuple[Callable[[World], str], Callable[..., str]]] = {
    "google": (lambda _: "accounts.google.com", _id_token("google")),
    "apple": (lambda _: "appleid.apple.com", _id_token("apple")),
    "userpool": (lambda _: USER_POOL, _id_token("userpool")),
    "oidc": (lambda world: world.oidc_key, _id_token("oidc")),
    "facebook": (lambda _: "graph.facebook.com", test_facebook.token),
    "amazon": (lambda _: "www.amazon.com", test_amazon.token),
    "x": (lambda _: "api.twitter.com", _x),
    "saml": (lambda _: facts.saml_provider_arn(ACCOUNT), _saml),
}


@pytest.mark.slow
@pytest.mark.parametrize("slug", KEYS)
def test_the_same_person_is_the_same_identity(world: World, slug: str) -> None:
    key, artifact = KEYS[slug]
    first, again = (world.get_id(key(world), artifact(world.stand_ins, "ana")) for _ in range(2))
    other = world.get_id(key(world), artifact(world.stand_ins, "bo"))
    assert first == again
    assert other != first


@pytest.mark.parametrize(
    ("slug", "misbehaviour", "words"),
    [
        *((slug, "expired", "Token expired") for slug in ("google", "apple", "userpool", "oidc")),
        *((slug, "wrong_key", "Couldn't verify signed token") for slug in ("google", "apple", "userpool", "oidc")),
        *((slug, "wrong_issuer", "Issuer doesn't match providerName") for slug in ("google", "userpool", "oidc")),
        ("google", "wrong_audience", "udience|supported provider"),
        ("apple", "wrong_audience", "Incorrect token audience"),
        ("userpool", "wrong_audience", "not from a supported provider"),
        ("oidc", "wrong_audience", "udience|supported provider"),
        ("userpool", "access_token", "Missing a required claim: aud"),
        ("google", "access_token", "Not a valid OpenId Connect identity token"),
        ("facebook", "expired", "Token is expired"),
        ("facebook", "revoked", "Token is not valid|Token is expired"),
        ("facebook", "wrong_audience", "not from a supported provider"),
        ("amazon", "wrong_audience", "not from a supported provider"),
        ("amazon", "expired", "Token is"),
        ("x", "revoked", "Token is not valid"),
        ("x", "wrong_audience", "Token is not valid"),
        ("saml", "expired", "Token expired"),
        ("saml", "wrong_audience", "does not contain the required audience"),
        ("saml", "no_audience", "does not contain the required audience"),
        ("saml", "wrong_issuer", "Issuer not present in specified provider"),
        ("saml", "wrong_key", "Response signature invalid"),
        ("saml", "unsigned", "Response signature invalid"),
    ],
)
def test_misbehaving_is_refused_by_the_pool(world: World, slug: str, misbehaviour: str, words: str) -> None:
    key, artifact = KEYS[slug]
    bad = artifact(world.stand_ins, "ana", misbehave=misbehaviour)
    with pytest.raises(ClientError, match=words) as refusal:
        world.get_id(key(world), bad)
    response: Any = refusal.value.response
    assert response["Error"]["Code"] == "NotAuthorizedException"


@pytest.mark.parametrize(
    ("person", "change", "back", "told"),
    [
        ("grace", "sign-out", "", "The user has been signed out."),
        ("finn", "delete", "restore", "The user does not exist or is disabled."),
    ],
)
def test_server_side_token_check_hears_of_a_sign_out_and_a_deletion(
    world: World, person: str, change: str, back: str, told: str
) -> None:
    key, artifact = KEYS["userpool"]
    token = artifact(world.stand_ins, person)
    world.get_id(key(world), token)
    change_person(world.stand_ins, person, change)
    with pytest.raises(ClientError, match=told):
        world.get_id(key(world), token)
    if back:
        change_person(world.stand_ins, person, back)
    world.get_id(key(world), artifact(world.stand_ins, person))


def change_person(stand_ins: StandIns, person: str, change: str) -> None:
    browser = Browser()
    browser.open(stand_ins.at(""))
    assert browser.page is not None
    browser.page.url = stand_ins.at(f"people/{person}/{change}")
    browser.answer()
