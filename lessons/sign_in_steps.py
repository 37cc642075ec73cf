"""The parts of a sign-in at a provider, by the name that its transcript gives them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignInStep:
    """What a part of a sign-in is called, what it is for, and in a word or two what comes back."""

    title: str
    purpose: str
    answer: str = ""


SIGN_IN_STEPS: dict[str, SignInStep] = {
    "discovery": SignInStep(
        "Discovery document",
        "Our server reads where the provider’s endpoints and its public keys are.",
        "endpoints",
    ),
    "request-token": SignInStep(
        "Request token",
        "Our server asks for a request token, which stands for this one sign-in.",
        "request token",
    ),
    "authorization": SignInStep(
        "Authorization request",
        "The browser takes our request to the provider, where the person signs in, and comes back.",
    ),
    "token": SignInStep(
        "Token request",
        "Our server trades what the browser brought for tokens. The browser never sees them.",
        "tokens",
    ),
    "keys": SignInStep(
        "Signing keys",
        "Our server gets the provider’s public keys, to check the ID token’s signature.",
        "public keys",
    ),
    "profile": SignInStep("Profile request", "Our server asks the provider whose token it is.", "profile"),
    "metadata": SignInStep(
        "SAML metadata", "Our server reads the identity provider’s address and certificates.", "certificates"
    ),
}
SAML_AUTHORIZATION_TITLE = "SAML authentication request"


def title_of(step: str) -> str:
    """A few words; for a step that this version does not know, its name."""
    return SIGN_IN_STEPS[step].title if step in SIGN_IN_STEPS else step.replace("-", " ").capitalize()


def purpose_of(step: str) -> str:
    """One sentence; empty for a step that this version does not know."""
    return SIGN_IN_STEPS[step].purpose if step in SIGN_IN_STEPS else ""


def answer_of(step: str) -> str:
    """What comes back; empty where that depends, and for a step that this version does not know."""
    return SIGN_IN_STEPS[step].answer if step in SIGN_IN_STEPS else ""
