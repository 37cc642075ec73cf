"""Where people sign in: the user pool's client, issuers and their keys, the providers that IAM knows."""

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from django.conf import settings
from django.urls import reverse
from requests import RequestException, TooManyRedirects

from accounts.company import is_set_up
from flows.exchange.pool_facts import rules_of
from operations.doctor import fixes
from operations.doctor.checks.pool import writable_claims
from operations.doctor.findings import Finding, Fix
from operations.doctor.looking import Unreadable
from operations.doctor.subject import Subject
from providers.company.provider import company
from providers.registry import PROVIDERS
from providers.sign_in import backchannel
from providers.sign_in.registration import Registration

_CERTIFICATE = re.compile(r"<(?:\w+:)?X509Certificate>([^<]+)<")
_SOON = timedelta(days=30)
_MISSING = ("NoSuchEntity",)


def user_pool(it: Subject) -> Iterator[Finding | str]:
    """Whether the app client is there, and set up for the code flow of this application."""
    registration, provider = it.registration, PROVIDERS["user-pool"]
    if not provider.is_configured(registration):
        yield "no user pool is set"
        return
    pool_id, client_id = registration.setting("COGNITO_USER_POOL_ID"), registration.setting("COGNITO_APP_CLIENT_ID")
    client = it.app_client(pool_id, client_id)
    if client is None:
        yield _no_client(it, pool_id, client_id)
        return
    yield from _secret(client, registration.setting("COGNITO_APP_CLIENT_SECRET"))
    yield from _code_flow(it, client, provider.backend)
    yield from _domain(it, pool_id, client_id, registration.setting("COGNITO_DOMAIN"))
    name = provider.provider_name(registration)
    claims = {
        rule["Claim"]
        for key, mapping in it.facts.mappings.items()
        if key.startswith(f"{name}:")
        for rule in rules_of(mapping)
    }
    yield from writable_claims(it, name, claims, "a rule chooses the role by it")
    yield f"{pool_id}, client {client_id}"


def _no_client(it: Subject, pool_id: str, client_id: str) -> Finding:
    trusted = [
        one["ClientId"]
        for one in it.definition.get("CognitoIdentityProviders", [])
        if one["ProviderName"].endswith(f"/{pool_id}") and it.app_client(pool_id, one["ClientId"])
    ]
    return Finding(
        "error",
        f"the user pool {pool_id} has no app client {client_id}, or is not there itself",
        "the client of COGNITO_APP_CLIENT_ID",
        "The managed login refuses with invalid_request: Client does not exist.",
        (fixes.setting("COGNITO_APP_CLIENT_ID", trusted[0]),)
        if trusted
        else (fixes.by_hand("docs/providers/cognito-user-pool.md makes one; put its ID into COGNITO_APP_CLIENT_ID."),),
    )


def _secret(client: Mapping[str, Any], secret: str) -> Iterator[Finding]:
    """The secret itself is compared, and never said."""
    has = client.get("ClientSecret", "")
    if has == secret:
        return
    found = "the app client has no secret, and COGNITO_APP_CLIENT_SECRET is set"
    fix = fixes.setting("COGNITO_APP_CLIENT_SECRET", "")
    if has:
        found = f"the app client has a secret, and COGNITO_APP_CLIENT_SECRET is {'another' if secret else 'empty'}"
        region = str(client["UserPoolId"]).partition("_")[0]
        read = (
            f"aws cognito-idp describe-user-pool-client --region {region} --user-pool-id {client['UserPoolId']}"
            f" --client-id {client['ClientId']} --query UserPoolClient.ClientSecret --output text"
        )
        fix = Fix("shell", f'echo "COGNITO_APP_CLIENT_SECRET=$({read})" >> .env')
    yield Finding("error", found, "the same in both", "The token endpoint refuses with invalid_client.", (fix,))


