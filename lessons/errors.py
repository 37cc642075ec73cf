"""Errors of identity pools and of STS, one by one: what the message means, its causes, and how each is mended.

A cause names the checks (decisioncodes) that tell it: where one of them was not passed, it is the cause; where all of
them were passed, it is not. The messages are those that the services answer with, word by word.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Standing = Literal["matches", "possible", "ruled out"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of an error.

    Attributes:
        checks: the names of the checks that tell it.
        fix: what to do, in the console or in the app.
        command: the same with the AWS CLI, where one command does it.
        template: the same in a CloudFormation template: the property.
    """

    text: str
    checks: tuple[str, ...]
    fix: str
    command: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class ErrorLesson:
    """One error.

    Attributes:
        slug: the end of its address, which stays.
        message: as the service writes it, `…` where it names something.
        pattern: what all texts of it have.
        code: the error codes with which it comes, as a pattern.
        operations: that answer with it, in words.
        meaning: in a sentence or two.
        exercise: the key of the exercise that is about it; empty where there is none.
    """

    slug: str
    code: str
    message: str
    pattern: str
    operations: str
    meaning: str
    causes: tuple[Cause, ...]
    doc: str
    exercise: str = ""

    @property
    def codes(self) -> list[str]:
        return self.code.split("|")


_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide/"
_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_STS = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"
_CREDENTIALS = "GetId, GetCredentialsForIdentity, GetOpenIdToken"
_UPDATE_POOL = "aws cognito-identity update-identity-pool --cli-input-json file://pool.json"
_UPDATE_TRUST = "aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json"
_SET_ROLES = "aws cognito-identity set-identity-pool-roles --identity-pool-id POOL --roles authenticated=ARN"
_TRUST = "AWS::IAM::Role: AssumeRolePolicyDocument"
_SIGN_IN_AGAIN = "Sign in again and send the new token at once."

# What a role's trust policy can have against a token; identity pools say less of it than STS.
_TRUST_CAUSES = (
    Cause(
        "The condition on amr asks for another kind of identity: a guest asks for a role meant for people who signed "
        "in, or the other way round.",
        ("trust.amr",),
        "Compare amr in the role’s trust policy with the token: guests have “unauthenticated”, others “authenticated”. "
        "Or give the identity the role that is meant for it.",
        _UPDATE_TRUST,
        _TRUST,
    ),
    Cause(
        "The condition on aud names another identity pool, often the one from before it was created again.",
        ("trust.aud",),
        "Write this pool’s ID into the trust policy’s condition on cognito-identity.amazonaws.com:aud.",
        _UPDATE_TRUST,
        _TRUST,
    ),
    Cause(
        "The trust policy names another principal: an account, a service, or the provider itself.",
        ("trust.principal",),
        "The Principal has to be Federated, with the value cognito-identity.amazonaws.com.",
        _UPDATE_TRUST,
        _TRUST,
    ),
    Cause(
        "The trust policy allows another action, such as sts:AssumeRole.",
        ("trust.action",),
        "The action is sts:AssumeRoleWithWebIdentity.",
        _UPDATE_TRUST,
        _TRUST,
    ),
    Cause(
        "The session carries principal tags, and the trust policy does not allow sts:TagSession.",
        ("trust.tag_session",),
        "Allow sts:TagSession beside sts:AssumeRoleWithWebIdentity, or switch the attributes for access control off.",
        _UPDATE_TRUST,
        _TRUST,
    ),
    Cause(
        "The condition on sub names other identities.",
        ("trust.sub",),
        "Take the condition on cognito-identity.amazonaws.com:sub out, or name this identity ID in it.",
        _UPDATE_TRUST,
        _TRUST,
    ),
    Cause(
        "Another statement or condition of the trust policy does not fit.",
        ("trust.condition", "trust.deny", "trust.statement", "trust.source_identity"),
        "Read the trust policy statement by statement: one has to allow, and none may deny.",
        _UPDATE_TRUST,
        _TRUST,
    ),
    Cause(
        "There is no such role: it was deleted, or its name is misspelt.",
        ("role.exists",),
        "Compare the role’s ARN with the list of roles in IAM.",
        "aws iam get-role --role-name ROLE",
    ),
)

