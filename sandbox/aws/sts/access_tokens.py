"""Access tokens of Facebook and Amazon as web identity tokens."""

from sandbox.aws.access.assume import Principal
from sandbox.aws.cognito_identity.logins.fetch import FetchFailed
from sandbox.aws.cognito_identity.logins.opaque import AMAZON, FACEBOOK, ProviderRefused, introspect
from sandbox.aws.sts.verified_web_identity import DOC, WebIdentity
from sandbox.core.call import Call
from sandbox.core.caller import ContextValue
from sandbox.core.errors import AwsError


async def identity_of_access_token(call: Call, provider_id: str, token: str) -> WebIdentity:
    """Who Facebook or Amazon says that an access token of theirs is about.

    Raises:
        AwsError: InvalidIdentityToken, IDPRejectedClaim, IDPCommunicationError.
    """
    if provider_id not in (FACEBOOK, AMAZON):
        raise AwsError("InvalidIdentityToken", f"ProviderId {provider_id[:80]} is not supported")
    try:
        application, user = await introspect(call, call.account, provider_id, token, "")
    except FetchFailed as problem:
        call.decisions.denied(
            "login.introspection", "introspection", f"an answer of {provider_id}", problem.reason, DOC
        )
        message = f"The identity provider {provider_id} could not be reached"
        raise AwsError("IDPCommunicationError", message) from None
    except ProviderRefused as refused:
        call.decisions.denied(
            "login.introspection", "introspection", f"{provider_id} accepts the token", f"HTTP {refused.status}", DOC
        )
        reasons = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}
        status = f"{refused.status} {reasons.get(refused.status, 'Error')}"
        message = f"{provider_id}: {provider_id} responded with HTTP/1.1 {status}"
        raise AwsError("IDPRejectedClaim", message, 403) from None
    call.decisions.passed(
        "login.introspection", "introspection", f"{provider_id} accepts the token", f"user {user}", DOC
    )
    context: dict[str, ContextValue] = (
        {f"{FACEBOOK}:app_id": application, f"{FACEBOOK}:id": user}
        if provider_id == FACEBOOK
        else {f"{AMAZON}:app_id": application, f"{AMAZON}:user_id": user}
    )
    principal = Principal("Federated", [provider_id], "sts:AssumeRoleWithWebIdentity", context)
    return WebIdentity(principal, user, application, provider_id, provider_id)
