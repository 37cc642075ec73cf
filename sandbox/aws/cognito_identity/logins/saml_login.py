"""Logins proved by a SAML response of a provider that is registered through IAM and on the pool.

What AWS does with the Recipient of the subject confirmation is not documented for identity pools, so it is shown and
not judged.
"""

import asyncio
import re
from hashlib import sha256

from samlcrypto import SamlRefused, signing_certificates
from sandbox.aws.cognito_identity.logins.verified import VerifiedLogin
from sandbox.aws.cognito_identity.records.pools import Pool
from sandbox.aws.cognito_identity.records.refusals import invalid_login, logins_do_not_match, unsupported_provider
from sandbox.aws.iam.own_saml_provider import metadata_of
from sandbox.aws.iam.providers import SamlProvider, find_saml_provider
from sandbox.aws.saml import ROLE_ATTRIBUTE, Assertion, SamlExpired, read_response
from sandbox.core import played_issuers
from sandbox.core.call import Call
from sandbox.core.decisions import Code

_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:saml-provider/[\w._-]+")
_DOC = "https://docs.aws.amazon.com/cognito/latest/developerguide/saml-identity-provider.html"
_NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"
_KEPT = 86_400.0  # seconds for which a spent assertion without an end of its own is remembered
_SKEW = 60.0  # seconds before NotBefore that are tolerated: the two clocks are never quite equal


def is_saml_arn(key: str) -> bool:
    return _ARN.fullmatch(key) is not None


async def verify_saml(call: Call, pool: Pool, key: str, value: str) -> VerifiedLogin:
    """Check a SAML response and spend it for this operation.

    Raises:
        AwsError: NotAuthorizedException. No public trace shows AWS's texts; those of STS are used where it has one.
    """
    provider = find_saml_provider(call.instance.store, key) if key in pool.saml_provider_arns else None
    if provider is None:
        call.decisions.denied("login.provider", "provider", " or ".join(pool.saml_provider_arns) or "(none)", key, _DOC)
        raise unsupported_provider() if pool.has_providers else logins_do_not_match()
    try:
        assertion = await read_for(call, provider, value)
        check_issuer_and_time(call, provider, assertion)
        _check_audience(call, pool, assertion)
    except SamlRefused as refused:
        if not call.decisions.refused:
            code: Code = "login.signature" if refused.signature else "login.format"
            call.decisions.denied(
                code, "SAML response", "a valid response of the registered provider", refused.reason, _DOC
            )
        raise invalid_login("Response signature invalid" if refused.signature else _sentence(refused.reason)) from None
    _spend(call, pool, key, assertion)
    call.decisions.info("login.recipient", "SAML recipient", ", ".join(assertion.recipients) or "(none)", _DOC)
    return _login(key, assertion)


async def read_for(call: Call, provider: SamlProvider, value: str) -> Assertion:
    """The assertion, its signature verified by the provider's metadata, in a thread of its own.

    Raises:
        SamlRefused
    """
    loop = asyncio.get_running_loop()
    metadata = await metadata_of(call.instance, provider)
    own = played_issuers.certificates(call.instance.store.connection, provider.account, provider.arn)
    assertion = await loop.run_in_executor(call.instance.threads, _read, metadata, provider.entity_id, own, value)
    call.decisions.passed(
        "login.signature", "SAML signature", f"by a certificate of {provider.entity_id}", "holds", _DOC
    )
    return assertion


