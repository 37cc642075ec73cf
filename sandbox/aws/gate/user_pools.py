"""Which actions on which user pools a request to cognito-idp needs.

Source: Service Authorization Reference, "Amazon Cognito User Pools": every operation that is about one pool is
authorised for that pool, the others for `*`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from iampolicy.evaluator import Access
from sandbox.core.errors import AwsError

_POOL_ID = re.compile(r"[a-z0-9-]{1,44}_[0-9A-Za-z]{1,55}")
# moto finds these by the other member only, whichever pool the request names.
_BY_DOMAIN = ("UpdateUserPoolDomain", "DeleteUserPoolDomain")
_BY_SESSION = ("AdminRespondToAuthChallenge",)


@dataclass(frozen=True, slots=True)
class UserPools:
    """What is needed to know about the account's user pools.

    Attributes:
        of_domain, of_session: the id of the pool that a domain, or a session of a sign-in, belongs to.
    """

    region: str
    account: str
    of_domain: Callable[[str], str | None]
    of_session: Callable[[str], str | None]

    @property
    def arn(self) -> str:
        return f"arn:aws:cognito-idp:{self.region}:{self.account}:userpool/"


def user_pool_access(operation: str, params: Mapping[str, Any], pools: UserPools) -> Access:
    """The access that an operation needs, of whose input every member is the operation's own.

    Raises:
        AwsError: InvalidParameterException for what names no user pool, ResourceNotFoundException for another
            account's pool, and for a domain or session that is not the named pool's.
    """
    pool_id = params.get("UserPoolId")
    if pool_id is None and "ResourceArn" in params:
        pool_id = _of_arn(params["ResourceArn"], pools)
    if pool_id is None:
        return Access(f"cognito-idp:{operation}", "*")
    if not _POOL_ID.fullmatch(pool_id):
        raise AwsError(
            "InvalidParameterException",
            f"1 validation error detected: Value '{pool_id[:100]}' at 'userPoolId' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+",
        )
    if operation in _BY_DOMAIN and pools.of_domain(params.get("Domain", "")) != pool_id:
        raise AwsError("ResourceNotFoundException", "No such domain or user pool exists.")
    if operation in _BY_SESSION and pools.of_session(_session(params)) not in (None, pool_id):
        raise AwsError("NotAuthorizedException", "Invalid session for the user.")
    return Access(f"cognito-idp:{operation}", f"{pools.arn}{pool_id}")


def _of_arn(arn: str, pools: UserPools) -> str:
    if not arn.startswith(pools.arn):
        raise AwsError("ResourceNotFoundException", "The resource could not be found.")
    return arn.removeprefix(pools.arn)


def _session(params: Mapping[str, Any]) -> str:
    if params.get("ChallengeName") == "PASSWORD_VERIFIER":
        return str(params.get("ChallengeResponses", {}).get("PASSWORD_CLAIM_SECRET_BLOCK", ""))
    return str(params.get("Session", ""))
