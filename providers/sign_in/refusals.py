"""Why a sign-in did not succeed, in words for the person who tried.

SignInError
├── Declined      the person, or the provider for them, said no
├── Refused       something that came back failed a check of ours
└── Failed        the provider could not be asked, or answered with an error
"""

from collections.abc import Mapping

from providers.sign_in.comparison import Comparison
from providers.sign_in.models import SignIn
from redaction.encodings import SHORTEST, encodings

_LONGEST_TEXT = 600
# What the back channel says of an answer that it does not read to its end, and of one that does not come.
LIMITS: Mapping[str, str] = {
    "redirected": "The provider answered with a redirect, which is not followed: it could send our secrets elsewhere.",
    "too_large": "The provider answered with more than 2 MB, and no more of an answer is read.",
    "timeout": "The provider did not answer in time.",
}


class SignInError(Exception):
    """Base. Its text is meant for the person and holds no secret.

    Attributes:
        code: the provider's own error code where it gave one, else ours.
        checks: what was compared, in order, where something was.
    """

    outcome = SignIn.Outcome.FAILED

    def __init__(self, code: str, text: str, checks: tuple[Comparison, ...] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.checks = checks


class Declined(SignInError):
    outcome = SignIn.Outcome.DECLINED


class Refused(SignInError):
    outcome = SignIn.Outcome.REFUSED


class Failed(SignInError):
    outcome = SignIn.Outcome.FAILED


def no_answer(code: str) -> Failed:
    """An answer that one of our limits kept from us."""
    return Failed(code, LIMITS[code])


def without_secrets(text: str, known: Mapping[str, str]) -> str:
    """A provider may quote in its error what we sent, however encoded; that stays out of what is stored.

    Args:
        known: the secrets, as Transcript.secrets() lists them.
    """
    for secret in sorted(known, key=len, reverse=True):
        for form in encodings(secret) if len(secret) >= SHORTEST else (secret,):
            text = text.replace(form, f"‹{known[secret]}›")
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