def _code_flow(it: Subject, client: Mapping[str, Any], backend: str) -> Iterator[Finding]:
    address = f"{settings.PUBLIC_URL}{reverse('providers:complete', args=[backend])}"
    wanted: dict[str, tuple[bool, Any, str, str]] = {
        "CallbackURLs": (
            address in client.get("CallbackURLs", []),
            [*client.get("CallbackURLs", []), address],
            f"{address} is not among the allowed callback URLs",
            "redirect_mismatch",
        ),
        "AllowedOAuthFlows": (
            "code" in client.get("AllowedOAuthFlows", []),
            [*client.get("AllowedOAuthFlows", []), "code"],
            "the client has no authorization code grant",
            "unauthorized_client",
        ),
        "AllowedOAuthScopes": (
            {"openid", "email", "profile"} <= set(client.get("AllowedOAuthScopes", [])),
            list(dict.fromkeys([*client.get("AllowedOAuthScopes", []), "openid", "email", "profile"])),
            "the client may not ask for openid, email and profile",
            "invalid_scope",
        ),
        "AllowedOAuthFlowsUserPoolClient": (
            bool(client.get("AllowedOAuthFlowsUserPoolClient")),
            True,
            "the client is not enabled for OAuth 2.0",
            "Client is not enabled for OAuth2.0 flows.",
        ),
        "SupportedIdentityProviders": (
            bool(client.get("SupportedIdentityProviders")),
            ["COGNITO"],
            "nobody can sign in through the client",
            "Login pages unavailable",
        ),
    }
    changes = {member: value for member, (fine, value, _, _) in wanted.items() if not fine}
    for member in changes:
        _, _, found, refusal = wanted[member]
        why = f"The managed login refuses: {refusal}."
        yield Finding(
            "error", found, "a client of the code flow for this site", why, (it.update_client(client, **changes),)
        )


def _domain(it: Subject, pool_id: str, client_id: str, name: str) -> Iterator[Finding]:
    region, named = pool_id.partition("_")[0], {"UserPoolId": pool_id}
    if "." in name:
        return  # a custom domain, which may be another account's to describe
    found = it.looking.get("cognito-idp", "DescribeUserPoolDomain", region, Domain=name)["DomainDescription"]
    if found.get("UserPoolId") != pool_id:
        own = str((it.user_pool(pool_id) or {}).get("Domain", ""))
        yield Finding(
            "error",
            f"the domain {name} is not one of the user pool {pool_id}",
            "the domain of COGNITO_DOMAIN",
            "The sign-in page is somebody else’s, or there is none.",
            (fixes.setting("COGNITO_DOMAIN", own),)
            if own
            else (fixes.aws("cognito-idp", "CreateUserPoolDomain", {"Domain": name, **named}, region),),
        )
        return
    missing, client = ("ResourceNotFoundException",), {**named, "ClientId": client_id}
    style = ("cognito-idp", "DescribeManagedLoginBrandingByClient", region)
    if found.get("ManagedLoginVersion") == 2 and it.looking.ask(*style, missing=missing, **client) is None:
        yield Finding(
            "error",
            "the managed login has version 2, and the app client has no style",
            "a style, be it Cognito’s own",
            "Its pages say: Login pages unavailable.",
            (
                fixes.aws(
                    "cognito-idp", "CreateManagedLoginBranding", {**client, "UseCognitoProvidedValues": True}, region
                ),
            ),
        )


# --- Issuers and their keys -------------------------------------------------------------------------------------------


def discovery(it: Subject) -> Iterator[Finding | str]:
    """Whether issuers publish who they are, and keys for RS256, which is what identity pools take."""
    issuers = {}
    for key, setting in (("user-pool", ""), ("oidc", "OIDC_ISSUER")):
        provider = PROVIDERS[key]
        if provider.is_configured(it.registration):
            own = it.registration.setting(setting).rstrip("/") if setting else ""
            issuers[own or f"https://{provider.provider_name(it.registration)}"] = setting
    for issuer, setting in issuers.items():
        yield from _issuer(it.registration, issuer, setting)
    if is_set_up():
        issuer = settings.COMPANY_ISSUER.rstrip("/")
        yield from _issuer(company().registration(""), issuer, "COMPANY_ISSUER")
        issuers[issuer] = "COMPANY_ISSUER"
    yield f"reached: {', '.join(issuers)}" if issuers else "no issuer is set"


