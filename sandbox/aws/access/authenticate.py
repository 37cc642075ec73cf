"""Who signed this request? SigV4 against the administrator's secret, or against that of a sealed session."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.aws.access.mismatches import mismatch, mismatch_of_form, mismatch_of_url
from sandbox.aws.access.origins import require_trusted_origin
from sandbox.aws.access.sessions import InvalidSession, Sessions
from sandbox.aws.access.signature_dates import check_date, expired
from sandbox.aws.iam.roles import find_role
from sandbox.aws.signing import sigv2, sigv4
from sandbox.aws.wire.error_codes import (
    WORDING,
    Family,
    worded_refusal,
    worded_refusal_because,
    wrong_bucket_region,
)
from sandbox.core.accounts import NoAdministrator
from sandbox.core.caller import Caller, RoleSession, administrator_of
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request, Site
from sandbox.core.instance import Instance

_LONG_TERM_ONLY = ("iam", "sandbox")
DOC = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html"


def authenticate(
    instance: Instance, request: Request, service: str, family: Family, decisions: Decisions, *, with_body: bool = True
) -> Caller | None:
    """The caller, or None when the request carries no signature at all.

    Args:
        with_body: whether the body is there already. Without it, only a signature over a stated hash can be checked.

    Raises:
        AwsError: in the words of the service's family, also where an administrator's request comes from another site.
    """
    caller = _authenticated(instance, request, service, family, decisions, with_body)
    if caller is not None and caller.session is None:
        require_trusted_origin(instance, request, family, decisions)
    return caller


def authenticate_form(
    instance: Instance, request: Request, fields: Mapping[str, str], decisions: Decisions
) -> Caller | None:
    """Who signed the policy of a form that a browser sends to S3; None where it has none.

    Args:
        fields: of the form, names in lower case.

    Raises:
        AwsError: in S3's words.
    """
    if "policy" not in fields:
        return None
    try:
        caller = _signer_of_form(instance, request, fields)
    except AwsError as error:
        decisions.denied("request.signature", "signature", "a policy signed by a known key", error.code, DOC)
        raise
    if caller.session is None:
        require_trusted_origin(instance, request, "s3", decisions)
    return caller


def _signer_of_form(instance: Instance, request: Request, fields: Mapping[str, str]) -> Caller:
    policy = fields["policy"]
    if "awsaccesskeyid" in fields:
        key = _key(instance, "s3", fields["awsaccesskeyid"], fields.get("x-amz-security-token", ""))
        if not sigv2.text_matches(policy, fields.get("signature", ""), key.secret):
            raise mismatch_of_form(policy, key.access_key_id, fields.get("signature", ""))
        return _caller(instance, "s3", "s3", key, request.site.region)
    try:
        signed = sigv4.read_form(fields)
    except sigv4.Incomplete as problem:
        raise AwsError("InvalidArgument", str(problem)) from None
    region = _region(instance, request.site, "s3", "s3", signed)
    key = _key(instance, "s3", signed.access_key_id, signed.token)
    if not sigv4.text_matches(policy, signed, key.secret):
        raise mismatch_of_form(policy, key.access_key_id, signed.signature)
    return _caller(instance, "s3", "s3", key, region)


def _authenticated(
    instance: Instance, request: Request, service: str, family: Family, decisions: Decisions, with_body: bool
) -> Caller | None:
    words = WORDING[family]
    presigned = sigv2.read_presigned(request) if family == "s3" else None
    if presigned is not None:
        return _verified_url(instance, request, presigned, decisions)
    if family == "s3" and sigv2.lacks_a_part(request):
        decisions.denied("request.signature", "signature", "a complete Signature Version 2", "a part of one", DOC)
        raise AwsError("AccessDenied", sigv2.INCOMPLETE, 403)
    try:
        signed = sigv4.read_authorization(request)
    except sigv4.Incomplete as problem:
        decisions.denied(
            "request.signature", "signature", "a complete AWS4-HMAC-SHA256 authorization", str(problem), DOC
        )
        if family == "s3" and isinstance(problem, sigv4.OtherMechanism):
            raise AwsError("InvalidRequest", sigv2.UNSUPPORTED, 400) from None
        in_url = family == "s3" and "authorization" not in request.headers
        kind = ("AuthorizationQueryParametersError", 400) if in_url else words.incomplete
        raise worded_refusal_because(kind, str(problem)) from None
    if signed is None:
        return None
    try:
        return _verified(instance, request, service, family, signed, with_body)
    except AwsError as error:
        decisions.denied(
            "request.signature", "signature", "a current AWS Signature Version 4 of a known key", error.code, DOC
        )
        raise


def _verified(
    instance: Instance, request: Request, service: str, family: Family, signed: sigv4.Signed, with_body: bool
) -> Caller:
    region = _region(instance, request.site, service, family, signed)
    key = _key(instance, family, signed.access_key_id, signed.token)
    if family == "s3":
        _check_headers(request, family, signed)  # first, whatever the signature is worth
    if not sigv4.signature_matches(request, signed, key.secret):
        raise mismatch(request, family, signed, with_body=with_body)
    _check_headers(request, family, signed)
    check_date(family, service, signed)
    if with_body and not sigv4.payload_matches(request, signed):
        if family == "s3":
            raise AwsError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                400,
            )
        raise mismatch(request, family, signed, with_body=with_body)
    return _caller(instance, service, family, key, region)


def _verified_url(instance: Instance, request: Request, presigned: sigv2.Presigned, decisions: Decisions) -> Caller:
    """Who made a URL with Signature Version 2, which names no region: the caller's is that of the host name."""
    try:
        key = _key(instance, "s3", presigned.access_key_id, presigned.token)
        if not sigv2.signature_matches(request, presigned, key.secret):
            raise mismatch_of_url(request, presigned)
        expires = presigned.expires
        if not (expires.isascii() and expires.isdigit() and len(expires) < 16):
            raise AwsError("AccessDenied", f"Invalid date (should be seconds since epoch): {expires[:40]}", 403)
        if time.time() > int(expires):
            raise expired(int(expires), time.time(), {})
        return _caller(instance, "s3", "s3", key, request.site.region)
    except AwsError as error:
        decisions.denied(
            "request.signature", "signature", "a current Signature Version 2 of a known key", error.code, DOC
        )
        raise


