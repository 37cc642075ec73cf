"""The identity pool itself: is it there, what do its switches say, whom does it trust, how does it choose?"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from flows.exchange.pool_facts import rules_of
from operations.doctor import fixes
from operations.doctor.findings import Finding
from operations.doctor.subject import Subject
from providers.registry import PROVIDERS
from providers.sign_in.provider import Provider
from providers.social.base import SocialProvider
from web.counted import counted

_MOST_RULES, _MOST_TAGS = 25, 50
_LISTS = {"cognito:groups", "cognito:roles"}  # claims that are lists: Contains looks for a part of their text


def there(it: Subject) -> Iterator[Finding | str]:
    """Whether the pool exists, in the region that the settings name."""
    pool_id, region = it.pool.pool_id, it.region
    if it.described() is None:
        listed = it.looking.get("cognito-identity", "ListIdentityPools", region, MaxResults=60)["IdentityPools"]
        known = [one["IdentityPoolId"] for one in listed]
        yield Finding(
            "error",
            f"there is no identity pool {pool_id} in account {it.caller['Account']}",
            "the pool of COGNITO_IDENTITY_POOL_ID",
            "Every run ends with ResourceNotFoundException.",
            (
                fixes.setting("COGNITO_IDENTITY_POOL_ID", known[0])
                if len(known) == 1
                else fixes.by_hand(f"Choose one of {', '.join(known)}." if known else "manage.py provision makes one."),
            ),
        )
        return
    if region != settings.AWS_REGION:
        yield Finding(
            "warning",
            f"the pool is in {region}, and AWS_REGION is {settings.AWS_REGION}",
            "one region",
            "The sample bucket and tables are looked for in AWS_REGION.",
            (fixes.setting("AWS_REGION", region),),
        )
    yield f"{it.definition['IdentityPoolName']}, {pool_id}"


def guests(it: Subject) -> Iterator[Finding | str]:
    """Whether the guest switch and the guest role are as the settings have it."""
    on, wanted = it.facts.lets_guests_in, bool(it.pool.guest_role_arn)
    if wanted and not on:
        yield Finding(
            "error",
            "guest access is off",
            "on, since UNAUTHENTICATED_ROLE_ARN is set",
            "GetId without logins is refused: Unauthenticated access is not supported for this identity pool.",
            it.update_pool(AllowUnauthenticatedIdentities=True),
        )
    if (on or wanted) and "unauthenticated" not in it.facts.roles:
        roles = {**it.roles_as_mended, "unauthenticated": it.pool.guest_role_arn}
        yield Finding(
            "error",
            "the pool has no role for guests",
            "a role for guests",
            "GetCredentialsForIdentity is refused: Invalid identity pool configuration.",
            it.set_roles(roles=roles) if wanted else it.update_pool(AllowUnauthenticatedIdentities=False),
        )
    yield "on, with a role" if on else "off, and no role for guests is set"


def classic(it: Subject) -> Iterator[Finding | str]:
    """Whether the switch of the basic flow was ever set."""
    switch = it.definition.get("AllowClassicFlow")
    if switch is None:
        yield Finding(
            "warning",
            "AllowClassicFlow was never set",
            "true or false",
            "A pool that says nothing takes the basic flow, in which clients choose the role themselves.",
            (
                *it.update_pool(AllowClassicFlow=False),
                fixes.by_hand("To teach the basic flow, say true instead."),
            ),
        )
    yield "on" if switch else "off"


def logins(it: Subject) -> Iterator[Finding | str]:
    """Whether each provider that the settings have is a login provider of the pool, under the same client ID."""
    configured = [one for one in PROVIDERS.values() if one.kind != "guest" and one.is_configured(it.registration)]
    for provider in configured:
        if changes := _missing(it, provider):
            member, value = changes
            yield Finding(
                "error",
                f"the pool does not trust {provider.label} as the settings have it",
                f"{provider.provider_name(it.registration)} with this application's client ID",
                "GetId is refused: Token is not from a supported provider of this identity pool.",
                it.update_pool(**{member: value}),
            )
    names = ", ".join(provider.label for provider in configured)
    yield f"all registered: {names}" if names else "no provider is set"


def _missing(it: Subject, provider: Provider) -> tuple[str, Any] | None:
    """The member of the pool to change so that it trusts a provider, and its new value; None where it does."""
    registration, definition = it.registration, it.pool_as_mended
    name = provider.provider_name(registration)
    if provider.kind == "user_pool":
        own = {"ProviderName": name, "ClientId": registration.setting("COGNITO_APP_CLIENT_ID")}
        listed = definition.get("CognitoIdentityProviders", [])
        there = any((one["ProviderName"], one["ClientId"]) == tuple(own.values()) for one in listed)
        return None if there else ("CognitoIdentityProviders", [*listed, {**own, "ServerSideTokenCheck": True}])
    if provider.kind == "developer":
        return None if definition.get("DeveloperProviderName") == name else ("DeveloperProviderName", name)
    if provider.kind == "social" and isinstance(provider, SocialProvider):
        names = provider.backend_class.SETTINGS
        key = registration.setting(names.get("CLIENT", names["KEY"]))  # Apple's KEY is what signs its secret
        listed = definition.get("SupportedLoginProviders", {})
        # X is told key and secret, with a semicolon between them; several of Google's may be there with a blank.
        there = key in str(listed.get(name, "")).partition(";")[0].replace(",", " ").split()
        return None if there else ("SupportedLoginProviders", {**listed, name: key})
    member = "SamlProviderARNs" if name.startswith("arn:") else "OpenIdConnectProviderARNs"
    arn = name if name.startswith("arn:") else f"arn:aws:iam::{it.account}:oidc-provider/{name}"
    # An issuer may be registered with a slash at its end, which is then part of its ARN; the settings' name has none.
    there = arn in {known.rstrip("/") for known in definition.get(member, [])}
    return None if there else (member, [*definition.get(member, []), arn])


def mappings(it: Subject) -> Iterator[Finding | str]:
    """Whether each role mapping is of a provider of the pool, and each of its rules can choose what it names."""
    kept: dict[str, Any] = {}
    problems: list[tuple[str, str, str]] = []
    for key, mapping in it.facts.mappings.items():
        if key not in it.known_providers:
            problems.append(
                (f"a mapping for {key}, which the pool does not trust", "a mapping of its own providers", "")
            )
            continue
        kept[key], more = _mended(it, key, mapping)
        problems += more
    for found, expected, why in problems:
        yield Finding(
            "error",
            found,
            expected,
            why or "It chooses nothing, and whoever reads it thinks that it does.",
            it.set_roles(mappings=kept),
        )
    yield f"{counted(len(kept), 'provider')} with a mapping"


def _mended(it: Subject, key: str, mapping: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """A mapping without what is wrong with it, and what that is."""
    problems: list[tuple[str, str, str]] = []
    kept: list[Mapping[str, str]] = []
    for number, rule in enumerate(rules_of(mapping), start=1):
        where = f"rule {number} for {key}"
        if it.role(rule["RoleARN"]) is None:
            problems.append((f"{where} names {rule['RoleARN']}, which is not there", "roles that exist", "E22"))
        elif rule["MatchType"] == "Contains" and rule["Claim"] in _LISTS:
            why = "The list is compared as one text, so that a group’s name finds every longer one that holds it."
            problems.append(
                (f"{where} looks for a part of the list {rule['Claim']}", "the token choosing the role", why)
            )
        elif earlier := next((one for one in kept if _covers(one, rule)), None):
            why = "The first rule that fits decides."
            found = f"{where} is never reached: one before it fits whenever it does ({_text(earlier)})"
            problems.append((found, "rules that can each be the first to fit", why))
        else:
            kept.append(rule)
    if len(kept) > _MOST_RULES:
        why = (
            f"AWS takes no more. The command keeps the first {_MOST_RULES}: join rules before, where others are needed."
        )
        problems.append((f"{key} has {len(kept)} rules", f"at most {_MOST_RULES}", why))
        kept = kept[:_MOST_RULES]
    mended = dict(mapping)
    if mapping.get("Type") == "Rules" and not kept:
        mended = {"Type": "Token", "AmbiguousRoleResolution": mapping.get("AmbiguousRoleResolution")}
    elif kept:
        mended["RulesConfiguration"] = {"Rules": kept}
    if not mapping.get("AmbiguousRoleResolution"):
        why = "Nobody has said what happens when nothing fits."
        problems.append((f"the mapping of {key} says no AmbiguousRoleResolution", "AuthenticatedRole or Deny", why))
        mended["AmbiguousRoleResolution"] = "Deny"
    said = {"E22": "GetCredentialsForIdentity is refused to whomever the rule chooses it for."}
    return mended, [(found, expected, said.get(why, why)) for found, expected, why in problems]


def _covers(earlier: Mapping[str, str], later: Mapping[str, str]) -> bool:
    """Whether the earlier rule fits every value that the later one fits."""
    if earlier["Claim"] != later["Claim"]:
        return False
    one, other = earlier["Value"], later["Value"]
    if later["MatchType"] == "NotEqual":
        return earlier["MatchType"] == "NotEqual" and one == other
    fits = {
        "Equals": later["MatchType"] == "Equals" and one == other,
        "StartsWith": later["MatchType"] in ("Equals", "StartsWith") and other.startswith(one),
        "Contains": one in other,
        "NotEqual": later["MatchType"] == "Equals" and one != other,
    }
    return fits[earlier["MatchType"]]


def _text(rule: Mapping[str, str]) -> str:
    return f"{rule['Claim']} {rule['MatchType']} {rule['Value']}"


def tags(it: Subject) -> Iterator[Finding | str]:
    """Whether the claims that become tags are ones that people cannot write, and not too many."""
    for provider, mapped in it.tag_maps.items():
        if len(mapped) > _MOST_TAGS:
            why = f"AWS takes no more. The command keeps the first {_MOST_TAGS}."
            fix = it.set_tags(provider, dict(list(mapped.items())[:_MOST_TAGS]))
            yield Finding("error", f"{provider} has {len(mapped)} tags", f"at most {_MOST_TAGS}", why, (fix,))
        yield from writable_claims(it, provider, set(mapped.values()), "a policy trusts the tag that comes from it")
    yield f"{counted(len(it.tag_maps), 'provider')} with tags"


def writable_claims(it: Subject, provider: str, claims: set[str], what: str) -> Iterator[Finding]:
    """A finding for each app client through which people can write one of these claims themselves."""
    user_pool_id = provider.rpartition("/")[2]
    user_pool = it.user_pool(user_pool_id) if "/" in provider and "_" in user_pool_id else None
    if user_pool is None:
        return
    schema = {entry["Name"]: entry for entry in user_pool["SchemaAttributes"]}
    for one in it.pool_as_mended.get("CognitoIdentityProviders", []):
        client = it.app_client(user_pool_id, one["ClientId"]) if one["ProviderName"] == provider else None
        if client is None:
            continue
        writable = client.get("WriteAttributes") or _writable(schema)
        if open_claims := sorted(claims & set(writable)):
            listed = it.client_as_mended(client).get("WriteAttributes") or writable
            kept = [name for name in listed if name not in open_claims]
            yield Finding(
                "error",
                f"people can write {', '.join(open_claims)} themselves through the client {one['ClientId']}"
                + ("" if client.get("WriteAttributes") else ", which lists no WriteAttributes"),
                "WriteAttributes without it",
                f"It is how they could get another role or other rights: {what}.",
                (it.update_client(client, WriteAttributes=kept),),
            )


def _writable(schema: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What a client without a list may write, as far as a list may have it."""
    never = {"sub", "email_verified", "phone_number_verified", "identities"}
    return [name for name, entry in schema.items() if name not in never and entry.get("Mutable")]
