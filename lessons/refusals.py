"""What a refusal usually comes from and what to do about it. AWS's own words stand beside it and are never replaced."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Advice for errors of one code whose message fits `pattern`."""

    code: str
    pattern: str
    cause: str
    remedy: str
    doc: str = ""

    def fits(self, code: str, message: str) -> bool:
        return re.fullmatch(self.code, code) is not None and re.search(self.pattern, message, re.IGNORECASE) is not None


_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide/"
_NO_ANSWER = "EndpointConnectionError|ConnectTimeoutError|ConnectionClosedError|ReadTimeoutError|ProxyConnectionError"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        "NotAuthorizedException",
        r"Unauthenticated access is not supported",
        "The request held no login, so it came from a guest, and this identity pool does not take guests.",
        "Choose a pool with guest access, or switch guest access on: AllowUnauthenticatedIdentities. If somebody was "
        "meant to be signed in, the login was lost before the call: look whether the request has Logins.",
        _GUIDE + "identity-pools.html",
    ),
    Refusal(
        "InvalidParameterException",
        r"Basic \(classic\) flow is not enabled",
        "The identity pool gives no OpenID tokens: its basic (classic) flow is switched off.",
        "Use the enhanced flow. Only if your app really must choose the role itself, activate basic (classic) "
        "authentication on the pool: AllowClassicFlow.",
        _GUIDE + "authentication-flow.html",
    ),
    Refusal(
        "InvalidParameterException",
        r"Basic \(classic\) flow is not supported with RoleMappings",
        "The pool chooses roles by a role mapping for this provider, and the basic flow would go around it.",
        "Use the enhanced flow, which applies the role mapping.",
        _GUIDE + "role-based-access-control.html",
    ),
    Refusal(
        "InvalidParameterException",
        r"not supported with SAML",
        "SAML works in the enhanced flow alone.",
        "Sign in again and use the enhanced flow: a SAML response can be spent once per operation.",
        _GUIDE + "saml-identity-provider.html",
    ),
    Refusal(
        "InvalidIdentityPoolConfigurationException",
        r"",
        "The identity pool chose a role, and STS did not let it assume that role. The service does not say more.",
        "Look at the role's trust policy: it must trust cognito-identity.amazonaws.com for "
        "sts:AssumeRoleWithWebIdentity, with this pool's ID as aud and the right amr. Look also whether the pool has a "
        "role for this kind of identity at all.",
        _GUIDE + "role-trust-and-permissions.html",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Access to Identity .* is forbidden",
        "A signed-in identity was used without its login, or the identity was merged into another one and disabled.",
        "Send the login with every call, and keep the identity ID of the latest answer: it may be another one.",
        _GUIDE + "switching-identities.html",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Issuer doesn't match providerName",
        "The name in Logins is not the token's issuer.",
        "Take the token's iss without https:// and compare it letter by letter, region and pool ID included.",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Missing a required claim: aud",
        "An access token was sent where the pool wants an ID token.",
        "Send the ID token: it says for whom it was made.",
    ),
    Refusal(
        "NotAuthorizedException",
        r"not from a supported provider|Logins don't match",
        "The token is genuine, but its provider or its app client is not registered with this identity pool.",
        "Compare the token's iss and aud with the providers of the pool.",
    ),
    Refusal(
        "NotAuthorizedException",
        r"expired",
        "The login's token has expired.",
        "Sign in again. Tokens, credentials and the identity each have a lifetime of their own.",
    ),
    Refusal(
        "NotAuthorizedException",
        r"ambiguous role",
        "The role mapping found no role, or more than one, and the pool says to deny then.",
        "Give the person a claim that one rule matches, or let the pool fall back to its authenticated role. Where the "
        "login offers several roles, go step by step and name one of them as CustomRoleArn.",
        _GUIDE + "role-based-access-control.html",
    ),
    Refusal(
        "ResourceNotFoundException",
        r"",
        "There is no such identity pool or identity in this Region.",
        "Compare the ID with the pool's, and its Region with the one the request went to.",
    ),
    Refusal(
        "ParamValidationError",
        r"Missing required parameter in input: \"RoleArn\"",
        "In the basic flow the app names the role, and no role is set here for this kind of access.",
        "Set UNAUTHENTICATED_ROLE_ARN for guests and AUTHENTICATED_ROLE_ARN for people who sign in, or go step by step "
        "and name a role before the call.",
    ),
    Refusal(
        "ValidationException|ParamValidationError",
        r"",
        "A parameter does not have the form that the operation asks for.",
        "The message names the parameter. A user pool's ID in place of an identity pool's is the usual reason.",
    ),
    Refusal(
        "TooManyRequestsException|Throttling|ThrottlingException",
        r"",
        "More calls came in a second than the account may make.",
        "Wait and try again. GetId is allowed 25 times a second, so an app keeps the identity ID that it got.",
        _GUIDE + "quotas.html",
    ),
    Refusal(
        "AccessDenied",
        r"AssumeRoleWithWebIdentity",
        "The role's trust policy does not let this token in, or there is no such role: STS says the same for both.",
        "Compare the trust policy with the token: Principal cognito-identity.amazonaws.com, aud is this pool's ID, "
        "amr is authenticated or unauthenticated, as the token says.",
        _GUIDE + "role-trust-and-permissions.html",
    ),
    Refusal(
        "ValidationError",
        r"MaxSessionDuration",
        "The session was asked to last longer than the role allows.",
        "Ask for fewer seconds, or raise the role's maximum session duration, at most 43200 seconds.",
        _IAM + "id_roles_update-role-settings.html",
    ),
    Refusal(
        "ValidationError",
        r"",
        "STS does not accept one of the parameters.",
        "The message names it: DurationSeconds is at least 900, a role session name has 2 to 64 characters of "
        "letters, digits and = , . @ - _",
    ),
    Refusal(
        "ExpiredTokenException|ExpiredToken",
        r"",
        "What was shown has expired: the OpenID token after ten minutes, the credentials at their expiration.",
        "Start a new run.",
    ),
    Refusal(
        "InvalidIdentityToken",
        r"",
        "STS could not make sense of the token, or does not know its issuer or its key.",
        "Show STS the OpenID token that the identity pool gave, unchanged.",
    ),
    Refusal(
        "AccessDenied|AccessDeniedException|UnauthorizedOperation",
        r"explicit deny",
        "A policy denies this action outright, and a denial always wins.",
        "The decisions name the statement. Remove it, or live with it: that is what it is for.",
        _IAM + "reference_policies_evaluation-logic.html",
    ),
    Refusal(
        "AccessDenied|AccessDeniedException|UnauthorizedOperation",
        r"session policy",
        "The role allows the action, but the session policy that AWS adds for guests in the enhanced flow does not.",
        "Put the call behind something a guest may reach, such as an API, or let people sign in. The basic flow has no "
        "such policy, so there the role alone has to be careful.",
        _GUIDE + "iam-roles.html",
    ),
    Refusal(
        "AccessDenied|AccessDeniedException|UnauthorizedOperation|403",
        r"",
        "The credentials are good, but no policy of the role allows this action on this resource.",
        "That is least privilege at work. If the action were meant to be allowed, the role's permissions policy would "
        "have to say so.",
        _IAM + "reference_policies_evaluation-logic.html",
    ),
    Refusal(
        _NO_ANSWER,
        r"amazonaws\.com|proxy URL",
        "AWS did not answer: this server does not reach the address in the message, or not in time.",
        "Look whether the server may speak to the internet on port 443, whether a proxy stands between (HTTPS_PROXY), "
        "and whether AWS_REGION is the pool's Region.",
    ),
    Refusal(
        _NO_ANSWER,
        r"",
        "No answer came. In sandbox mode the sandbox is not running, or listens on another port.",
        "Start it with make demo, or python manage.py sandbox, and run again.",
    ),
    Refusal(
        "NoCredentialsError|PartialCredentialsError|InvalidClientTokenId|UnrecognizedClientException",
        r"",
        "This call has to be signed with the server's own AWS credentials, and it has none, or wrong ones.",
        "Give the server credentials: AWS_PROFILE, or the environment that the AWS SDKs read.",
    ),
)


def refusal_for(code: str, message: str) -> Refusal | None:
    """The first advice that fits an error, or None: then its text has to speak for itself."""
    return next((refusal for refusal in REFUSALS if refusal.fits(code, message)), None)