ERRORS: tuple[ErrorLesson, ...] = (
    ErrorLesson(
        "guest-access-off",
        "NotAuthorizedException",
        "Unauthenticated access is not supported for this identity pool.",
        r"Unauthenticated access is not supported",
        _CREDENTIALS,
        "The request held no login, so it came from a guest, and the pool lets no guests in.",
        (
            Cause(
                "Guest access is off at the pool.",
                ("pool.guest",),
                "On the pool’s page, under User access, activate guest access, if guests are meant to come in.",
                _UPDATE_POOL,
                "AWS::Cognito::IdentityPool: AllowUnauthenticatedIdentities: true",
            ),
            Cause(
                "Somebody had signed in, and the app lost the login before the call.",
                ("login.missing",),
                "Look at the request: it has to have Logins. SDKs read a token when they are made, so make the "
                "credential provider after the sign-in.",
            ),
        ),
        _GUIDE + "identity-pools.html",
        "guest-in-two-calls",
    ),
    ErrorLesson(
        "classic-flow-off",
        "InvalidParameterException",
        "Basic (classic) flow is not enabled, please use enhanced flow.",
        r"Basic \(classic\) flow is not enabled",
        "GetOpenIdToken",
        "The pool gives out no OpenID tokens: its basic (classic) flow is off.",
        (
            Cause(
                "AllowClassicFlow is false at the pool.",
                ("pool.classic",),
                "Use GetCredentialsForIdentity, the enhanced flow. Only if the app has to choose the role itself, "
                "activate the basic flow under Authentication flow.",
                _UPDATE_POOL,
                "AWS::Cognito::IdentityPool: AllowClassicFlow: true",
            ),
        ),
        _GUIDE + "authentication-flow.html",
        "two-doors",
    ),
    ErrorLesson(
        "classic-flow-with-role-mapping",
        "InvalidParameterException",
        "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.",
        r"not supported with RoleMappings",
        "GetOpenIdToken",
        "The pool chooses roles by a role mapping for this provider, which the basic flow would bypass.",
        (
            Cause(
                "The pool has a role mapping for the login’s provider.",
                ("pool.classic",),
                "Use the enhanced flow, which applies the mapping, or remove the mapping of this provider.",
                _SET_ROLES,
                "AWS::Cognito::IdentityPoolRoleAttachment: RoleMappings",
            ),
        ),
        _GUIDE + "role-based-access-control.html",
    ),
    ErrorLesson(
        "classic-flow-with-saml",
        "InvalidParameterException",
        "Basic (classic) flow is not supported with SAML, please use enhanced flow.",
        r"not supported with SAML",
        "GetOpenIdToken",
        "SAML works in the enhanced flow only.",
        (
            Cause(
                "One of the logins is a SAML response.",
                ("pool.classic",),
                "Sign in again and use the enhanced flow: a SAML response is taken once by each operation.",
            ),
        ),
        _GUIDE + "saml-identity-provider.html",
    ),
    ErrorLesson(
        "pool-not-found",
        "ResourceNotFoundException",
        "IdentityPool '…' not found.",
        r"IdentityPool '.*' not found",
        "GetId and all operations that name a pool",
        "In the Region that was called there is no identity pool of this ID.",
        (
            Cause(
                "The pool is in another Region than the one that was called, or was deleted, or the ID is misspelt.",
                ("pool.exists",),
                "The ID begins with its Region. Call that Region, and compare the ID letter by letter.",
                "aws cognito-identity describe-identity-pool --identity-pool-id POOL --region REGION",
            ),
        ),
        _GUIDE + "identity-pools.html",
        "which-pool",
    ),
    ErrorLesson(
        "identity-not-found",
        "ResourceNotFoundException",
        "Identity '…' not found.",
        r"Identity '.*' not found",
        "GetCredentialsForIdentity, GetOpenIdToken and all operations that name an identity",
        "There is no identity of this ID in the Region that was called.",
        (
            Cause(
                "The identity was deleted, or belongs to a pool of another Region or account, and the app kept its ID.",
                ("identity.exists",),
                "Forget the kept identity ID and call GetId again.",
                "aws cognito-identity describe-identity --identity-id ID",
            ),
        ),
        _GUIDE + "identity-pools.html",
    ),
    ErrorLesson(
        "identity-forbidden",
        "NotAuthorizedException",
        "Access to Identity '…' is forbidden.",
        r"Access to Identity .* is forbidden",
        "GetCredentialsForIdentity, GetOpenIdToken",
        "The identity belongs to somebody’s login, and the call does not show it.",
        (
            Cause(
                "The identity is an authenticated one, and the call brought no Logins.",
                ("login.missing",),
                "Send the login with every call, not only with GetId.",
            ),
            Cause(
                "The identity was merged into another one and is disabled.",
                ("identity.state",),
                "Keep the identity ID of the latest answer: a merge changes it. Call GetId again with the login.",
            ),
        ),
        _GUIDE + "switching-identities.html",
    ),
    ErrorLesson(
        "logins-dont-match",
        "NotAuthorizedException",
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
        r"Logins don.t match",
        "GetCredentialsForIdentity, GetOpenIdToken, UnlinkIdentity, GetId of a pool without providers",
        "The logins are genuine, and none of them belongs to this identity.",
        (
            Cause(
                "The identity ID is somebody else’s: it was kept from an earlier sign-in on the same device.",
                ("identity.owner",),
                "Forget the kept identity ID when somebody signs out, and call GetId with the new login.",
            ),
            Cause(
                "The login’s provider is not registered with the pool.",
                ("login.provider",),
                "Add the provider to the pool, under User access, Identity providers.",
                _UPDATE_POOL,
                "AWS::Cognito::IdentityPool: SupportedLoginProviders, CognitoIdentityProviders or "
                "OpenIdConnectProviderARNs",
            ),
        ),
        _GUIDE + "switching-identities.html",
        "which-pool",
    ),
    ErrorLesson(
        "provider-not-supported",
        "NotAuthorizedException",
        "Token is not from a supported provider of this identity pool.",
        r"not from a supported provider",
        _CREDENTIALS,
        "The token can be read, and its provider or its app client is not registered with this pool.",
        (
            Cause(
                "The token was made for another app client than the pool knows.",
                ("login.audience",),
                "Compare the token’s aud with the app client ID that the pool has for this provider.",
                _UPDATE_POOL,
                "AWS::Cognito::IdentityPool: CognitoIdentityProviders",
            ),
            Cause(
                "The pool does not know the provider named in Logins.",
                ("login.provider",),
                "Compare the name in Logins with the providers of the pool, Region and user pool ID included.",
                "aws cognito-identity describe-identity-pool --identity-pool-id POOL",
                "AWS::Cognito::IdentityPool: CognitoIdentityProviders",
            ),
        ),
        _GUIDE + "external-identity-providers.html",
        "which-pool",
    ),
    ErrorLesson(
        "issuer-does-not-match",
        "NotAuthorizedException",
        "Invalid login token. Issuer doesn't match providerName",
        r"Issuer doesn.t match providerName",
        _CREDENTIALS,
        "The name in Logins is not the issuer of the token that is sent under it.",
        (
            Cause(
                "The key in Logins differs from the token’s iss: another Region, another user pool, a slash or "
                "https:// too many.",
                ("login.issuer", "login.provider"),
                "Take the token’s iss without https:// and use it letter by letter.",
            ),
        ),
        _GUIDE + "open-id.html",
    ),
    ErrorLesson(
        "access-token-for-id-token",
        "NotAuthorizedException|InvalidIdentityToken",
        "Invalid login token. Missing a required claim: aud",
        r"Missing a required claim",
        "GetId, GetCredentialsForIdentity, AssumeRoleWithWebIdentity",
        "The token lacks a claim that says who it is for or about. In practice: an access token was sent.",
        (
            Cause(
                "An access token of a user pool was sent in place of the ID token.",
                ("login.claims", "login.token_use"),
                "Send the ID token: it has aud.",
            ),
        ),
        _GUIDE + "amazon-cognito-user-pools-using-tokens-with-identity-providers.html",
    ),
    ErrorLesson(
        "not-an-id-token",
        "NotAuthorizedException|InvalidIdentityToken",
        "Invalid login token. Not a valid OpenId Connect identity token.",
        r"Not a valid OpenId Connect|is not a valid JWT",
        "GetId, GetCredentialsForIdentity, AssumeRoleWithWebIdentity",
        "What was sent is not a JSON Web Token: three parts, separated by dots.",
        (
            Cause(
                "An opaque access token was sent, such as Google’s, or a token that was cut or encoded on its way.",
                ("login.format",),
                "Send the provider’s id_token as it came.",
            ),
            Cause(
                "It is an access token of a user pool.",
                ("login.token_use",),
                "Send the ID token.",
            ),
        ),
        _GUIDE + "open-id.html",
    ),
    ErrorLesson(
        "login-token-expired",
        "NotAuthorizedException|ExpiredTokenException",
        "Invalid login token. Token expired: … >= …",
        r"Token (is )?expired|Token too old",
        "GetId, GetCredentialsForIdentity, GetOpenIdToken, AssumeRoleWithWebIdentity",
        "The token is past its exp. An ID token lasts five minutes to a day, an OpenID token of a pool ten minutes.",
        (
            Cause(
                "The token expired before it was sent: the app kept it, or did not refresh it.",
                ("login.expiry",),
                f"{_SIGN_IN_AGAIN} An app refreshes the token before it asks for credentials.",
            ),
            Cause(
                "The token was issued too long ago, whatever its exp says.",
                ("login.age",),
                _SIGN_IN_AGAIN,
            ),
            Cause(
                "The clock of whoever issued the token is wrong.",
                ("login.not_before",),
                "Compare iat and exp with the time now, in UTC.",
            ),
        ),
        _GUIDE + "open-id.html",
    ),
    ErrorLesson(
        "token-signature",
        "NotAuthorizedException|InvalidIdentityToken",
        "Invalid login token. Couldn't verify signed token.",
        r"Couldn.t verify signed token|Couldn.t retrieve verification key|NoKeyFound",
        "GetId, GetCredentialsForIdentity, AssumeRoleWithWebIdentity",
        "The signature does not fit any key that the issuer publishes, or its keys could not be fetched.",
        (
            Cause(
                "The token was changed, or signed by somebody else.",
                ("login.signature",),
                "Send the token as the provider gave it. A provider that has just changed its keys: try again after "
                "ten minutes.",
            ),
            Cause(
                "AWS cannot fetch the issuer’s keys.",
                ("login.keys",),
                "The issuer’s /.well-known/openid-configuration and jwks_uri have to answer on the internet.",
            ),
        ),
        _GUIDE + "open-id.html",
    ),
    ErrorLesson(
        "incorrect-audience",
        "NotAuthorizedException|InvalidIdentityToken",
        "Invalid login token. Incorrect token audience.",
        r"Incorrect token audience",
        "GetId, GetCredentialsForIdentity, AssumeRoleWithWebIdentity",
        "The token was made for another app: its aud is not the ID that is registered.",
        (
            Cause(
                "The registered ID is another one of the same provider: Apple’s Services ID against a bundle ID, "
                "Google’s web client against the one for Android.",
                ("login.audience",),
                "Register the ID that the token has as aud, or sign in with the registered client.",
                _UPDATE_POOL,
                "AWS::Cognito::IdentityPool: SupportedLoginProviders, or AWS::IAM::OIDCProvider: ClientIdList",
            ),
        ),
        _GUIDE + "external-identity-providers.html",
    ),
    ErrorLesson(
        "pool-token-in-getid",
        "NotAuthorizedException",
        "Invalid login token. Can't pass in a Cognito token.",
        r"Can.t pass in a Cognito token|Not a Cognito token",
        _CREDENTIALS,
        "The identity pool’s own token is where it may not be, or something else is in its place.",
        (
            Cause(
                "The pool’s token was sent to GetId or below another name, or below cognito-identity.amazonaws.com "
                "stands a token that is not the pool’s.",
                ("login.pool_token", "login.provider", "login.issuer"),
                "Send the pool’s own token to GetCredentialsForIdentity only, under cognito-identity.amazonaws.com.",
            ),
        ),
        _GUIDE + "developer-authenticated-identities.html",
    ),
    ErrorLesson(
        "not-a-public-provider",
        "InvalidParameterException",
        "Please provide a valid public provider",
        r"valid public provider",
        _CREDENTIALS,
        "Logins holds a name that a caller without AWS credentials cannot use.",
        (
            Cause(
                "The name is a developer provider’s.",
                ("login.provider",),
                "Your server calls GetOpenIdTokenForDeveloperIdentity, and the app shows the token that it gets.",
            ),
            Cause(
                "Logins holds the pool’s own token together with another login.",
                ("login.pool_token",),
                "Send cognito-identity.amazonaws.com only: it speaks for all logins of the identity.",
            ),
        ),
        _GUIDE + "developer-authenticated-identities.html",
    ),
    ErrorLesson(
        "developer-provider-unknown",
        "InvalidParameterException|NotAuthorizedException",
        "This identity pool does not support the specified developer provider",
        r"does not support the specified developer provider",
        "GetOpenIdTokenForDeveloperIdentity",
        "The pool has no developer provider of this name.",
        (
            Cause(
                "DeveloperProviderName of the pool is another one, or is not set.",
                ("login.provider",),
                "Use the name that the pool has. It cannot be changed once it is set.",
                _UPDATE_POOL,
                "AWS::Cognito::IdentityPool: DeveloperProviderName",
            ),
        ),
        _GUIDE + "developer-authenticated-identities.html",
    ),
    ErrorLesson(
        "pool-configuration",
        "InvalidIdentityPoolConfigurationException",
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
        r"Invalid identity pool configuration",
        "GetCredentialsForIdentity",
        "The pool has no role for this kind of identity, or STS did not let it assume the role. It says no more.",
        (
            Cause(
                "The pool has no role for identities of this kind.",
                ("role.missing",),
                "On the pool’s page, under User access, choose a role for guests or for people who signed in.",
                _SET_ROLES,
                "AWS::Cognito::IdentityPoolRoleAttachment: Roles",
            ),
            *_TRUST_CAUSES,
            Cause(
                "The role is in another account than the pool.",
                ("role.account",),
                "Give the pool a role of its own account.",
                _SET_ROLES,
                "AWS::Cognito::IdentityPoolRoleAttachment: Roles",
            ),
        ),
        _GUIDE + "role-trust-and-permissions.html",
        "trust-clinic",
    ),
    ErrorLesson(
        "assume-role-denied",
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        r"Not authorized to perform sts:AssumeRoleWith",
        "AssumeRoleWithWebIdentity, AssumeRoleWithSAML",
        "The role’s trust policy does not let this token in, or there is no such role: STS says the same of both.",
        (
            *_TRUST_CAUSES,
            Cause(
                "The SAML assertion does not offer the role together with the SAML provider.",
                ("role.saml",),
                "The attribute https://aws.amazon.com/SAML/Attributes/Role has to have both ARNs, with a comma between "
                "them.",
            ),
        ),
        _GUIDE + "role-trust-and-permissions.html",
        "trust-clinic",
    ),
    ErrorLesson(
        "ambiguous-role",
        "NotAuthorizedException",
        "The ambiguous role mapping rules for: … denied this request.",
        r"ambiguous role mapping rules",
        "GetCredentialsForIdentity",
        "The role mapping led to no role, or to several, and the pool is set to deny then.",
        (
            Cause(
                "No rule fits a claim of the token, or the token names no role.",
                ("role.mapping",),
                "Give the person the claim that a rule asks for, change the rule, or have the pool take the "
                "authenticated role (AmbiguousRoleResolution).",
                _SET_ROLES,
                "AWS::Cognito::IdentityPoolRoleAttachment: RoleMappings",
            ),
            Cause(
                "The SAML assertion offers several roles, and the call chose none.",
                ("role.saml",),
                "Name one of them as CustomRoleArn.",
            ),
        ),
        _GUIDE + "role-based-access-control.html",
    ),
    ErrorLesson(
        "custom-role-not-offered",
        "NotAuthorizedException",
        "The role '…' is not among the roles of the login token.",
        r"is not among the roles of the login",
        "GetCredentialsForIdentity",
        "CustomRoleArn names a role that the login does not offer. AWS’s own text for this is not known.",
        (
            Cause(
                "Neither the token’s claims nor the role mapping nor the SAML assertion offer the role.",
                ("role.custom", "role.saml"),
                "Leave CustomRoleArn out, or have the provider put the role into the token (cognito:roles).",
            ),
        ),
        _GUIDE + "role-based-access-control.html",
        "guest-takes-admin",
    ),
    ErrorLesson(
        "login-conflict",
        "ResourceConflictException",
        "Logins conflict: this login is already linked to another account.",
        r"Logins conflict|already linked to another",
        "GetCredentialsForIdentity, GetOpenIdToken, GetOpenIdTokenForDeveloperIdentity",
        "The login belongs to another identity already, or the identity has a login of this provider.",
        (
            Cause(
                "The identities that the logins lead to cannot become one.",
                ("identity.owner", "login.conflict", "identity.limit"),
                "Use the identity that owns the login, or unlink the login from it first.",
                "aws cognito-identity unlink-identity --identity-id ID --logins … --logins-to-remove PROVIDER",
            ),
        ),
        _GUIDE + "switching-identities.html",
    ),
    ErrorLesson(
        "role-forbidden",
        "NotAuthorizedException",
        "Access to Role '…' is forbidden.",
        r"Access to Role .* is forbidden",
        "SetIdentityPoolRoles, GetCredentialsForIdentity",
        "A role was named that the pool may not be given.",
        (
            Cause(
                "The value is a name and no ARN, or the role is in another account.",
                ("role.account", "role.exists"),
                "Give the whole ARN of a role in the pool’s own account.",
                _SET_ROLES,
                "AWS::Cognito::IdentityPoolRoleAttachment: Roles",
            ),
            Cause(
                "Whoever sets the role may not pass it on.",
                ("policy.identity",),
                "Allow iam:PassRole on the role for whoever changes the pool.",
            ),
        ),
        _GUIDE + "iam-roles.html",
    ),
    ErrorLesson(
        "mapping-provider-unknown",
        "InvalidParameterException",
        "(…) is not a valid RoleMapping ProviderName or is not a configured provider.",
        r"not a valid RoleMapping ProviderName",
        "SetIdentityPoolRoles",
        "A key of RoleMappings is not a provider of the pool.",
        (
            Cause(
                "The key has https:// before it, or lacks the app client ID after a colon.",
                ("request.valid", "request.parameters"),
                "For a user pool the key is cognito-idp.REGION.amazonaws.com/USER_POOL_ID:APP_CLIENT_ID.",
                _SET_ROLES,
                "AWS::Cognito::IdentityPoolRoleAttachment: RoleMappings.IdentityProvider",
            ),
        ),
        _GUIDE + "role-based-access-control.html",
    ),
    ErrorLesson(
        "rate-exceeded",
        "TooManyRequestsException|Throttling|ThrottlingException",
        "Rate exceeded",
        r"Rate exceeded",
        "all",
        "The account made more calls in a second than its quota allows.",
        (
            Cause(
                "The app asks for a new identity or new credentials each time.",
                ("fault.throttle",),
                "Keep the identity ID and the credentials until they expire, and let the SDK try again.",
            ),
        ),
        _GUIDE + "quotas.html",
    ),
    ErrorLesson(
        "validation-error",
        "ValidationException|ValidationError",
        "1 validation error detected: Value '…' at '…' failed to satisfy constraint: …",
        r"validation errors? detected|Request ARN is invalid",
        "all",
        "A parameter does not have the form that the operation takes. The message names it.",
        (
            Cause(
                "A user pool’s ID is where an identity pool’s belongs, or an ARN or a name is misspelt.",
                ("request.parameters", "request.valid"),
                "An identity pool’s ID has a colon and a UUID, a user pool’s an underscore.",
            ),
        ),
        _GUIDE + "identity-pools.html",
    ),
    ErrorLesson(
        "session-too-long",
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        r"exceeds the MaxSessionDuration",
        "AssumeRoleWithWebIdentity, AssumeRoleWithSAML",
        "The session was asked to last longer than the role allows.",
        (
            Cause(
                "DurationSeconds is above the role’s maximum session duration, which is an hour unless it was changed.",
                ("role.duration",),
                "Ask for less, or raise the maximum session duration on the role’s page, at most twelve hours.",
                "aws iam update-role --role-name ROLE --max-session-duration 7200",
                "AWS::IAM::Role: MaxSessionDuration",
            ),
        ),
        _IAM + "id_roles_update-role-settings.html",
    ),
    ErrorLesson(
        "no-oidc-provider",
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for …",
        r"No OpenIDConnect provider found",
        "AssumeRoleWithWebIdentity",
        "IAM has no OpenID Connect provider for the token’s issuer.",
        (
            Cause(
                "The token is the provider’s own and not the identity pool’s, and IAM does not know the provider.",
                ("login.provider", "login.issuer"),
                "In the basic flow show STS the token that GetOpenIdToken gave. To use the provider’s token itself, "
                "make an OpenID Connect provider in IAM.",
                "aws iam create-open-id-connect-provider --url https://ISSUER --client-id-list CLIENT_ID",
                "AWS::IAM::OIDCProvider",
            ),
        ),
        _STS,
    ),
    ErrorLesson(
        "thumbprint",
        "InvalidIdentityToken",
        "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
        r"match configured thumbprint",
        "AssumeRoleWithWebIdentity",
        "The provider in IAM does not trust the issuer’s certificate.",
        (
            Cause(
                "The issuer has a new certificate of another authority.",
                ("login.keys",),
                "Give the provider the thumbprint of the authority’s certificate.",
                "aws iam update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn ARN "
                "--thumbprint-list THUMBPRINT",
                "AWS::IAM::OIDCProvider: ThumbprintList",
            ),
        ),
        _IAM + "id_roles_providers_create_oidc_verify-thumbprint.html",
    ),
    ErrorLesson(
        "session-too-large",
        "PackedPolicyTooLarge",
        "Serialized token too large for session",
        r"Serialized token too large|Packed size of session tags",
        "AssumeRoleWithWebIdentity, GetCredentialsForIdentity with principal tags",
        "Session policies and tags together are larger than a session can hold.",
        (
            Cause(
                "Too many claims are mapped to tags, or a session policy is long.",
                ("role.packed_size",),
                "Map fewer attributes for access control, and shorten the session policy.",
                "aws cognito-identity set-principal-tag-attribute-map --identity-pool-id POOL "
                "--identity-provider-name PROVIDER --no-use-defaults --principal-tags team=team",
                "AWS::Cognito::IdentityPoolPrincipalTag: PrincipalTags",
            ),
        ),
        _GUIDE + "attributes-for-access-control.html",
    ),
    ErrorLesson(
        "provider-rejected-token",
        "IDPRejectedClaim",
        "graph.facebook.com: graph.facebook.com responded with HTTP/1.1 400 Bad Request",
        r"responded with HTTP",
        "AssumeRoleWithWebIdentity",
        "AWS asked the provider about the access token, and the provider does not accept it.",
        (
            Cause(
                "The access token has expired or was withdrawn.",
                ("login.introspection",),
                _SIGN_IN_AGAIN,
            ),
        ),
        _STS,
    ),
)

