"""SECRET_HASH: how clients that have a secret show it.

https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html, "Computing secret hash
values": HMAC-SHA256 by the secret, of the user name followed by the client's id.
"""

import base64
import hmac

from sandbox.core.errors import AwsError
from sandbox.user_pools.clients import Client


def check_secret_hash(client: Client, given: str | None, *names: str) -> None:
    """Refuse a call without the hash that the client's secret gives, of any of `names`.

    Raises:
        AwsError: NotAuthorizedException.
    """
    if not client.secret:
        if given:
            raise _unverified(client)
        return
    if not given:
        raise AwsError(
            "NotAuthorizedException",
            f"Client {client.client_id} is configured with secret but SECRET_HASH was not received",
        )
    if not any(hmac.compare_digest(_hash(client, name), given.encode()) for name in names):
        raise _unverified(client)


def check_secret(client: Client, given: str | None) -> None:
    """The same for operations that take the secret itself.

    Raises:
        AwsError: NotAuthorizedException.
    """
    if not hmac.compare_digest(client.secret.encode(), (given or "").encode()):
        raise AwsError("NotAuthorizedException", f"Invalid client secret for client {client.client_id}")


def _hash(client: Client, name: str) -> bytes:
    return base64.b64encode(hmac.digest(client.secret.encode(), f"{name}{client.client_id}".encode(), "sha256"))


def _unverified(client: Client) -> AwsError:
    return AwsError("NotAuthorizedException", f"Unable to verify secret hash for client {client.client_id}")
