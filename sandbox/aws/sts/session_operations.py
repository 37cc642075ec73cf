"""STS: AssumeRoleWithWebIdentity, AssumeRoleWithSAML, AssumeRole, GetSessionToken, GetCallerIdentity, GetAccessKeyInfo.

https://docs.aws.amazon.com/STS/latest/APIReference/
"""

import re
from typing import Any

from msgspec.structs import replace

from sandbox.aws.access.assume import Assumed, NotTrusted, Principal, Terms, assume
from sandbox.aws.access.authorization import global_keys, network_keys
from sandbox.aws.access.sessions import SessionCredentials, Sessions, account_of_key_id
from sandbox.aws.iam.names import is_arn
from sandbox.aws.iam.providers import find_saml_provider
from sandbox.aws.sts.assume_role import names_of, requested_source_identity, requested_tags, require_caller_access
from sandbox.aws.sts.saml_identity import saml_identity
from sandbox.aws.sts.session_policies import session_policies
from sandbox.aws.sts.web_identity import web_identity
from sandbox.core.call import Call
from sandbox.core.caller import ADMINISTRATOR, RoleSession
from sandbox.core.errors import AwsError

_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/!-~-]+")
_USER_SECONDS = 43_200  # STS's default for a user's credentials
_DOC = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"


async def assume_role_with_web_identity(call: Call) -> dict[str, Any]:
    role_arn = _role_arn(call)
    policies = session_policies(call)
    identity = await web_identity(call, role_arn)
    terms = Terms(
        session_name=call.params["RoleSessionName"],
        seconds=call.params.get("DurationSeconds"),
        policies=policies,
        tags=identity.tags,
        transitive=identity.transitive,
        source_identity=identity.source_identity,
        request_context={**_network(call), **identity.passing},
        session_context={"aws:FederatedProvider": identity.federated},
    )
    assumed = assume(call.instance, role_arn, identity.principal, terms, call.now, call.decisions)
    return {
        **_answer(assumed),
        "SubjectFromWebIdentityToken": identity.subject,
        "Audience": identity.audience,
        "Provider": identity.provider,
    }


async def assume_role_with_saml(call: Call) -> dict[str, Any]:
    role_arn = _role_arn(call)
    provider = find_saml_provider(call.instance.store, call.params["PrincipalArn"])
    if provider is None:
        call.decisions.denied(
            "login.provider", "provider", "a SAML provider registered in IAM", call.params["PrincipalArn"], _DOC
        )
        raise AwsError("InvalidIdentityToken", "Specified provider doesn't exist.")
    call.use_account(provider.account)
    policies = session_policies(call)
    identity = await saml_identity(call, provider, role_arn)
    wanted = (call.params.get("DurationSeconds"), identity.seconds)
    limits = [seconds for seconds in wanted if seconds is not None]
    terms = Terms(
        session_name=identity.session_name,
        seconds=min(limits) if limits else None,
        policies=policies,
        tags=identity.tags,
        transitive=identity.transitive,
        source_identity=identity.source_identity,
        request_context=_network(call),
        session_context={"aws:FederatedProvider": provider.arn},
    )
    assumed = assume(call.instance, role_arn, identity.principal, terms, call.now, call.decisions)
    return {
        **_answer(assumed),
        "Subject": identity.subject,
        "SubjectType": identity.subject_type,
        "Issuer": identity.issuer,
        "Audience": identity.audience,
        "NameQualifier": identity.name_qualifier,
    }


async def assume_role(call: Call) -> dict[str, Any]:
    caller = call.caller
    assert caller is not None
    if not is_arn(call.params["RoleArn"]):
        # As LocalStack recorded it of AssumeRole (tests/aws/services/sts); its unsigned relatives say something else.
        raise AwsError("ValidationError", f"{call.params['RoleArn']} is invalid")
    role_arn = _role_arn(call)
    tags, transitive = requested_tags(call)
    keys = global_keys(call.instance, call.request, caller)
    if "ExternalId" in call.params:
        keys["sts:ExternalId"] = call.params["ExternalId"]
    seconds = call.params.get("DurationSeconds")
    terms = Terms(
        session_name=call.params["RoleSessionName"],
        seconds=seconds,
        tags=tags,
        transitive=transitive,
        source_identity=requested_source_identity(call),
        request_context=keys,
    )
    require_caller_access(call, caller, role_arn, terms)
    if caller.session is not None and seconds is not None and seconds > 3600:
        message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise AwsError("ValidationError", message, decision="role.duration")
    terms = replace(terms, policies=session_policies(call))
    principal = Principal("AWS", names_of(caller), "sts:AssumeRole", {})
    try:
        return _answer(assume(call.instance, role_arn, principal, terms, call.now, call.decisions))
    except NotTrusted as refused:
        message = f"User: {caller.arn} is not authorized to perform: {refused.action} on resource: {role_arn}"
        raise AwsError("AccessDenied", message, 403) from None


async def get_caller_identity(call: Call) -> dict[str, Any]:
    assert call.caller is not None
    return {"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}


async def get_session_token(call: Call) -> dict[str, Any]:
    """Credentials of the one user, the administrator, for a time."""
    caller = call.caller
    assert caller is not None
    if caller.session is not None or caller.issued:
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    if "SerialNumber" in call.params or "TokenCode" in call.params:
        message = (
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is "
            "valid and associated with this user."
        )
        raise AwsError("AccessDenied", message, 403)
    now = int(call.now)
    expires = now + call.params.get("DurationSeconds", _USER_SECONDS)
    user = RoleSession(call.account, caller.arn, caller.user_id, ADMINISTRATOR, issued=now, expires=expires)
    return {"Credentials": _shown(call.instance.part(Sessions).issue(user))}


async def get_access_key_info(call: Call) -> dict[str, Any]:
    key_id = call.params["AccessKeyId"]
    config = call.instance.config
    if key_id == config.access_key_id:
        return {"Account": config.account_id}
    account = key_id if len(key_id) == 12 and key_id.isdigit() else account_of_key_id(key_id)
    if account is None:
        raise AwsError("ValidationError", "The access key ID is not valid.")
    return {"Account": account}


def _role_arn(call: Call) -> str:
    role_arn: str = call.params["RoleArn"]
    if not _ROLE_ARN.fullmatch(role_arn):
        call.decisions.denied("request.parameters", "role", "the ARN of a role", role_arn[:200], _DOC)
        raise AwsError("ValidationError", "Request ARN is invalid")
    return role_arn


def _shown(credentials: SessionCredentials) -> dict[str, Any]:
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": credentials.expiration,
    }


def _network(call: Call) -> dict[str, str]:
    """What is known of the caller's connection; in the enhanced flow Cognito makes the call, and only its region is."""
    return network_keys(call.instance, call.request, call.region)


def _answer(assumed: Assumed) -> dict[str, Any]:
    return {
        "Credentials": _shown(assumed.credentials),
        "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.session.arn},
        "PackedPolicySize": assumed.packed_size,
        "SourceIdentity": assumed.session.context.get("aws:SourceIdentity"),
    }
