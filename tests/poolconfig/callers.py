"""A table of callers of the pool of `real_pool`, and what each gets: a role or a refusal, and the decisions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sandbox.testing import RunningSandbox
from tests.poolconfig.real_pool import AMAZON, FACEBOOK, GOOGLE, ISSUER, RealPool, X
from tests.sandbox.lab import decisions_of
from tests.sandbox.saml_idp import ROLE

Outcome = list[tuple[str, str, str]]  # call, what came of it, the decisions' codes


@dataclass(frozen=True)
class Place:
    """A copy of the pool: in which sandbox it is, and with what its administrator signs."""

    sandbox: RunningSandbox
    secret: str
    pool: RealPool

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, access_key=self.pool.account, secret_key=self.secret)

    def clients(self) -> Callable[[str, str], Any]:
        """Clients by service and region, each made once."""
        made: dict[tuple[str, str], Any] = {}
        keys = {"access_key": self.pool.account, "secret_key": self.secret}

        def client_of(service: str, region: str) -> Any:
            if (service, region) not in made:
                made[service, region] = self.sandbox.client(service, region=region, **keys)
            return made[service, region]

        return client_of

    def switch(self, path: str, body: dict[str, Any]) -> Any:
        return self.sandbox.switch(path, body, account=self.pool.account, secret_key=self.secret)

    def logins(self, login: str, **more: Any) -> dict[str, str]:
        asked = {"pool": self.pool.pool_id, "login": login, **more}
        return dict(self.switch("tokens", asked)["Logins"])


@dataclass(frozen=True)
class Caller:
    """Who comes.

    Attributes:
        login: the provider's name in a Logins map; empty for a guest.
        basic: the role asked for in the basic flow; empty for the enhanced flow.
    """

    login: Callable[[RealPool], str] = lambda pool: ""
    claims: Callable[[RealPool], dict[str, Any]] = lambda pool: {}
    basic: str = ""
    more: dict[str, str] = field(default_factory=dict)


def _provider(name: str) -> Callable[[RealPool], str]:
    return lambda pool: name


def _user_pool(pool: RealPool) -> str:
    return pool.user_pool_name


def _saying(**claims: Any) -> Callable[[RealPool], dict[str, Any]]:
    return lambda pool: claims


CALLERS = {
    "guest": Caller(),
    "guest, basic": Caller(basic="Guests"),
    "guest, basic, for members": Caller(basic="Members"),
    "Google": Caller(_provider(GOOGLE)),
    "Google, basic": Caller(_provider(GOOGLE), basic="Members"),
    "Google, basic, for staff": Caller(_provider(GOOGLE), basic="Staff"),
    "Google, basic, for suppliers": Caller(_provider(GOOGLE), basic="Suppliers"),
    "Google, another application": Caller(_provider(GOOGLE), _saying(aud="1-other", azp="1-other")),
    "Facebook": Caller(_provider(FACEBOOK)),
    "X": Caller(_provider(X)),
    "Amazon": Caller(_provider(AMAZON)),
    "user pool, no group": Caller(_user_pool),
    "user pool, editors": Caller(_user_pool, lambda pool: {"cognito:groups": ["readers", "editors"]}),
    "user pool, readers": Caller(_user_pool, lambda pool: {"cognito:groups": ["readers"]}),
    "user pool, access token": Caller(_user_pool, _saying(token_use="access")),
    "user pool, expired": Caller(_user_pool, _saying(exp=1)),
    "OpenID Connect, staff": Caller(_provider(ISSUER), _saying(department="staff", tid="acme")),
    "OpenID Connect, supplier": Caller(_provider(ISSUER), _saying(department="supplier-7")),
    "OpenID Connect, no rule": Caller(_provider(ISSUER), _saying(department="guest")),
    "OpenID Connect, mobile": Caller(_provider(ISSUER), _saying(department="staff"), more={"client": "mobile"}),
    "OpenID Connect, unknown client": Caller(_provider(ISSUER), _saying(department="staff"), more={"client": "no"}),
    "SAML": Caller(
        lambda pool: pool.saml_arn, lambda pool: {ROLE: f"{pool.role_arn('Members')},{pool.saml_arn}", "NameID": "kim"}
    ),
    "SAML, another audience": Caller(lambda pool: pool.saml_arn, more={"client": "urn:amazon:cognito:sp:other"}),
}


def outcomes(place: Place) -> dict[str, Outcome]:
    """What each caller gets, with nothing in it that differs from copy to copy."""
    return {name: _outcome(place, caller) for name, caller in CALLERS.items()}


def _outcome(place: Place, caller: Caller) -> Outcome:
    pool, found = place.pool, []
    public, login = place.sandbox.anonymous("cognito-identity"), caller.login(pool)

    def logins() -> dict[str, Any]:
        """A new one for each call: a SAML response is good once for each operation."""
        return {"Logins": place.logins(login, claims=caller.claims(pool), **caller.more)} if login else {}

    def call(name: str, make: Callable[[], Any], shown: Callable[[Any], str]) -> Any:
        try:
            answer = make()
        except ClientError as error:
            found.append((name, error.response["Error"]["Code"], _codes(error.response)))
            return None
        found.append((name, shown(answer), _codes(answer)))
        return answer

    identity = call("GetId", lambda: public.get_id(IdentityPoolId=pool.pool_id, **logins()), lambda _: "an identity")
    if identity is None:
        return found
    named = {"IdentityId": identity["IdentityId"]}
    if caller.basic:
        token = call("GetOpenIdToken", lambda: public.get_open_id_token(**named, **logins()), lambda _: "a token")
        if token is not None:
            role = {"RoleArn": pool.role_arn(caller.basic), "RoleSessionName": "app"}
            sts = place.sandbox.anonymous("sts")
            call(
                "AssumeRoleWithWebIdentity",
                lambda: sts.assume_role_with_web_identity(WebIdentityToken=token["Token"], **role),
                lambda answer: answer["AssumedRoleUser"]["Arn"].split("/")[1],
            )
        return found
    call(
        "GetCredentialsForIdentity",
        lambda: public.get_credentials_for_identity(**named, **logins()),
        lambda answer: _role(place.sandbox, answer["Credentials"]),
    )
    return found


def _role(sandbox: RunningSandbox, keys: dict[str, Any]) -> str:
    named = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretKey"], "token": keys["SessionToken"]}
    arn: str = sandbox.client("sts", **named).get_caller_identity()["Arn"]
    return arn.split("/")[1]


def _codes(answer: dict[str, Any]) -> str:
    """What is said of the identity itself depends on who came before, and is left out."""
    found = [f"{one['code']} {one['verdict']}" for one in decisions_of(answer)]
    return ", ".join(code for code in found if not code.startswith("identity."))
