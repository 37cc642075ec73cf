"""Where a refusal usually comes from and what to do about it. AWS's own words are shown with it and never replaced."""

import re
from dataclasses import dataclass
from typing import Literal

Helps = Literal["again", "enhanced", "sign-in", "sign-in-again", "roles", "mapping", "logins", "who"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Advice for errors of one code whose message fits `pattern`.

    Attributes:
        helps: what leads on, as something that a page can offer: the same once more, the other flow, a sign-in (for the
            first time or anew), or what of the pool to look at.
    """

    code: str
    pattern: str
    cause: str
    remedy: str
    doc: str = ""
    helps: Helps = "again"

    def fits(self, code: str, message: str) -> bool:
        return re.fullmatch(self.code, code) is not None and re.search(self.pattern, message, re.IGNORECASE) is not None


_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide/"
_NO_ANSWER = "EndpointConnectionError|ConnectTimeoutError|ConnectionClosedError|ReadTimeoutError|ProxyConnectionError"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        "NotAuthorizedException",
        r"Unauthenticated access is not supported",
        "The request held no login, so it came from a guest, and this identity pool does not allow guests.",
        "Choose a pool with guest access, or switch guest access on: AllowUnauthenticatedIdentities. If somebody "
        "should have been signed in, the login was lost before the call: check whether the request has Logins.",
        _GUIDE + "identity-pools.html",
        helps="sign-in",
    ),
    Refusal(
        "InvalidParameterException",
        r"Basic \(classic\) flow is not enabled",
        "The identity pool gives out no OpenID tokens: its basic (classic) flow is switched off.",
        "Use the enhanced flow. Activate basic (classic) authentication on the pool (AllowClassicFlow) only if your "
        "app really has to choose the role itself.",
        _GUIDE + "authentication-flow.html",
        helps="enhanced",
    ),
    Refusal(
        "InvalidParameterException",
        r"Basic \(classic\) flow is not supported with RoleMappings",
        "The pool chooses roles by a role mapping for this provider, and the basic flow would bypass it.",
        "Use the enhanced flow, which applies the role mapping.",
        _GUIDE + "role-based-access-control.html",
        helps="enhanced",
    ),
    Refusal(
        "InvalidParameterException",
        r"not supported with SAML",
        "SAML works only in the enhanced flow.",
        "Sign in again and use the enhanced flow: a SAML response can be used once per operation.",
        _GUIDE + "saml-identity-provider.html",
        helps="enhanced",
    ),
    Refusal(
        "InvalidIdentityPoolConfigurationException",
        r"",
        "The identity pool chose a role, and STS did not let it assume that role. The service says no more than that.",
        "Look at the role’s trust policy: it must trust cognito-identity.amazonaws.com for "
        "sts:AssumeRoleWithWebIdentity, with this pool’s ID as aud and the right amr. Also check whether the pool has "
        "a role for this kind of identity at all.",
        _GUIDE + "role-trust-and-permissions.html",
        helps="roles",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Access to Identity .* is forbidden",
        "A signed-in identity was used without its login, or the identity was merged into another one and disabled.",
        "Send the login with every call, and keep the identity ID of the latest answer: it can have changed.",
        _GUIDE + "switching-identities.html",
        helps="sign-in-again",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Issuer doesn't match providerName",
        "The name in Logins is not the token’s issuer.",
        "Take the token’s iss without https:// and compare it letter by letter, including Region and pool ID.",
        helps="logins",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Missing a required claim: aud",
        "An access token was sent where the pool wants an ID token.",
        "Send the ID token: it says who it was made for.",
        helps="sign-in-again",
    ),
    Refusal(
        "NotAuthorizedException",
        r"not from a supported provider|Logins don't match",
        "The token is genuine, but its provider or its app client is not registered with this identity pool.",
        "Compare the token’s iss and aud with the providers of the pool.",
        helps="logins",
    ),
    Refusal(
        "NotAuthorizedException",
        r"expired",
        "The login’s token has expired.",
        "Sign in again. Tokens, credentials and the identity each have a lifetime of their own.",
        helps="sign-in-again",
    ),
    Refusal(
        "NotAuthorizedException",
        r"ambiguous role.*:saml-provider/",
        "The SAML assertion offers several roles and the call names none of them, or the pool’s role mapping for this "
        "provider found none.",
        "Name one role of the assertion as CustomRoleArn (in the demo under Settings), or mend the role mapping.",
        _GUIDE + "saml-identity-provider.html",
        helps="mapping",
    ),
    Refusal(
        "NotAuthorizedException",
        r"is not among the roles of the login",
        "CustomRoleArn names a role that the login does not offer.",
        "Name one that it offers, or leave CustomRoleArn out.",
        _GUIDE + "role-based-access-control.html",
        helps="mapping",
    ),
    Refusal(
        "NotAuthorizedException",
        r"ambiguous role",
        "The role mapping found no role, or more than one, and the pool is set to deny in that case.",
        "Give the person a claim that one rule matches, or let the pool fall back to its authenticated role. If the "
        "login offers several roles, go step by step and name one of them as CustomRoleArn.",
        _GUIDE + "role-based-access-control.html",
        helps="mapping",
    ),
    Refusal(
        "ResourceNotFoundException",
        r"",
        "There is no such identity pool or identity in this Region.",
        "Compare the ID with the pool’s, and its Region with the one that the request went to.",
        helps="who",
    ),
    Refusal(
        "ResourceConflictException|DeveloperUserAlreadyRegisteredException",
        r"",
        "The login already belongs to another identity, or another request is changing the same identity.",
        "Try again. If it is refused once more, use the identity that owns the login, or unlink the login from it "
        "first.",
        _GUIDE + "switching-identities.html",
    ),
    Refusal(
        "LimitExceededException",
        r"",
        "The account has reached a quota of Amazon Cognito, such as the number of logins of one identity.",
        "The message names the quota. Delete what is no longer used, or ask AWS to raise it.",
        _GUIDE + "quotas.html",
    ),
    Refusal(
        "ExternalServiceException|IDPCommunicationError",
        r"",
        "AWS asked the provider about the login and got no usable answer.",
        "Try again in a moment, and check whether AWS can reach the provider’s address and keys from the internet.",
    ),
    Refusal(
        "IDPRejectedClaim",
        r"",
        "The provider says that the token is not valid, or not any more.",
        "Sign in again.",
        helps="sign-in-again",
    ),
    Refusal(
        "InternalErrorException|InternalFailure|ServiceUnavailable",
        r"",
        "Something failed inside the AWS service. It is not caused by the request.",
        "Try again in a moment.",
    ),
    Refusal(
        "RegionDisabledException",
        r"",
        "STS is not activated for this account in this Region.",
        "Activate it in the account settings of IAM, or use another Region.",
        _IAM + "id_credentials_temp_enable-regions.html",
    ),
    Refusal(
        "MalformedPolicyDocument|PackedPolicyTooLarge",
        r"",
        "A session policy was sent with the call, and STS cannot use it: it is not valid, or too large.",
        "This application sends none. Look for what adds one on the way.",
    ),
    Refusal(
        "ParamValidationError",
        r"Missing required parameter in input: \"RoleArn\"",
        "In the basic flow the app names the role, and none is configured here for this kind of access.",
        "Set UNAUTHENTICATED_ROLE_ARN for guests and AUTHENTICATED_ROLE_ARN for people who sign in, or go step by step "
        "and name a role before the call.",
    ),
    Refusal(
        "ParamValidationError",
        r"Invalid length for parameter (Custom)?RoleArn",
        "What names the role is too short to be an ARN.",
        "Write all of it: arn:aws:iam::, the account’s twelve digits, :role/ and the role’s name.",
    ),
    Refusal(
        "ParamValidationError",
        r"Invalid type for parameter",
        "A parameter has another form than the operation takes, such as a text where a map belongs.",
        'The message names both forms. A dict is a map, in JSON {"name": "value"}; Logins is one, with the provider\'s '
        "name and its token.",
    ),
    Refusal(
        "ParamValidationError",
        r"Invalid value for parameter \S+, value: \S+, valid m(in|ax) value",
        "A number is smaller or larger than the operation takes.",
        "The message names the parameter and its limit. Nothing was sent: the SDK knows the limits too.",
    ),
    Refusal(
        "ValidationException|ParamValidationError",
        r"",
        "A parameter does not have the format that the operation requires.",
        "The message names the parameter. The usual reason is a user pool’s ID in place of an identity pool’s.",
    ),
    Refusal(
        "TooManyRequestsException|Throttling|ThrottlingException",
        r"",
        "The account made more calls in a second than its quota allows.",
        "Wait and try again. GetId can be called 25 times a second, so an app keeps the identity ID that it got.",
        _GUIDE + "quotas.html",
    ),
    Refusal(
        "AccessDenied",
        r"AssumeRoleWithWebIdentity",
        "The role’s trust policy does not let this token in, or there is no such role: STS says the same for both.",
        "Compare the trust policy with the token: Principal cognito-identity.amazonaws.com, aud is this pool’s ID, "
        "amr is authenticated or unauthenticated, as the token says.",
        _GUIDE + "role-trust-and-permissions.html",
        helps="roles",
    ),
    Refusal(
        "ValidationError",
        r"MaxSessionDuration",
        "The session was asked to last longer than the role allows.",
        "Ask for fewer seconds, or raise the role’s maximum session duration, at most 43200 seconds.",
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
        "What was sent has expired: the OpenID token after ten minutes, the credentials at their expiration.",
        "Start a new run.",
    ),
    Refusal(
        "InvalidIdentityToken",
        r"",
        "STS could not read the token, or does not know its issuer or its key.",
        "Show STS the OpenID token that the identity pool gave, unchanged.",
    ),
    Refusal(
        "AccessDenied|AccessDeniedException|UnauthorizedOperation",
        r"explicit deny",
        "A policy denies this action explicitly, and a denial always wins.",
        "The decisions name the statement. Remove it, unless this is just what it is meant to prevent.",
        _IAM + "reference_policies_evaluation-logic.html",
    ),
    Refusal(
        "AccessDenied|AccessDeniedException|UnauthorizedOperation",
        r"session policy",
        "The role allows the action, but the session policy that AWS adds for guests in the enhanced flow does not.",
        "Put the call behind something that guests can reach, such as an API, or let people sign in. The basic flow "
        "has no such policy, so there only the role limits a guest.",
        _GUIDE + "iam-roles.html",
    ),
    Refusal(
        "AccessDenied",
        r"^Access Denied\.?$",
        "S3 says no more than that. Most often the request was not signed, and the bucket lets in nobody unknown.",
        "Sign it with credentials whose role may do this. The checks say which one refused.",
        _IAM + "reference_policies_evaluation-logic.html",
    ),
    Refusal(
        "AccessDenied|AccessDeniedException|UnauthorizedOperation|403",
        r"",
        "The credentials are good, but no policy of the role allows this action on this resource.",
        "That is least privilege at work. If the action should be allowed, the role’s permissions policy has to allow "
        "it.",
        _IAM + "reference_policies_evaluation-logic.html",
    ),
    Refusal(
        _NO_ANSWER,
        r"amazonaws\.com|proxy URL",
        "AWS did not answer: this server cannot reach the address in the message, or not in time.",
        "Check whether the server can connect to the internet on port 443, whether it needs a proxy (HTTPS_PROXY), and "
        "whether AWS_REGION is the pool’s Region.",
    ),
    Refusal(
        _NO_ANSWER,
        r"",
        "There was no answer. In sandbox mode: the sandbox is not running, or listens on another port.",
        "Start it with make demo, or python manage.py sandbox, and start a new run.",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Not a valid OpenId Connect",
        "What was sent is no ID token: that is a JSON Web Token, three parts separated by dots.",
        "Send the provider’s ID token as it came, not its access token, and not a part of it.",
        helps="sign-in-again",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Couldn.t verify signed token|Couldn.t retrieve verification key",
        "The token’s signature fits no key that its issuer publishes, or the keys could not be fetched.",
        "Sign in again. If the answer stays the same, look whether the issuer’s discovery document and its keys can be "
        "had on the internet.",
        helps="sign-in-again",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Incorrect token audience",
        "The token was made for another app: its aud is not the ID that is registered with the pool.",
        "Register the ID that the token has as aud, or sign in with the client that is registered.",
        _GUIDE + "identity-pools.html",
        helps="logins",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Can.t pass in a Cognito token|Not a Cognito token",
        "The identity pool’s own token is where it may not be, or something else is in its place.",
        "Send the pool’s own token to GetCredentialsForIdentity only, under cognito-identity.amazonaws.com.",
    ),
    Refusal(
        "InvalidParameterException",
        r"valid public provider",
        "Logins holds a name that a caller without AWS credentials cannot use.",
        "A developer provider’s users go by way of your server, which calls GetOpenIdTokenForDeveloperIdentity. The "
        "pool’s own token is sent without other logins.",
        _GUIDE + "developer-authenticated-identities.html",
    ),
    Refusal(
        "InvalidParameterException|NotAuthorizedException",
        r"does not support the specified developer provider",
        "The pool has no developer provider of this name.",
        "Use the developer provider name that the pool has. It cannot be changed once it is set.",
        _GUIDE + "developer-authenticated-identities.html",
        helps="logins",
    ),
    Refusal(
        "NotAuthorizedException",
        r"Access to Role .* is forbidden",
        "A role was named that the pool may not be given.",
        "Give the whole ARN of a role in the pool’s own account. Whoever sets it needs iam:PassRole on it.",
        _GUIDE + "role-based-access-control.html",
        helps="roles",
    ),
    Refusal(
        "InvalidParameterException",
        r"not a valid RoleMapping ProviderName",
        "A key of RoleMappings is not a provider of the pool.",
        "Write the provider’s name as the pool has it; for a user pool with the app client ID after a colon.",
        _GUIDE + "role-based-access-control.html",
        helps="mapping",
    ),
    Refusal(
        "NoCredentialsError|PartialCredentialsError|InvalidClientTokenId|UnrecognizedClientException",
        r"",
        "This call has to be signed with the server’s own AWS credentials, and the server has none, or wrong ones.",
        "Give the server credentials: AWS_PROFILE, or the environment variables that the AWS SDKs read.",
    ),
)


def refusal_for(code: str, message: str) -> Refusal | None:
    """The first advice that fits an error, or None: then its text has to speak for itself."""
    return next((refusal for refusal in REFUSALS if refusal.fits(code, message)), None)
