"""Credentials in the forms in which people take them along. Masked unless they were just revealed."""

import json
from dataclasses import dataclass
from datetime import UTC

from flows.exchange.context import TemporaryCredentials
from flows.models import Run
from flows.programs.environment import ForTools
from web import sandboxes

MASK = "••••••••"


@dataclass(frozen=True, slots=True)
class CredentialsView(ForTools):
    """A run's credentials. `secrets` is None while they are masked; the rest is no secret and is in the run's row."""

    run: Run
    secrets: TemporaryCredentials | None = None

    @property
    def revealed(self) -> bool:
        return self.secrets is not None

    @property
    def secret_access_key(self) -> str:
        return self.secrets.secret_access_key if self.secrets else MASK

    @property
    def session_token(self) -> str:
        return self.secrets.session_token if self.secrets else MASK

    @property
    def expiration(self) -> str:
        """ISO 8601 in UTC, as the AWS CLI writes it."""
        expiry = self.run.credentials_expire_at
        return expiry.astimezone(UTC).isoformat(timespec="seconds") if expiry else ""

    @property
    def json(self) -> str:
        """The shape in which AWS's own tutorial shows the result of both flows."""
        content = {
            "IdentityId": self.run.identity_id,
            "Credentials": {
                "AccessKeyId": self.run.access_key_id,
                "SecretAccessKey": self.secret_access_key,
                "SessionToken": self.session_token,
                "Expiration": self.expiration,
            },
        }
        return json.dumps(content, indent=2, ensure_ascii=False)

    @property
    def variables(self) -> list[tuple[str, str]]:
        variables = [
            ("AWS_ACCESS_KEY_ID", self.run.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", self.secret_access_key),
            ("AWS_SESSION_TOKEN", self.session_token),
            ("AWS_DEFAULT_REGION", self.run.region),
        ]
        # Credentials of the sandbox mean nothing to AWS, so the tools are told where to go with them.
        if self.run.mode == "sandbox":
            variables.append(("AWS_ENDPOINT_URL", sandboxes.of_account(self.run.account_id).cli_url))
        return variables
