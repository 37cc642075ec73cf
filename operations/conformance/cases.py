"""The cases: what is asked, and what identity pools and STS answer.

`mark` says how sure that is: `documented` by AWS, `observed` in public reports with AWS's own sentence, or `inferred`.
A run against AWS turns marks into data.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from operations.conformance.place import COGNITO, DEVELOPER, TAG, Place

Mark = Literal["documented", "observed", "inferred"]
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One question.

    Attributes:
        ask: makes the call, and gives facts of its answer.
        facts: what they are, where it is answered.
        code, message: the refusal, where it is refused. The message may name `Place.values`, and ends with `…` where
            the rest is not known.
    """

    name: str
    mark: Mark
    ask: Callable[[Place], Facts]
    facts: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""


def _get_id(pool: str, **more: Any) -> Callable[[Place], Facts]:
    def ask(place: Place) -> Facts:
        wanted = place.pools.get(pool) or place.values.get(pool, pool)
        identity = place.public("cognito-identity").get_id(IdentityPoolId=wanted, **more)["IdentityId"]
        return {"region": identity.partition(":")[0]}

    return ask


def _credentials_of(pool: str) -> Callable[[Place], Facts]:
    def ask(place: Place) -> Facts:
        answer = place.public("cognito-identity").get_credentials_for_identity(IdentityId=place.guest(pool))
        return {"members": sorted(answer["Credentials"]), "key": answer["Credentials"]["AccessKeyId"][:4]}

    return ask


def _credentials(**request: Any) -> Callable[[Place], Facts]:
    def ask(place: Place) -> Facts:
        named = {name: place.values.get(value, value) for name, value in request.items()}
        return dict(place.public("cognito-identity").get_credentials_for_identity(**named))

    return ask


def _claims(token: str) -> Facts:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def _token(pool: str) -> Callable[[Place], Facts]:
    def ask(place: Place) -> Facts:
        claims = _claims(place.guest_token(pool))
        is_pools = claims["aud"] == place.pools[pool]
        return {"amr": claims["amr"], "iss": claims["iss"], "aud is the pool": is_pools, "lives": _lives(claims)}

    return ask


def _lives(claims: Facts) -> int:
    return int(claims["exp"]) - int(claims["iat"])


def _assume(role: str, **more: Any) -> Callable[[Place], Facts]:
    def ask(place: Place) -> Facts:
        request = {"WebIdentityToken": more.get("WebIdentityToken") or place.guest_token("open")}
        rest = {"RoleArn": place.roles.get(role, role), "RoleSessionName": "conformance"}
        answer = place.public("sts").assume_role_with_web_identity(**{**rest, **more, **request})
        return {"provider": answer["Provider"], "session": answer["AssumedRoleUser"]["Arn"].rsplit("/", 1)[1]}

    return ask


def _signed(operation: str, **request: Any) -> Callable[[Place], Facts]:
    def ask(place: Place) -> Facts:
        request["IdentityPoolId"] = place.pools["open"]
        answer = getattr(place.signed("cognito-identity"), operation)(**request)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    return ask


def _new_pool(**request: Any) -> Callable[[Place], Facts]:
    def ask(place: Place) -> Facts:
        filled = json.loads(json.dumps(request).replace("{account}", place.values["account"]))
        client = place.signed("cognito-identity")
        pool = client.create_identity_pool(
            IdentityPoolName=f"{place.name}-wrong",
            IdentityPoolTags={TAG: place.name},
            AllowUnauthenticatedIdentities=False,
            **filled,
        )
        client.delete_identity_pool(IdentityPoolId=pool["IdentityPoolId"])
        return {"made": True}

    return ask


def _developers_credentials(place: Place) -> Facts:
    known = place.developers("ana")
    answer = place.public("cognito-identity").get_credentials_for_identity(
        IdentityId=known["IdentityId"], Logins={COGNITO: known["Token"]}
    )
    claims = _claims(known["Token"])
    return {"amr": claims["amr"][0], "same identity": answer["IdentityId"] == known["IdentityId"]}


def _developers_without_login(place: Place) -> Facts:
    identity = place.developers("bo")["IdentityId"]
    place.values["developers_identity"] = identity
    return dict(place.public("cognito-identity").get_credentials_for_identity(IdentityId=identity))


def _same_developer_twice(place: Place) -> Facts:
    first, second = (place.developers("cy")["IdentityId"] for _ in range(2))
    return {"same identity": first == second}


def _cognito_token_elsewhere(place: Place) -> Facts:
    token = place.developers("ana")["Token"]
    return _get_id("open", Logins={"accounts.google.com": token})(place)


def _list_roles_as(flow: str) -> Callable[[Place], Facts]:
    """The guest's role allows it; the enhanced flow limits what guests may (Developer Guide, "IAM roles")."""

    def ask(place: Place) -> Facts:
        if flow == "enhanced":
            identity = place.guest("open")
            answer = place.public("cognito-identity").get_credentials_for_identity(IdentityId=identity)
        else:
            answer = place.public("sts").assume_role_with_web_identity(
                RoleArn=place.roles["guest"],
                RoleSessionName="conformance",
                WebIdentityToken=place.guest_token("open"),
            )
        roles = place.with_credentials("iam", answer["Credentials"]).list_roles(MaxItems=1)["Roles"]
        return {"listed": len(roles)}

    return ask


