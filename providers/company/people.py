"""Who signed in at the company, out of a verified ID token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.company import GROUP_SETTINGS, CompanyPerson
from providers.sign_in.refusals import Refused
from providers.social.base import ProviderBackend

PIPELINE = ("providers.company.people.claims_verified",)
# With which Microsoft Entra ID says that somebody is in too many groups for a token.
# https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
_TOO_MANY = ("hasgroups", "_claim_names")


@dataclass(frozen=True, slots=True)
class Verified:
    """The claims of an ID token whose signature, issuer, audience, times and nonce were checked."""

    claims: Mapping[str, Any]


def claims_verified(backend: ProviderBackend, *args: Any, **kwargs: Any) -> Verified:
    """The one step of the pipeline, and its end."""
    return Verified(getattr(backend, "id_token", None) or {})


def person_of(verified: Verified) -> CompanyPerson:
    """Whose identity it is, and what their groups give.

    Raises:
        Refused: the token does not say in which groups they are, and a setting asks for it.
    """
    claims = verified.claims
    name = claims.get("preferred_username") or claims.get("cognito:username") or claims.get("name") or ""
    return CompanyPerson(
        issuer=str(claims.get("iss", "")).rstrip("/"),
        subject=str(claims.get("sub", "")),
        name=str(name),
        email=str(claims.get("email") or ""),
        rights=_rights(claims),
    )


def _rights(claims: Mapping[str, Any]) -> frozenset[str]:
    """None where no group is set: then what groups gave once is taken back, and the claim is not looked for."""
    giving = {right: getattr(settings, name) for right, name in GROUP_SETTINGS.items() if getattr(settings, name)}
    groups = _groups(claims) if giving else frozenset()
    return frozenset(right for right, group in giving.items() if group in groups)


def _groups(claims: Mapping[str, Any]) -> frozenset[str]:
    """The names in the claim, a list of them or one; compared letter by letter."""
    name = settings.COMPANY_GROUPS_CLAIM
    found = claims.get(name)
    if isinstance(found, str):
        return frozenset((found,))
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        return frozenset(found)
    if name not in claims and settings.COMPANY_GROUPS_OPTIONAL and not any(one in claims for one in _TOO_MANY):
        return frozenset()
    raise Refused("groups_missing", _why_unknown(claims, name))


def _why_unknown(claims: Mapping[str, Any], name: str) -> str:
    if any(one in claims for one in _TOO_MANY):
        why = "you are in more groups than a token takes, so that it names none"
    elif name in claims:
        why = f"its claim {name} is no list of names"
    else:
        why = f"it has no claim {name}"
    return f"The ID token does not say in which groups you are: {why}. Your rights here were not changed."