def check_issuer_and_time(call: Call, provider: SamlProvider, assertion: Assertion) -> None:
    """Let only an assertion of this provider pass, and only while it is valid.

    Raises:
        SamlRefused, SamlExpired
    """
    if assertion.issuer != provider.entity_id:
        call.decisions.denied("login.issuer", "SAML issuer", provider.entity_id, assertion.issuer, _DOC)
        raise SamlRefused("Issuer not present in specified provider")
    call.decisions.passed("login.issuer", "SAML issuer", provider.entity_id, assertion.issuer, _DOC)
    end = assertion.not_on_or_after
    if end is None:
        call.decisions.denied("login.claims", "SAML conditions", "a NotOnOrAfter", "none", _DOC)
        raise SamlRefused("the assertion has no NotOnOrAfter")
    if call.now >= end:
        call.decisions.denied("login.expiry", "SAML expiry", f"a time before {int(end)}", str(int(call.now)), _DOC)
        raise SamlExpired(f"Token expired: {int(call.now)} >= {int(end)}")
    if assertion.not_before is not None and call.now + _SKEW < assertion.not_before:
        call.decisions.denied(
            "login.not_before",
            "SAML not before",
            f"a time from {int(assertion.not_before)} on",
            str(int(call.now)),
            _DOC,
        )
        raise SamlRefused("the assertion is not yet valid")
    call.decisions.passed("login.expiry", "SAML expiry", f"a time before {int(end)}", str(int(call.now)), _DOC)


def saml_roles(assertion: Assertion, provider_arn: str) -> list[str]:
    """The roles that the assertion offers for this provider: pairs of role and provider ARN, in either order."""
    roles = []
    for value in assertion.attributes.get(ROLE_ATTRIBUTE, []):
        arns = [part.strip() for part in value.split(",")]
        if len(arns) == 2 and provider_arn in arns:
            roles += [arn for arn in arns if arn != provider_arn]
    return roles


def _read(metadata: str, entity_id: str, own: list[bytes], value: str) -> Assertion:
    """`own`: certificates of the account that plays the provider, whose metadata stay those of the real one."""
    return read_response(value, [*signing_certificates(metadata, entity_id), *own])


def _check_audience(call: Call, pool: Pool, assertion: Assertion) -> None:
    accepted = {
        "urn:amazon:webservices",
        "https://signin.aws.amazon.com/saml",
        f"urn:amazon:cognito:sp:{pool.pool_id}",
    }
    given = ", ".join(sorted(audience for entry in assertion.audiences for audience in entry)) or "(none)"
    if not assertion.audiences or not all(entry & accepted for entry in assertion.audiences):
        call.decisions.denied("login.audience", "SAML audience", " or ".join(sorted(accepted)), given, _DOC)
        raise SamlRefused("Response does not contain the required audience.")
    call.decisions.passed("login.audience", "SAML audience", " or ".join(sorted(accepted)), given, _DOC)


def _spend(call: Call, pool: Pool, key: str, assertion: Assertion) -> None:
    """An assertion may be used once for each operation (Developer Guide, "SAML identity providers")."""
    connection = call.instance.store.connection
    # On this account's clock only this account's marks are old.
    forgotten = "DELETE FROM spent_assertion WHERE expires < ? AND account = ?"
    connection.execute(forgotten, (call.now - _KEPT, pool.account))
    mark = sha256(f"{key}\0{assertion.assertion_id}".encode()).hexdigest()
    spent = connection.execute(
        "INSERT OR IGNORE INTO spent_assertion (account, pool_id, operation, assertion, expires)"
        " VALUES (?, ?, ?, ?, ?)",
        (pool.account, pool.pool_id, call.operation, mark, assertion.not_on_or_after or call.now),
    ).rowcount
    if not spent:
        call.decisions.denied(
            "login.replay", "SAML replay", f"a response not yet used in {call.operation}", "used before", _DOC
        )
        raise invalid_login("SAML assertion has already been used.")
    call.decisions.passed(
        "login.replay", "SAML replay", f"a response not yet used in {call.operation}", "first use", _DOC
    )


def _login(key: str, assertion: Assertion) -> VerifiedLogin:
    names = assertion.attributes.get(_NAME, [])
    tags = {"username": assertion.name_id, **({"client": names[0]} if names else {})}
    return VerifiedLogin(
        kind="saml",
        provider=key,
        user_key=assertion.name_id,
        amr=f"{key}:SAML:{assertion.name_id}",
        mapping_key=key,
        tag_provider=key,
        claims={name: values[0] if len(values) == 1 else values for name, values in assertion.attributes.items()},
        default_tags=tags,
        roles=saml_roles(assertion, key),
    )


def _sentence(reason: str) -> str:
    sentence = reason[0].upper() + reason[1:]
    return sentence if sentence.endswith(".") or "expired" in sentence else f"{sentence}."