def _issuer(registration: Registration, issuer: str, setting: str) -> Iterator[Finding]:
    """Of the company's sign-in as well, with which identity pools have nothing to do."""
    is_company = setting == "COMPANY_ISSUER"
    whose = "This application" if is_company else "Identity pools and this application"
    at_pool = "" if is_company else ": Issuer doesn't match providerName"
    address = f"{issuer}/.well-known/openid-configuration"
    document = _fetched(registration, address)
    if not isinstance(document, dict):
        yield Finding(
            "error",
            f"{address}: {document}",
            "the discovery document",
            f"{whose} fetch{'es' if is_company else ''} the issuer's keys by it.",
            (Fix("shell", f"curl -fsS {address}"),),
        )
        return
    said, expected = str(document.get("issuer", "")), registration.setting(setting) if setting else issuer
    if said != expected and not (is_company and said.rstrip("/") == issuer):
        yield Finding(
            "error",
            f"the issuer calls itself {said}",
            expected,
            f"Its tokens say so, too, and are refused{at_pool}.",
            (fixes.setting(setting, said),) if setting else (),
        )
    keys = _fetched(registration, str(document.get("jwks_uri", "")))
    listed = keys.get("keys", []) if isinstance(keys, dict) else []
    if not any(key.get("kty") == "RSA" and key.get("alg") in (None, "RS256") for key in listed):
        yield Finding(
            "error",
            f"no key for RS256 at {document.get('jwks_uri')}" if isinstance(keys, dict) else f"the keys: {keys}",
            "an RSA key",
            f"{whose} take{'s' if is_company else ''} ID tokens that are signed with RS256, and no others.",
            (fixes.by_hand("Have the provider sign ID tokens for this client with RS256."),),
        )


def _fetched(registration: Registration, address: str) -> Any:
    """The JSON at an address, or in a word why there is none. Asked the way that sign-ins ask: a stand-in at the
    sandbox's own port, everybody else through the proxy that the environment names."""
    try:
        answer = backchannel.ask("GET", registration.local_url(address))
    except TooManyRedirects:
        return "answers with a redirect, which is not followed"
    except RequestException:
        return "no answer"
    try:
        return answer.json() if answer.status_code == 200 else f"answers {answer.status_code}"
    except ValueError:
        return "is no JSON"


def oidc(it: Subject) -> Iterator[Finding | str]:
    """Whether IAM knows the OpenID Connect providers of pool and settings, with this application's client ID."""
    arns = dict.fromkeys(it.definition.get("OpenIdConnectProviderARNs", []), "")
    provider = PROVIDERS["oidc"]
    if provider.is_configured(it.registration):
        own = f"arn:aws:iam::{it.account}:oidc-provider/{provider.provider_name(it.registration)}"
        # As the pool spells it, where it trusts it: a slash at the end of an issuer is part of its ARN.
        spelled = next((arn for arn in arns if arn.rstrip("/") == own), own)
        arns[spelled] = it.registration.setting("OIDC_CLIENT_ID")
    for arn, client in arns.items():
        named = {"OpenIDConnectProviderArn": arn}
        found = it.looking.ask("iam", "GetOpenIDConnectProvider", it.region, missing=_MISSING, **named)
        if found is None:
            url = f"https://{arn.partition('oidc-provider/')[2]}"
            made = {"Url": url, "ClientIDList": [client] if client else []}
            yield Finding(
                "error",
                f"IAM has no provider {arn}",
                "the provider that the pool trusts",
                "Its tokens are refused: Token is not from a supported provider.",
                (fixes.aws("iam", "CreateOpenIDConnectProvider", made),),
            )
        elif client and client not in found["ClientIDList"]:
            yield Finding(
                "error",
                f"IAM's provider {arn} does not list the client ID {client}",
                "the client ID of OIDC_CLIENT_ID",
                "Its tokens are refused: Incorrect token audience.",
                (fixes.aws("iam", "AddClientIDToOpenIDConnectProvider", {**named, "ClientID": client}),),
            )
    yield f"{len(arns)} of them" if arns else "none is set"


