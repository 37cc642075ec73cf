"""Habits of moto that do not suit a sandbox for several people, changed once in each process."""

import json
from collections.abc import Mapping, MutableMapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from joserfc import jwk, jwt

from sandbox.aws.clock import Clock
from sandbox.aws.moto_tokens import complete_token
from sandbox.aws.world import World

USER_POOL_KEY = "cognito-idp"


class MotoHabits:
    """moto made ready for one world: bucket names are free within each account, user pools sign with our own key.

    Attributes:
        jwks: the JSON Web Key Set under which the tokens of user pools are verified.
    """

    def __init__(self, world: World) -> None:
        self.jwks = {"keys": [_use_own_user_pool_key(world)]}
        _separate_bucket_names()
        _leave_bucket_policies_to_the_gate()


class _NoNames(MutableMapping[str, tuple[str, str]]):
    """Remembers no bucket's owner, so that each account has the names to itself and sees no other's buckets.

    On AWS bucket names are unique worldwide. Here learners share one sandbox, and each has the same sample buckets.
    """

    def __getitem__(self, name: str) -> tuple[str, str]:
        raise KeyError(name)

    def __setitem__(self, name: str, owner: tuple[str, str]) -> None:
        return

    def __delitem__(self, name: str) -> None:
        raise KeyError(name)

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


def _separate_bucket_names() -> None:
    from moto.s3.models import s3_backends

    setattr(s3_backends, "bucket_accounts", _NoNames())  # noqa: B010


def _leave_bucket_policies_to_the_gate() -> None:
    """moto takes every statement to be about everyone, and looks at no conditions."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)  # noqa: B010


class _OwnSigner:
    """Stands where moto's user pools look for `jwt`: signs with the installation's key, not the one in the wheel."""

    def __init__(self, key: Any, kid: str, clock: Clock) -> None:
        self._key, self._kid, self._clock = key, kid, clock

    def encode(self, header: Mapping[str, Any], claims: Mapping[str, Any], key: Any) -> str:
        return jwt.encode({**header, "kid": self._kid}, complete_token(claims, self._clock), self._key)


def _use_own_user_pool_key(world: World) -> dict[str, str]:
    """Replace the key that every moto in the world shares; returns the public half as JWK."""
    from moto.cognitoidp import models, responses

    pem = world.keys.rsa_key(USER_POOL_KEY).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = jwk.RSAKey.import_key(pem)
    kid = key.thumbprint()
    setattr(models, "jwt", _OwnSigner(key, kid, world.clock))  # noqa: B010
    public = {str(name): str(value) for name, value in key.as_dict(private=False).items()}
    public |= {"alg": "RS256", "use": "sig", "kid": kid}
    responses.CognitoIdpJsonWebKeyResponse.json_web_key = json.dumps({"keys": [public]}).encode()
    return public
