"""The ways from a login, or from none, to temporary credentials, by the key of the flow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlowLesson:
    """What a flow is called, and what it does in a sentence or two."""

    label: str
    summary: str


_ENHANCED = "Enhanced flow (recommended)"
_BASIC = "Basic flow"
_LINK = "Link a login"

FLOW_LESSONS: dict[str, FlowLesson] = {
    "enhanced": FlowLesson(_ENHANCED, "Two calls. The identity pool chooses the role and gets the credentials itself."),
    "basic": FlowLesson(_BASIC, "Three calls. Your app gets a token from the pool and assumes a role that it chooses."),
    "developer-enhanced": FlowLesson(
        _ENHANCED, "Two calls. Our server vouches for the person; the identity pool chooses the role."
    ),
    "developer-basic": FlowLesson(
        _BASIC, "Two calls. Our server vouches for the person, then assumes a role that it chooses."
    ),
    "link": FlowLesson(_LINK, "One call. The identity pool links the login to an identity that exists, or merges two."),
    "developer-link": FlowLesson(
        _LINK, "Two calls. Our server says that an identity and a person of ours are the same."
    ),
}
