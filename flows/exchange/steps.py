"""The flows as data: which calls make an exchange, what each asks and what it leaves behind.

A step knows no client, no HTTP and no database: it turns a context into an operation's parameters, and an operation's
answer into the next context. engine.py sends what it asks for; what each step is for is told in lessons.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flows.exchange.context import Context, TemporaryCredentials, text_of
from lessons.flows import FLOW_LESSONS
from lessons.operations import Operation
from lessons.parameters import PARAMETERS
from lessons.steps import StepLesson, step_lesson

Convert = Callable[[str], Any]

DEFAULT_SESSION_NAME = "CognitoIdentityCredentials"  # what the enhanced flow calls its sessions
_POOL_TOKEN = "cognito-identity.amazonaws.com"  # noqa: S105 - the provider name of the pool's own token


@dataclass(frozen=True, slots=True)
class Editable:
    """A parameter that the visitor may set before the call. The service validates it, not we.

    Attributes:
        of_logins: the name under which the login is sent, where there is a login.
    """

    name: str
    convert: Convert = str
    long: bool = False
    of_logins: bool = False

    @property
    def label(self) -> str:
        return PARAMETERS[self.name].label

    @property
    def help(self) -> str:
        return PARAMETERS[self.name].help


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a flow.

    Attributes:
        key: stored with the call.
        signed: whether AWS wants the caller's own signature; such a step is sent with the server's credentials.
        needs: which of the run's secrets the call carries.
        request: the operation's parameters before the visitor's own are put over them.
        carry: what the answer adds to the context. Raises KeyError when the answer lacks what its model promises.
        answer: in a word or two, what comes back.
        asks_sts: what the service does itself before it answers, at AWS STS: what it asks, and what it gets.
    """

    key: str
    service: str
    operation: str
    needs: Literal["logins", "open_id_token"]
    request: Callable[[Context], dict[str, Any]]
    carry: Callable[[Context, Mapping[str, Any]], Context]
    answer: str
    asks_sts: tuple[str, str] | None = None
    editable: tuple[Editable, ...] = ()
    signed: bool = False

    @property
    def purpose(self) -> str:
        """One short sentence, for lists."""
        return self._lesson.purpose

    @property
    def explanation(self) -> tuple[str, ...]:
        """What happens in this step, in paragraphs."""
        return self._lesson.explanation

    @property
    def doc(self) -> str:
        """URL of the operation in AWS's API reference."""
        return self._lesson.doc

    @property
    def _lesson(self) -> Operation | StepLesson:
        return step_lesson(self.key, self.operation)

    def parameters(self, context: Context) -> dict[str, Any]:
        """The operation's parameters, the visitor's included; what would be empty is left out."""
        asked = self.request(context)
        for field_ in self.editable:
            if value := str(context.parameters.get(field_.name, "")).strip():
                if field_.of_logins:
                    asked["Logins"] = dict.fromkeys([value] if asked["Logins"] else [], *asked["Logins"].values())
                else:
                    asked[field_.name] = field_.convert(value)
        return {name: value for name, value in asked.items() if value not in ("", {}, None)}


@dataclass(frozen=True, slots=True)
class Flow:
    """A way from a login, or from none, to temporary credentials."""

    key: str
    variant: Literal["enhanced", "basic"]
    steps: tuple[Step, ...]

    @property
    def label(self) -> str:
        return FLOW_LESSONS[self.key].label

    @property
    def summary(self) -> str:
        """What it does, in a sentence or two."""
        return FLOW_LESSONS[self.key].summary

    @property
    def editable(self) -> tuple[Editable, ...]:
        """Everything the visitor may set before this flow begins."""
        return tuple(dict.fromkeys(field_ for step in self.steps for field_ in step.editable))


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
        credentials=TemporaryCredentials.from_answer(answer),
        assumed_role_arn=text_of(answer["AssumedRoleUser"], "Arn") if "AssumedRoleUser" in answer else "",
    )


# --- The steps ------------------------------------------------------------------------------------------------------

_LOGINS_KEY = Editable("LoginsKey", long=True, of_logins=True)

GET_ID = Step(
    key="get-id",
    service="cognito-identity",
    operation="GetId",
    needs="logins",
    request=_ask_id,
    carry=_take_identity,
    answer="identity ID",
    editable=(Editable("AccountId"), _LOGINS_KEY),
)

GET_CREDENTIALS = Step(
    key="get-credentials",
    service="cognito-identity",
    operation="GetCredentialsForIdentity",
    needs="logins",
    request=_ask_for_identity,
    carry=_take_credentials,
    answer="temporary credentials",
    asks_sts=("assumes the role", "credentials"),
    editable=(Editable("IdentityId", long=True), _LOGINS_KEY, Editable("CustomRoleArn", long=True)),
)

GET_OPEN_ID_TOKEN = Step(
    key="get-open-id-token",
    service="cognito-identity",
    operation="GetOpenIdToken",
    needs="logins",
    request=_ask_for_identity,
    carry=_take_token,
    answer="OpenID token",
    editable=(Editable("IdentityId", long=True), _LOGINS_KEY),
)

ASSUME_ROLE = Step(
    key="assume-role",
    service="sts",
    operation="AssumeRoleWithWebIdentity",
    needs="open_id_token",
    request=_ask_role,
    carry=_take_credentials,
    answer="temporary credentials",
    editable=(
        Editable("RoleArn", long=True),
        Editable("RoleSessionName"),
        Editable("DurationSeconds", convert=whole_number),
    ),
)

GET_DEVELOPER_TOKEN = Step(
    key="get-developer-token",
    service="cognito-identity",
    operation="GetOpenIdTokenForDeveloperIdentity",
    needs="logins",
    request=_ask_for_developer,
    carry=_take_token,
    answer="OpenID token",
    signed=True,
    editable=(Editable("TokenDuration", convert=whole_number),),
)

GET_CREDENTIALS_FOR_DEVELOPER = Step(
    key="get-credentials-developer",
    service="cognito-identity",
    operation="GetCredentialsForIdentity",
    needs="open_id_token",
    request=_ask_with_pool_token,
    carry=_take_credentials,
    answer="temporary credentials",
    asks_sts=("assumes the role", "credentials"),
)

LINK = replace(GET_CREDENTIALS, key="link", editable=())

DEVELOPER_LINK = replace(GET_DEVELOPER_TOKEN, key="link-developer", request=_ask_developer_link)

# --- The flows ------------------------------------------------------------------------------------------------------

FLOWS: dict[str, Flow] = {
    flow.key: flow
    for flow in (
        Flow("enhanced", "enhanced", (GET_ID, GET_CREDENTIALS)),
        Flow("basic", "basic", (GET_ID, GET_OPEN_ID_TOKEN, ASSUME_ROLE)),
        Flow("developer-enhanced", "enhanced", (GET_DEVELOPER_TOKEN, GET_CREDENTIALS_FOR_DEVELOPER)),
        Flow("developer-basic", "basic", (GET_DEVELOPER_TOKEN, ASSUME_ROLE)),
        Flow("link", "enhanced", (LINK,)),
        Flow("developer-link", "enhanced", (DEVELOPER_LINK, GET_CREDENTIALS_FOR_DEVELOPER)),
    )
}

STEPS: dict[str, Step] = {step.key: step for flow in FLOWS.values() for step in flow.steps}


def flow_for(variant: str, kind: str) -> Flow:
    """The flow behind a tab: `enhanced` or `basic`, for a provider of that kind (providers.registry).

    Raises:
        KeyError: there is no such variant.
    """
    return FLOWS[f"developer-{variant}" if kind == "developer" else variant]
