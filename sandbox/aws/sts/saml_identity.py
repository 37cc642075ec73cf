"""What AssumeRoleWithSAML learns from a SAML response (IAM User Guide, "Troubleshoot SAML federation")."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1

from samlcrypto import SamlRefused
from sandbox.aws.access.assume import Principal
from sandbox.aws.cognito_identity.logins.saml_login import check_issuer_and_time, read_for, saml_roles
from sandbox.aws.iam.providers import SamlProvider
from sandbox.aws.saml import (
    DURATION_ATTRIBUTE,
    SESSION_NAME_ATTRIBUTE,
    SOURCE_IDENTITY_ATTRIBUTE,
    TAG_ATTRIBUTE,
    TRANSITIVE_ATTRIBUTE,
    Assertion,
    SamlExpired,
)
from sandbox.aws.sts.assume_role import SOURCE_IDENTITY
from sandbox.aws.sts.saml_condition_keys import attribute_keys
from sandbox.core.call import Call
from sandbox.core.caller import ContextValue
from sandbox.core.decisions import Code
from sandbox.core.errors import AwsError

_DOC = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html"
_SESSION_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}")
_AUDIENCES = {"urn:amazon:webservices", "https://signin.aws.amazon.com/saml"}
_FORMATS = "urn:oasis:names:tc:SAML:2.0:nameid-format:"


@dataclass(frozen=True, slots=True)
class SamlIdentity:
    principal: Principal
    session_name: str
    subject: str
    subject_type: str
    issuer: str
    audience: str
    name_qualifier: str
    tags: Mapping[str, str]
    transitive: frozenset[str]
    source_identity: str
    seconds: int | None


async def saml_identity(call: Call, provider: SamlProvider, role_arn: str) -> SamlIdentity:
    """The subject of the response, when it may assume the role through this provider.

    Raises:
        AwsError: InvalidIdentityToken, ExpiredTokenException, AccessDenied.
    """
    assertion, audience = await _accepted(call, provider, role_arn)
    issuer, account = assertion.issuer, provider.account
    qualifier = base64.b64encode(sha1(f"{issuer}{account}/{provider.name}".encode()).digest()).decode()  # noqa: S324 (AWS's own formula)
    subject_type = assertion.name_id_format.removeprefix(_FORMATS)
    context: dict[str, ContextValue] = {
        **attribute_keys(assertion.attributes),
        "SAML:aud": audience,
        "SAML:iss": issuer,
        "SAML:sub": assertion.name_id,
        "SAML:sub_type": subject_type,
        "SAML:namequalifier": qualifier,
        "SAML:doc": f"{account}/{provider.name}",
    }
    return SamlIdentity(
        principal=Principal("Federated", [provider.arn], "sts:AssumeRoleWithSAML", context),
        session_name=_session_name(assertion),
        subject=assertion.name_id,
        subject_type=subject_type,
        issuer=issuer,
        audience=audience,
        name_qualifier=qualifier,
        tags={
            name.removeprefix(TAG_ATTRIBUTE): values[0]
            for name, values in assertion.attributes.items()
            if name.startswith(TAG_ATTRIBUTE) and values
        },
        transitive=frozenset(key.lower() for key in assertion.attributes.get(TRANSITIVE_ATTRIBUTE, [])),
        source_identity=_source_identity(assertion),
        seconds=_seconds(assertion),
    )


async def _accepted(call: Call, provider: SamlProvider, role_arn: str) -> tuple[Assertion, str]:
    """The assertion, when it is good here and offers this role, and whom it is for; raises as `saml_identity` does."""
    try:
        assertion = await read_for(call, provider, call.params["SAMLAssertion"])
    except SamlRefused as refused:
        code: Code = "login.signature" if refused.signature else "login.format"
        call.decisions.denied(
            code, "SAML response", "a valid response of the registered provider", refused.reason, _DOC
        )
        message = "Response signature invalid" if refused.signature else "Invalid base64 SAMLResponse"
        raise AwsError("InvalidIdentityToken", message) from None
    try:
        check_issuer_and_time(call, provider, assertion)
    except SamlExpired:
        raise AwsError("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance") from None
    except SamlRefused as refused:
        raise AwsError("InvalidIdentityToken", refused.reason) from None
    audience = _audience(call, assertion)
    if role_arn not in saml_roles(assertion, provider.arn):
        call.decisions.denied(
            "role.saml", "SAML role", role_arn, "not offered by the assertion for this provider", _DOC
        )
        raise AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", 403)
    return assertion, audience


def _audience(call: Call, assertion: Assertion) -> str:
    given = sorted({audience for entry in assertion.audiences for audience in entry})
    if not assertion.audiences or not all(entry & _AUDIENCES for entry in assertion.audiences):
        call.decisions.denied(
            "login.audience", "SAML audience", " or ".join(sorted(_AUDIENCES)), ", ".join(given) or "(none)", _DOC
        )
        raise AwsError("InvalidIdentityToken", "Response does not contain the required audience.")
    # Condition keys and answers name the recipient here, which for a sign-in to AWS is this address (IAM User Guide).
    return next((recipient for recipient in assertion.recipients if recipient), "https://signin.aws.amazon.com/saml")


def _session_name(assertion: Assertion) -> str:
    names = assertion.attributes.get(SESSION_NAME_ATTRIBUTE, [])
    if len(names) != 1 or not names[0]:
        raise AwsError("InvalidIdentityToken", "RoleSessionName is required in AuthnResponse")
    if not _SESSION_NAME.fullmatch(names[0]):
        raise AwsError("InvalidIdentityToken", "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return names[0]


def _source_identity(assertion: Assertion) -> str:
    values = assertion.attributes.get(SOURCE_IDENTITY_ATTRIBUTE, [])
    if not values:
        return ""
    if len(values) != 1 or not SOURCE_IDENTITY.fullmatch(values[0]):
        raise AwsError("InvalidIdentityToken", "SourceIdentity in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return values[0]


def _seconds(assertion: Assertion) -> int | None:
    values = assertion.attributes.get(DURATION_ATTRIBUTE, [])
    if not values:
        return None
    if not (values[0].isascii() and values[0].isdigit() and len(values[0]) < 7):
        raise AwsError("ValidationError", "SessionDuration in AuthnResponse must be a whole number of seconds")
    return int(values[0])