def saml(it: Subject) -> Iterator[Finding | str]:
    """How long the certificates of SAML providers are valid, and whether responses are for this pool."""
    arns = dict.fromkeys(it.definition.get("SamlProviderARNs", []))
    provider = PROVIDERS["saml"]
    if provider.is_configured(it.registration):
        arns[it.registration.setting("SAML_PROVIDER_ARN")] = None
        if settings.APP_MODE == "aws":  # the stand-in answers whom it is asked for
            yield from _audience(it)
    for arn in arns:
        found = it.looking.ask("iam", "GetSAMLProvider", it.region, missing=_MISSING, SAMLProviderArn=arn)
        if found is None:
            made = f"--name {arn.rpartition('/')[2]} --saml-metadata-document file://{_metadata_file(it)}"
            yield Finding(
                "error",
                f"IAM has no provider {arn}",
                "the provider that the pool trusts",
                "Responses are refused.",
                (*_metadata_fetch(it), Fix("aws", f"aws iam create-saml-provider {made}")),
            )
            continue
        end = _validity(str(found["SAMLMetadataDocument"]))
        if end - datetime.now(UTC) < _SOON:
            expired = end < datetime.now(UTC)
            sent = f"--saml-provider-arn {arn} --saml-metadata-document file://{_metadata_file(it)}"
            yield Finding(
                "error" if expired else "warning",
                f"the certificate in IAM's metadata of {arn} {'expired' if expired else 'expires'} on {end:%d %B %Y}",
                "one that is valid for a while",
                "IAM goes by the metadata that it was given: when the provider changes its key, responses are refused.",
                (*_metadata_fetch(it), Fix("aws", f"aws iam update-saml-provider {sent}")),
            )
    yield f"{len(arns)} of them" if arns else "none is set"


def _audience(it: Subject) -> Iterator[Finding]:
    entity, own = it.registration.setting("SAML_ENTITY_ID"), f"urn:amazon:cognito:sp:{it.pool.pool_id}"
    if entity not in (own, "urn:amazon:webservices"):
        yield Finding(
            "error",
            f"this application calls itself {entity}",
            own,
            "Responses for it are for nobody that AWS is: Response does not contain the required audience.",
            (fixes.setting("SAML_ENTITY_ID", own), fixes.by_hand("Register the same at the identity provider.")),
        )


def _metadata_file(it: Subject) -> str:
    return it.registration.setting("SAML_METADATA_FILE") or "metadata.xml"


def _metadata_fetch(it: Subject) -> tuple[Fix, ...]:
    """What brings the identity provider's present metadata into the file that the next command sends."""
    if it.registration.setting("SAML_METADATA_FILE"):
        return ()
    if url := it.registration.setting("SAML_METADATA_URL"):
        return (Fix("shell", f"curl -fsSo metadata.xml {url}"),)
    return (fixes.by_hand("Save the identity provider’s present metadata as metadata.xml."),)


def _validity(metadata: str) -> datetime:
    """Until when the last of the signing certificates is valid.

    Raises:
        Unreadable: there is none that can be read.
    """
    ends = []
    for text in _CERTIFICATE.findall(metadata):
        try:
            ends.append(x509.load_der_x509_certificate(base64.b64decode(text)).not_valid_after_utc)
        except ValueError:
            continue
    if not ends:
        raise Unreadable("the metadata has no certificate that can be read")
    return max(ends)