BY_SLUG = {lesson.slug: lesson for lesson in ERRORS}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A cause with how it stands to one call, and why. `check`: the name of the check that tells it, or empty."""

    cause: Cause
    standing: Standing
    check: str = ""


def error_for(code: str, message: str) -> ErrorLesson | None:
    """The lesson of an error that a call ended with."""
    return next(
        (
            lesson
            for lesson in ERRORS
            if (not code or code in lesson.codes) and re.search(lesson.pattern, message, re.IGNORECASE)
        ),
        None,
    )


def errors_in(text: str) -> list[ErrorLesson]:
    """The errors that a pasted text has: a message, a traceback, a log. Those whose message it has come alone; else
    those whose code it names."""
    by_message = [lesson for lesson in ERRORS if re.search(lesson.pattern, text, re.IGNORECASE)]
    if by_message:
        return by_message
    words = set(re.findall(r"\w+", text))
    return [lesson for lesson in ERRORS if words & set(lesson.codes)]


def ranked(lesson: ErrorLesson, failed: Collection[str], passed: Collection[str]) -> list[Ranked]:
    """Its causes, those first that one call shows.

    Args:
        failed, passed: the names of the call's checks. Of AWS, which gives no reasons, both are empty: then every cause
            is possible.
    """
    order: dict[Standing, int] = {"matches": 0, "possible": 1, "ruled out": 2}
    return sorted((_standing(cause, failed, passed) for cause in lesson.causes), key=lambda each: order[each.standing])


def _standing(cause: Cause, failed: Collection[str], passed: Collection[str]) -> Ranked:
    if tells := next((check for check in cause.checks if check in failed), ""):
        return Ranked(cause, "matches", tells)
    if failed:
        return Ranked(cause, "ruled out", next((check for check in cause.checks if check in passed), ""))
    if cause.checks and all(check in passed for check in cause.checks):
        return Ranked(cause, "ruled out", cause.checks[0])
    return Ranked(cause, "possible")
