"""What a service of this package cannot do. Each text is meant for the visitor.

RunError
├── ChoiceRefused      the choice does not fit together, or is not available here
├── OtherMode          the run was made in the other mode, with other accounts
├── RunBusy            another request is advancing this run at this moment
├── RunOver            the run has ended: there is no next call
├── RunGone            the run was deleted while it was being used
├── NothingRefused     our server refused nothing at the sign-in that may still be sent
├── SignInNeeded       the next call needs a sign-in, and there is none that is fresh
├── SecretGone         what the next call needs has expired
└── CredentialsGone    the run yielded no credentials, or they have expired
"""


class RunError(Exception):
    """Base of what these services refuse to do."""


class ChoiceRefused(RunError):
    """`field`: of a form, where one is to blame."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class OtherMode(RunError):
    def __init__(self, mode: str) -> None:
        super().__init__(f"This run was made in {mode} mode, and this server runs in the other mode.")


class RunBusy(RunError):
    def __init__(self) -> None:
        super().__init__("This run is already running. Wait for its call to end, then try again.")


class RunOver(RunError):
    def __init__(self, outcome: str) -> None:
        super().__init__(f"This run is over ({outcome}). Start a new one to make more calls.")


class RunGone(RunError):
    def __init__(self) -> None:
        super().__init__(
            "This run was deleted in the meantime, in another tab or by somebody who runs this site. The answer to its "
            "last call is not kept."
        )


class NothingRefused(RunError):
    def __init__(self) -> None:
        super().__init__(
            "There is nothing to send. What our server refused can be sent once, within 15 minutes of the sign-in that "
            "brought it. Sign in again."
        )


class SignInNeeded(RunError):
    def __init__(self) -> None:
        super().__init__("Sign in at the provider first: this run has no sign-in that is still valid.")


class SecretGone(RunError):
    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} that the next call needs has expired. Start a new run.")


class CredentialsGone(RunError):
    def __init__(self) -> None:
        super().__init__("This run has no credentials any more. They are kept until they expire, for one hour at most.")
