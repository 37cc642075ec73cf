"""What each part of a sign-in is for."""

from collections.abc import Mapping

# By the transcript's name for it (providers.sign_in.transcript).
_PURPOSES: Mapping[str, str] = {
    "discovery": "Our server reads where the provider’s endpoints and keys are.",
    "request-token": "Our server asks for a request token, which stands for this one sign-in.",
    "authorization": "The browser carries our request to the provider, where the person signs in, and comes back.",
    "token": "Our server trades what the browser brought for tokens. The browser never sees them.",
    "keys": "Our server fetches the provider’s public keys, to check the ID token’s signature.",
    "profile": "Our server asks the provider whose token it is.",
    "metadata": "Our server reads the identity provider’s address and certificates.",
}


def purpose_of(step: str) -> str:
    """One sentence; empty for a step that this version does not know."""
    return _PURPOSES.get(step, "")
