"""Which flow should an app use? Four questions, and what follows from their answers, with the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Flow = Literal["enhanced", "basic"]


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """One possible answer. `basic`: why it speaks for the basic flow; `forces`: why it leaves only one flow."""

    key: str
    text: str
    basic: str = ""
    enhanced: str = ""
    forces: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    key: str
    text: str
    answers: tuple[ChoiceOption, ...]

    def answer(self, key: str) -> ChoiceOption:
        """The answer of that key; the first where there is none such."""
        return next((answer for answer in self.answers if answer.key == key), self.answers[0])


QUESTIONS: tuple[Question, ...] = (
    Question(
        "who",
        "Who comes to your app?",
        (
            ChoiceOption("social", "People who sign in at a user pool, Google or another provider"),
            ChoiceOption("guest", "Guests, who do not sign in"),
            ChoiceOption(
                "saml",
                "People of an organisation that signs in by SAML",
                enhanced="The basic flow refuses SAML: GetOpenIdToken says “please use enhanced flow”.",
                forces=True,
            ),
            ChoiceOption("developer", "People that your own server signs in"),
        ),
    ),
    Question(
        "role",
        "Who should choose the role?",
        (
            ChoiceOption(
                "pool",
                "The pool: its own roles, or by rules over claims",
                enhanced="The pool’s roles and rules apply in the enhanced flow. With role mappings for a provider "
                "the "
                "basic flow is refused.",
            ),
            ChoiceOption(
                "app",
                "The app, from several roles",
                basic="Only in the basic flow does the app name any role that trusts the pool. In the enhanced "
                "flow it can "
                "choose among the roles that the token or the assertion lists (CustomRoleArn).",
            ),
        ),
    ),
    Question(
        "session",
        "Must a session have another length than one hour, or a name of its own in CloudTrail?",
        (
            ChoiceOption(
                "no",
                "No",
                enhanced="Sessions of the enhanced flow last one hour and are called CognitoIdentityCredentials.",
            ),
            ChoiceOption(
                "yes",
                "Yes",
                basic="DurationSeconds and RoleSessionName are the app’s in the basic flow, from 15 minutes up to "
                "what the "
                "role allows.",
            ),
        ),
    ),
    Question(
        "services",
        "Do guests need a service that is not on AWS’s list for guests, such as Systems Manager?",
        (
            ChoiceOption(
                "no", "No, or there are no guests", enhanced="AWS adds a session policy for guests, which protects you."
            ),
            ChoiceOption(
                "yes",
                "Yes",
                basic="The session policy for guests is added in the enhanced flow only. Without it the role’s "
                "rights apply "
                "in full, so the role has to be narrow.",
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What follows. `reasons` speak for `flow`; `but` speaks against it and has to be lived with."""

    flow: Flow
    who: str
    reasons: tuple[str, ...]
    but: tuple[str, ...]

    @property
    def access(self) -> str:
        """As the demo's address says it."""
        return "guest" if self.who == "guest" else "authenticated"


def advice(chosen: Mapping[str, str]) -> Advice:
    """What the answers lead to. `chosen`: key of a question -> key of an answer."""
    answers = [question.answer(chosen.get(question.key, "")) for question in QUESTIONS]
    for_basic = tuple(answer.basic for answer in answers if answer.basic)
    for_enhanced = tuple(answer.enhanced for answer in answers if answer.enhanced)
    who = answers[0].key
    if for_basic and not any(answer.forces for answer in answers):
        return Advice("basic", who, for_basic, (*(_WITH_MAPPING if answers[1].key == "pool" else ()), *_GUARD))
    return Advice("enhanced", who, for_enhanced, tuple(f"Not possible there: {reason}" for reason in for_basic))


_WITH_MAPPING = ("Role mappings by rules or by token cannot be used at the same time for that provider.",)
_GUARD = (
    "Anybody with a token of the pool can ask for any role that trusts it. Keep both conditions, `aud` and `amr`, "
    "in every "
    "trust policy, and the roles narrow.",
)