@dataclass(frozen=True, slots=True)
class _Key:
    """An access key; without a session it is the administrator's of the account."""

    access_key_id: str
    secret: str
    account: str
    session: RoleSession | None = None


def _key(instance: Instance, family: Family, access_key_id: str, token: str) -> _Key:
    """The secret, and whose it is, of an access key ID and its token.

    Raises:
        AwsError: there is no such key, or the token is not its own.
    """
    words = WORDING[family]
    account = _administered_account(instance, access_key_id)
    if account is not None:
        if token:
            raise worded_refusal(words.invalid_token)
        return _Key(access_key_id, _administrators_secret(instance, family, account), account)
    if not token:
        raise worded_refusal(words.unknown_key)
    sessions = instance.part(Sessions)
    try:
        session = sessions.open(access_key_id, token)
    except InvalidSession:
        raise worded_refusal(words.invalid_token) from None
    return _Key(access_key_id, sessions.secret_access_key(access_key_id, token), session.account, session)


def _administrators_secret(instance: Instance, family: Family, account: str) -> str:
    """The secret access key of an account's administrator.

    Raises:
        AwsError: the account is one that nobody administers.
    """
    try:
        return instance.accounts.secret_access_key(account)
    except NoAdministrator as nobody:
        raise worded_refusal_because(WORDING[family].unknown_key[:2], str(nobody)) from None


def _caller(instance: Instance, service: str, family: Family, key: _Key, region: str) -> Caller:
    session = key.session
    if session is None:
        return administrator_of(key.account, key.access_key_id, region)
    _check_expiry(instance, family, session)
    if session.role_arn == administrator_of(session.account).arn:
        return _administrator_for_a_time(service, family, key, session, region)
    _check_role(instance, family, session)
    user_id = f"{session.role_id}:{session.session_name}"
    return Caller(session.account, key.access_key_id, session.arn, user_id, session, region)


def _administered_account(instance: Instance, key_id: str) -> str | None:
    """The account whose administrator a key ID names: the configured one, or 12 digits that are an account."""
    if hmac.compare_digest(key_id.encode(errors="replace"), instance.config.access_key_id.encode()):
        return instance.config.account_id
    return key_id if len(key_id) == 12 and key_id.isascii() and key_id.isdigit() else None


def _region(instance: Instance, site: Site, service: str, family: Family, signed: sigv4.Signed) -> str:
    """The region in which a signed request is made.

    At a host name of AWS's there is one, which has to be that of the signature's scope. At the sandbox's own names it
    is the scope that says it. Only IAM is in the same region from everywhere: given an address of its own, an SDK signs
    for it in the client's region.

    Raises:
        AwsError: the scope names another region or service.
    """
    partition = instance.partition
    expected = _region_of_host(site, partition.global_region)
    if signed.region not in ({expected} if expected else partition.regions):
        raise _wrong_region(family, signed, expected or instance.config.region)
    if signed.service != service:
        raise worded_refusal_because(
            WORDING[family].wrong_scope, f"Credential should be scoped to correct service: '{service}'. "
        )
    return partition.global_region if service == "iam" else signed.region


def _region_of_host(site: Site, global_region: str) -> str:
    """The region whose endpoint a host name is; empty for the sandbox's own names, and for a bucket's without a region,
    which is that of the bucket's region.

    Source: AWS General Reference, "AWS Identity and Access Management endpoints" and those of STS and S3.
    """
    if site.region or not site.service or site.bucket:
        return site.region
    return global_region


def _wrong_region(family: Family, signed: sigv4.Signed, expected: str) -> AwsError:
    if family == "s3":
        return wrong_bucket_region(signed.region, expected, in_url=signed.presigned)
    message = f"Credential should be scoped to a valid region, not '{signed.region[:40]}'. "
    return worded_refusal_because(WORDING[family].wrong_scope, message)


def _check_headers(request: Request, family: Family, signed: sigv4.Signed) -> None:
    left_out = sigv4.unsigned_headers(request, signed)
    if not left_out:
        return
    if family == "s3":
        raise AwsError("AccessDenied", "There were headers present in the request which were not signed", 403)
    message = f"'{left_out[0]}' must be a 'SignedHeader' in the AWS Authorization."
    raise worded_refusal_because(WORDING[family].mismatch[:2], message)


def _administrator_for_a_time(service: str, family: Family, key: _Key, session: RoleSession, region: str) -> Caller:
    """The administrator with credentials of GetSessionToken. They do not call IAM, as there is no second factor (STS
    API Reference, "GetSessionToken"), nor the sandbox's switches.

    Raises:
        AwsError: the service takes the long-term key only.
    """
    if service in _LONG_TERM_ONLY:
        raise worded_refusal(WORDING[family].invalid_token)
    return administrator_of(key.account, key.access_key_id, region, session.issued)


def _check_expiry(instance: Instance, family: Family, session: RoleSession) -> None:
    if instance.clock.now(session.account) >= session.expires:
        raise worded_refusal(WORDING[family].expired_token)


def _check_role(instance: Instance, family: Family, session: RoleSession) -> None:
    role = find_role(instance.store, session.role_arn)
    if role is None or role.role_id != session.role_id:
        raise worded_refusal(WORDING[family].invalid_token)
