"""The flows as data: which calls make an exchange, what each is for, what it asks and what it leaves behind.

A step knows no client, no HTTP and no database: it turns a context into an operation's parameters, and an operation's
answer into the next context. exchange.py sends what it asks for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flows.exchange.context import Context, Credentials, text_of

Convert = Callable[[str], Any]

DEFAULT_SESSION_NAME = "CognitoIdentityCredentials"  # what the enhanced flow calls its sessions
_COGNITO = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_"
_STS = "https://docs.aws.amazon.com/STS/latest/APIReference/API_"
_POOL_TOKEN = "cognito-identity.amazonaws.com"  # noqa: S105 - the provider name of the pool's own token


@dataclass(frozen=True, slots=True)
class Editable:
    """A parameter that the visitor may set before the call. The service validates it, not we."""

    name: str
    label: str
    help: str
    convert: Convert = str
    long: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a flow.

    Attributes:
        key: stored with the call.
        signed: whether AWS wants the caller's own signature; such a step is sent with the server's credentials.
        purpose: one short sentence, for lists.
        explanation: "what happens in this step", in paragraphs.
        doc: URL of the operation in AWS's API reference.
        needs: which of the run's secrets the call carries.
        request: the operation's parameters before the visitor's own are put over them.
        carry: what the answer adds to the context. Raises KeyError when the answer lacks what its model promises.
    """

    key: str
    service: str
    operation: str
    title: str
    purpose: str
    explanation: tuple[str, ...]
    doc: str
    needs: Literal["logins", "open_id_token"]
    request: Callable[[Context], dict[str, Any]]
    carry: Callable[[Context, Mapping[str, Any]], Context]
    editable: tuple[Editable, ...] = ()
    signed: bool = False

    def parameters(self, context: Context) -> dict[str, Any]:
        """The operation's parameters, the visitor's included; what would be empty is left out."""
        asked = self.request(context)
        for field_ in self.editable:
            if value := str(context.parameters.get(field_.name, "")).strip():
                asked[field_.name] = field_.convert(value)
        return {name: value for name, value in asked.items() if value not in ("", {}, None)}


@dataclass(frozen=True, slots=True)
class Flow:
    """A way from a login, or from none, to temporary credentials."""

    key: str
    variant: Literal["enhanced", "basic"]
    label: str
    summary: str
    steps: tuple[Step, ...]

    @property
    def editable(self) -> tuple[Editable, ...]:
        """Everything the visitor may set before this flow begins."""
        return tuple(field_ for step in self.steps for field_ in step.editable)


def whole_number(text: str) -> int | str:
    """The number, or the text as it is when it is none: the SDK then refuses it in its own words."""
    return int(text) if text.isascii() and text.isdigit() else text


# --- What each step asks and leaves ---------------------------------------------------------------------------------


def _ask_id(context: Context) -> dict[str, Any]:
    return {"AccountId": context.account_id, "IdentityPoolId": context.pool_id, "Logins": dict(context.logins)}


def _ask_for_identity(context: Context) -> dict[str, Any]:
    return {"IdentityId": context.identity_id, "Logins": dict(context.logins)}


def _ask_with_pool_token(context: Context) -> dict[str, Any]:
    return {"IdentityId": context.identity_id, "Logins": {_POOL_TOKEN: context.open_id_token}}


def _ask_for_developer(context: Context) -> dict[str, Any]:
    return {"IdentityPoolId": context.pool_id, "Logins": dict(context.logins)}


def _ask_developer_link(context: Context) -> dict[str, Any]:
    return {"IdentityPoolId": context.pool_id, "IdentityId": context.identity_id, "Logins": dict(context.logins)}


def _ask_role(context: Context) -> dict[str, Any]:
    return {
        "RoleArn": context.default_role_arn,
        "RoleSessionName": DEFAULT_SESSION_NAME,
        "WebIdentityToken": context.open_id_token,
    }


def _take_identity(context: Context, answer: Mapping[str, Any]) -> Context:
    return replace(context, identity_id=text_of(answer, "IdentityId"))


def _take_token(context: Context, answer: Mapping[str, Any]) -> Context:
    return replace(context, identity_id=text_of(answer, "IdentityId"), open_id_token=text_of(answer, "Token"))


def _take_credentials(context: Context, answer: Mapping[str, Any]) -> Context:
    """The answer's identity may be another than the one that was asked for: two were merged."""
    return replace(
        context,
        identity_id=text_of(answer, "IdentityId") if "IdentityId" in answer else context.identity_id,
        credentials=Credentials.from_answer(answer),
        assumed_role_arn=text_of(answer["AssumedRoleUser"], "Arn") if "AssumedRoleUser" in answer else "",
    )


# --- The steps ------------------------------------------------------------------------------------------------------

