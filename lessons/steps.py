"""The steps of the flows. Most steps are an operation as it is; some use an operation for something else."""

from dataclasses import dataclass

from lessons.operations import OPERATIONS, Operation


@dataclass(frozen=True, slots=True)
class StepLesson:
    """What a step is for where the operation's own lesson would not fit. `doc` is that of the operation."""

    purpose: str
    explanation: tuple[str, ...]
    doc: str


_LINKING = (
    "An identity that already has a login gives nothing away to strangers: one of its own logins has to be in the same "
    "request. A guest identity asks for no proof. That is how a guest’s cart becomes a customer’s.",
    "One identity can hold twenty logins, but only one of each public provider.",
)

STEP_LESSONS: dict[str, StepLesson] = {
    "get-credentials-developer": StepLesson(
        purpose="Trade the pool’s own token for temporary AWS credentials of the role that the pool chooses.",
        explanation=(
            "The logins map holds one entry, cognito-identity.amazonaws.com, with the token of the step before. The "
            "pool passes it on to STS together with the role for authenticated identities.",
            "From here on nothing is signed: this call could just as well be made in the person’s browser or phone.",
        ),
        doc=OPERATIONS["GetCredentialsForIdentity"].doc,
    ),
    "link": StepLesson(
        purpose="Ask for credentials for an identity that exists, and show a login that is not its own yet.",
        explanation=(
            "The identity pool sees a login together with an identity that does not own it. If nobody owns the login, "
            "the pool links it: from now on both logins lead to the same identity ID. If another identity owns it, the "
            "two are merged: one keeps all logins and its ID, the other is disabled, and the ID in the answer can "
            "differ from the one that was asked for.",
            *_LINKING,
        ),
        doc=OPERATIONS["GetCredentialsForIdentity"].doc,
    ),
    "link-developer": StepLesson(
        purpose="Our own server tells the identity pool that an identity and a person of ours are the same.",
        explanation=(
            "A developer-authenticated login is linked by the call that vouches for it: it names the identity ID of "
            "our person and holds both logins. Only our server can send it, because it is signed with the server’s "
            "AWS credentials. A person of ours has only one identity: another ID would be refused.",
            *_LINKING,
        ),
        doc=OPERATIONS["GetOpenIdTokenForDeveloperIdentity"].doc,
    ),
}


def step_lesson(key: str, operation: str) -> StepLesson | Operation:
    """The lesson of the step with that key: its own, else that of its operation.

    Raises:
        KeyError: there is none.
    """
    return STEP_LESSONS.get(key) or OPERATIONS[operation]