_NO_GUESTS = "Unauthenticated access is not supported for this identity pool."
_NO_ROLE = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
_MEMBERS = ["AccessKeyId", "Expiration", "SecretKey", "SessionToken"]
_NOT_AUTHORIZED, _INVALID = "NotAuthorizedException", "InvalidParameterException"
_SAML = "arn:aws:iam::{account}:saml-provider/lab-conformance-none"

CASES: tuple[Case, ...] = (
    Case("a guest gets an identity of the pool's region", "documented", _get_id("open"), {"region": "{region}"}),
    Case(
        "a guest gets temporary credentials in the enhanced flow",
        "documented",
        _credentials_of("open"),
        {"members": _MEMBERS, "key": "ASIA"},
    ),
    Case(
        "a guest gets a token in the basic flow",
        "observed",
        _token("open"),
        {"amr": ["unauthenticated"], "iss": f"https://{COGNITO}", "aud is the pool": True, "lives": 600},
    ),
    Case(
        "STS gives a role's credentials for it",
        "documented",
        _assume("guest"),
        {"provider": COGNITO, "session": "conformance"},
    ),
    Case("a pool that is not there", "observed", _get_id("unknown_pool"), code="ResourceNotFoundException",
         message="IdentityPool '{unknown_pool}' not found."),
    Case("no guests", "observed", _get_id("closed"), code=_NOT_AUTHORIZED, message=_NO_GUESTS),
    Case("an ID that is none", "observed", _get_id("nonsense"), code="ValidationException",
         message="1 validation error detected: Value 'nonsense' at 'identityPoolId' failed to satisfy constraint: "
                 "Member must satisfy regular expression pattern: …"),
    Case("an identity that is not there", "observed", _credentials(IdentityId="unknown_identity"),
         code="ResourceNotFoundException", message="Identity '{unknown_identity}' not found."),
    Case("a pool without roles", "observed", _credentials_of("roleless"),
         code="InvalidIdentityPoolConfigurationException", message=_NO_ROLE),
    Case("a role that trusts another pool", "observed", _credentials_of("enhanced"),
         code="InvalidIdentityPoolConfigurationException", message=_NO_ROLE),
    Case("the basic flow where it is off", "observed", lambda place: _claims(place.guest_token("enhanced")),
         code=_INVALID, message="Basic (classic) flow is not enabled, please use enhanced flow."),
    Case("STS and a role that trusts another pool", "documented", _assume("stranger"), code="AccessDenied",
         message="Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    Case("STS and a role for people who signed in", "documented", _assume("signed-in"), code="AccessDenied",
         message="Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    Case("STS and a session longer than the role's longest", "observed", _assume("guest", DurationSeconds=7200),
         code="ValidationError",
         message="The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
    Case("STS and what is no token", "observed", _assume("guest", WebIdentityToken="nonsense"),
         code="InvalidIdentityToken",
         message="The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"),
    Case("STS and what is no role", "observed", _assume("arn:aws:iam::000000000000:user/nobody"),
         code="ValidationError", message="Request ARN is invalid"),
    Case("Google's login with what is no token", "observed",
         _get_id("open", Logins={"accounts.google.com": "nonsense"}), code=_NOT_AUTHORIZED,
         message="Invalid login token. Not a valid OpenId Connect identity token."),
    Case("the pool's own token as Google's", "observed", _cognito_token_elsewhere, code=_NOT_AUTHORIZED,
         message="Invalid login token. Can't pass in a Cognito token."),
    Case("a developer's provider in a public call", "observed", _get_id("open", Logins={DEVELOPER: "ana"}),
         code=_INVALID, message="Please provide a valid public provider"),
    Case("a developer's provider that the pool does not have", "inferred",
         _signed("get_open_id_token_for_developer_identity", Logins={"other.conformance.example": "ana"}),
         code=_INVALID, message="This identity pool does not support the specified developer provider"),
    Case("somebody whom the developer's login vouches for", "documented", _developers_credentials,
         {"amr": "authenticated", "same identity": True}),
    Case("the same user twice is the same identity", "documented", _same_developer_twice, {"same identity": True}),
    Case("an identity of somebody signed in, without a login", "observed", _developers_without_login,
         code=_NOT_AUTHORIZED, message="Access to Identity '{developers_identity}' is forbidden."),
    Case("a role by its name", "observed",
         _signed("set_identity_pool_roles", Roles={"authenticated": "LabConformanceAuthenticated"}),
         code=_NOT_AUTHORIZED, message="Access to Role 'LabConformanceAuthenticated' is forbidden."),
    Case("rules for a provider that the pool does not have", "observed",
         _signed("set_identity_pool_roles", Roles={}, RoleMappings={"graph.facebook.com": {
             "Type": "Token", "AmbiguousRoleResolution": "Deny"}}), code=_INVALID,
         message="(graph.facebook.com) is not a valid RoleMapping ProviderName or is not a configured provider."),
    Case("a pool with a SAML provider that is not there", "observed", _new_pool(SamlProviderARNs=[_SAML]),
         code=_NOT_AUTHORIZED, message=f"Identity provider {_SAML} is not valid for account {{account}}"),
    Case("a guest of the enhanced flow, and what its role allows beyond the limits", "documented",
         _list_roles_as("enhanced"), code="AccessDenied",
         message="User: arn:aws:sts::{account}:assumed-role/…"),
    Case("a guest of the basic flow, and the same", "documented", _list_roles_as("basic"), {"listed": 1}),
)  # fmt: skip