GET_ID = Step(
    key="get-id",
    service="cognito-identity",
    operation="GetId",
    title="Get an identity ID",
    purpose="Ask the identity pool for an identity: a new one for a guest, the same one again for a login it knows.",
    explanation=(
        "Your app tells the identity pool who is asking. With a login, the pool checks the token and finds, or makes, "
        "the identity that belongs to it. Without one it makes a new guest identity, if the pool allows guests, and "
        "does so on every call: an app keeps the identity ID, or it meets a new guest each time.",
        "The request is not signed. Nobody has AWS credentials yet, so anybody who knows the pool's ID can send it.",
        "An identity ID is a name, not a right: nothing can be done with it alone.",
    ),
    doc=f"{_COGNITO}GetId.html",
    needs="logins",
    request=_ask_id,
    carry=_take_identity,
    editable=(Editable("AccountId", "AWS account ID", "Twelve digits. Optional: AWS finds the pool without it."),),
)

GET_CREDENTIALS = Step(
    key="get-credentials",
    service="cognito-identity",
    operation="GetCredentialsForIdentity",
    title="Get credentials for the identity",
    purpose="Trade the identity for temporary AWS credentials of the role that the pool chooses.",
    explanation=(
        "The identity pool does here in one call what the basic flow does in two: it makes an OpenID token for the "
        "identity, chooses the role (the pool's own for guests or for signed-in people, or one that its role mapping "
        "finds) and calls STS AssumeRoleWithWebIdentity itself. Your app never names a role.",
        "The role's trust policy still decides: it must trust cognito-identity.amazonaws.com and, by its conditions "
        "on aud and amr, this very pool and this kind of identity.",
        "A guest's credentials are narrowed further by a session policy that AWS adds: whatever the role allows, only "
        "a list of services can be reached. They last one hour, which cannot be changed in this flow.",
        "Like GetId, the request is not signed.",
    ),
    doc=f"{_COGNITO}GetCredentialsForIdentity.html",
    needs="logins",
    request=_ask_for_identity,
    carry=_take_credentials,
    editable=(
        Editable(
            "CustomRoleArn",
            "Custom role ARN",
            "Only where the token carries several roles: which of them to take. Leave it empty otherwise.",
            long=True,
        ),
    ),
)

GET_OPEN_ID_TOKEN = Step(
    key="get-open-id-token",
    service="cognito-identity",
    operation="GetOpenIdToken",
    title="Get an OpenID token",
    purpose="Ask the identity pool to vouch for the identity with a token of its own.",
    explanation=(
        "The identity pool now acts as an OpenID provider. It signs a token whose subject is the identity ID, whose "
        "audience is the pool, and whose amr claim says whether the identity is authenticated or a guest.",
        "The token is good for ten minutes and for one thing: to be shown to STS. This call belongs to the basic "
        "(classic) flow alone, and a pool can refuse it.",
    ),
    doc=f"{_COGNITO}GetOpenIdToken.html",
    needs="logins",
    request=_ask_for_identity,
    carry=_take_token,
)

ASSUME_ROLE = Step(
    key="assume-role",
    service="sts",
    operation="AssumeRoleWithWebIdentity",
    title="Assume a role with the token",
    purpose="Show the OpenID token to STS and ask for a role that your app names.",
    explanation=(
        "AWS STS checks the token's signature, issuer and expiry, then asks the role itself: the role's trust policy "
        "must allow this pool (aud) and this kind of identity (amr). If it does, STS hands out credentials for it.",
        "In this flow your app chooses the role, the session's name and how long it lasts, from 15 minutes up to what "
        "the role allows. AWS adds no session policy for guests, so the role alone decides what they may do.",
        "Here, too, the request is not signed: the token is the proof. This service speaks the query protocol, a form "
        "on the way in and XML on the way out.",
    ),
    doc=f"{_STS}AssumeRoleWithWebIdentity.html",
    needs="open_id_token",
    request=_ask_role,
    carry=_take_credentials,
    editable=(
        Editable("RoleArn", "Role ARN", "The IAM role to assume. Its trust policy decides.", long=True),
        Editable("RoleSessionName", "Role session name", "2 to 64 characters. It shows in CloudTrail and in the ARN."),
        Editable(
            "DurationSeconds",
            "Duration in seconds",
            "900 up to the role's maximum session duration. Empty means one hour.",
            convert=whole_number,
        ),
    ),
)

