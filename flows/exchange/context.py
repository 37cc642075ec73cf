"""What an exchange knows: the context that goes from step to step, and the credentials at the end of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redaction.encodings import storable


def text_of(answer: Mapping[str, Any], name: str) -> str:
    """A member that has to be a text: the SDK takes whatever JSON stands in its place.

    Raises:
        KeyError: it is missing, is none, or holds what can neither be sent on nor stored.
    """
    value = answer[name]
    if not isinstance(value, str) or not value or storable(value) != value:
        raise KeyError(name)
    return value


@dataclass(frozen=True, slots=True)
class TemporaryCredentials:
    """Temporary credentials, whichever service gave them: Cognito says SecretKey, STS says SecretAccessKey."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> "TemporaryCredentials":
        """From the `Credentials` member of GetCredentialsForIdentity or of AssumeRoleWithWebIdentity.

        Raises:
            KeyError: a member is missing, or is not what it has to be.
        """
        member = answer["Credentials"]
        secret = text_of(member, "SecretKey" if "SecretKey" in member else "SecretAccessKey")
        if not isinstance(member.get("Expiration"), datetime):
            raise KeyError("Expiration")
        return cls(text_of(member, "AccessKeyId"), secret, text_of(member, "SessionToken"), member["Expiration"])

    @classmethod
    def from_json(cls, content: Mapping[str, str]) -> "TemporaryCredentials":
        return cls(**{**content, "expiration": datetime.fromisoformat(content["expiration"])})  # type: ignore[arg-type]

    def to_json(self) -> dict[str, str]:
        return {
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "session_token": self.session_token,
            "expiration": self.expiration.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Context:
    """What an exchange knows so far, carried from step to step.

    Attributes:
        account_id: sent with GetId when it is known.
        default_role_arn: what AssumeRoleWithWebIdentity asks for unless the visitor names another role.
        logins: provider name -> artifact; empty for guests. In the developer flows, developer provider name -> the
            user identifier that our own server vouches for.
        parameters: what the visitor set, by the operation's own parameter name; blank means the default.
    """

    pool_id: str
    account_id: str = ""
    default_role_arn: str = ""
    logins: Mapping[str, str] = field(default_factory=dict, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)

    identity_id: str = ""
    open_id_token: str = field(default="", repr=False)
    assumed_role_arn: str = ""
    credentials: TemporaryCredentials | None = None
