"""What user pools of the sandbox leave out on purpose, each refused with a sentence."""

from typing import Any

from sandbox.core.call import Call
from sandbox.core.errors import AwsError

_MFA = "This sandbox has no multi-factor authentication: passwords are its only factor."
_DEVICES = "This sandbox remembers no devices."
_PASSKEYS = "This sandbox has no passkeys."


async def mfa(call: Call) -> dict[str, Any]:
    """Refuse an operation about second factors.

    Raises:
        AwsError: NotImplemented.
    """
    raise _left_out(_MFA)


async def devices(call: Call) -> dict[str, Any]:
    """Refuse an operation about remembered devices.

    Raises:
        AwsError: NotImplemented.
    """
    raise _left_out(_DEVICES)


async def passkeys(call: Call) -> dict[str, Any]:
    """Refuse an operation about WebAuthn.

    Raises:
        AwsError: NotImplemented.
    """
    raise _left_out(_PASSKEYS)


def refuse_required_mfa(mode: str) -> None:
    """Refuse a pool that asks everybody for a second factor.

    Raises:
        AwsError: NotImplemented.
    """
    if mode == "ON":
        raise _left_out(_MFA)


def refuse_challenge(name: str) -> AwsError:
    """The refusal of an answer to a challenge that is never given here."""
    if name.startswith("DEVICE_"):
        return _left_out(_DEVICES)
    if name == "WEB_AUTHN":
        return _left_out(_PASSKEYS)
    if name == "CUSTOM_CHALLENGE":
        return custom_auth()
    if name in ("SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP"):
        return user_auth()
    return _left_out(_MFA)


def custom_auth() -> AwsError:
    """As AWS answers for a pool without the triggers; there are no Lambda functions here."""
    return AwsError("InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")


def user_auth() -> AwsError:
    return _left_out("This sandbox has no choice-based sign-in (USER_AUTH): ask for USER_SRP_AUTH or a password flow.")


def _left_out(message: str) -> AwsError:
    return AwsError("NotImplemented", message, 501)