GET_DEVELOPER_TOKEN = Step(
    key="get-developer-token",
    service="cognito-identity",
    operation="GetOpenIdTokenForDeveloperIdentity",
    title="Vouch for a person of ours",
    purpose="Our own server tells the identity pool who has signed in here, and gets an identity and a token for them.",
    explanation=(
        "The identity pool knows no password and no provider in this flow: it believes the developer's server. So the "
        "request must be signed with that server's AWS credentials, which never leave it.",
        "The logins map holds the pool's developer provider name and the person's identifier with us. The pool finds, "
        "or makes, the identity that belongs to it and answers with the identity ID and an OpenID token in one call.",
    ),
    doc=f"{_COGNITO}GetOpenIdTokenForDeveloperIdentity.html",
    needs="logins",
    request=_ask_for_developer,
    carry=_take_token,
    signed=True,
    editable=(
        Editable(
            "TokenDuration",
            "Token duration in seconds",
            "1 to 86400. Empty means fifteen minutes.",
            convert=whole_number,
        ),
    ),
)

GET_CREDENTIALS_FOR_DEVELOPER = Step(
    key="get-credentials-developer",
    service="cognito-identity",
    operation="GetCredentialsForIdentity",
    title="Get credentials for the identity",
    purpose="Trade the pool's own token for temporary AWS credentials of the role that the pool chooses.",
    explanation=(
        "The logins map holds one entry, cognito-identity.amazonaws.com, with the token of the step before. The pool "
        "hands it on to STS together with the role for authenticated identities.",
        "From here on nothing is signed: this call could as well be made in the person's browser or phone.",
    ),
    doc=f"{_COGNITO}GetCredentialsForIdentity.html",
    needs="open_id_token",
    request=_ask_with_pool_token,
    carry=_take_credentials,
)

LINK = replace(
    GET_CREDENTIALS,
    key="link",
    title="Link a login to an identity",
    purpose="Ask for credentials for an identity that exists, and show a login that is not yet its own.",
    explanation=(
        "The identity pool sees a login beside an identity that does not own it. If nobody owns it, the pool links it: "
        "from now on both logins lead to the same identity ID. If another identity owns it, the two are merged: one "
        "keeps all logins and its ID, the other is disabled, and the ID in the answer may be another than the one that "
        "was asked for.",
        "An identity that has a login already gives nothing away to strangers: one of its own logins has to stand in "
        "the same request. A guest identity asks for no proof. That is how a guest's cart becomes a customer's.",
        "One identity can hold twenty logins, but only one of each public provider.",
    ),
    editable=(),
)

DEVELOPER_LINK = replace(
    GET_DEVELOPER_TOKEN,
    key="link-developer",
    title="Link a person of ours to an identity",
    purpose="Our own server tells the identity pool that an identity and a person of ours are the same.",
    explanation=(
        "A developer-authenticated login is linked by the call that vouches for it: it names the identity ID of our "
        "person and holds both logins. Only our server can send it, since it is signed with the server's AWS "
        "credentials. A person of ours has one identity only: another ID would be refused.",
        *LINK.explanation[1:],
    ),
    request=_ask_developer_link,
)

# --- The flows ------------------------------------------------------------------------------------------------------

_ENHANCED_LABEL = "Enhanced flow (recommended)"
_BASIC_LABEL = "Basic flow"

FLOWS: dict[str, Flow] = {
    flow.key: flow
    for flow in (
        Flow(
            "enhanced",
            "enhanced",
            _ENHANCED_LABEL,
            "Two calls. The identity pool chooses the role and fetches the credentials itself.",
            (GET_ID, GET_CREDENTIALS),
        ),
        Flow(
            "basic",
            "basic",
            _BASIC_LABEL,
            "Three calls. Your app gets a token from the pool and assumes a role that it chooses.",
            (GET_ID, GET_OPEN_ID_TOKEN, ASSUME_ROLE),
        ),
        Flow(
            "developer-enhanced",
            "enhanced",
            _ENHANCED_LABEL,
            "Two calls. Our server vouches for the person; the identity pool chooses the role.",
            (GET_DEVELOPER_TOKEN, GET_CREDENTIALS_FOR_DEVELOPER),
        ),
        Flow(
            "developer-basic",
            "basic",
            _BASIC_LABEL,
            "Two calls. Our server vouches for the person, then assumes a role that it chooses.",
            (GET_DEVELOPER_TOKEN, ASSUME_ROLE),
        ),
        Flow(
            "link",
            "enhanced",
            "Link a login",
            "One call. The identity pool links the login to an identity that exists, or merges two.",
            (LINK,),
        ),
        Flow(
            "developer-link",
            "enhanced",
            "Link a login",
            "Two calls. Our server says that an identity and a person of ours are the same.",
            (DEVELOPER_LINK, GET_CREDENTIALS_FOR_DEVELOPER),
        ),
    )
}

STEPS: dict[str, Step] = {step.key: step for flow in FLOWS.values() for step in flow.steps}


def flow_for(variant: str, kind: str) -> Flow:
    """The flow behind a tab: `enhanced` or `basic`, for a provider of that kind (providers.registry).

    Raises:
        KeyError: there is no such variant.
    """
    return FLOWS[f"developer-{variant}" if kind == "developer" else variant]
