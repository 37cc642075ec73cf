"""What a form asks to be changed: each is named by the form's `what`, and becomes an edit of what is found."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from flows.pages.pools.form_values import PoolChange, given, named, one_of, whole_number
from flows.pages.pools.making import MAKING
from flows.services import ChoiceRefused
from flows.services.change_kinds import State
from web.counted import counted

_LONGEST_TEXT = 20_000
_MOST_SECONDS = 366 * 86_400
MATCH_TYPES = ("Equals", "Contains", "StartsWith", "NotEqual")
RESOLUTIONS = ("AuthenticatedRole", "Deny")


def change_of(data: QueryDict) -> PoolChange:
    """The change that a form asks for.

    Raises:
        ChoiceRefused: the form is none of ours, or something in it does not fit.
    """
    make = _EDITS.get(data.get("what", ""))
    if make is None:
        raise ChoiceRefused("This page does not know that change.")
    return make(data)


# --- The identity pool ------------------------------------------------------------------------------------------------


def _switch(member: str, label: str) -> Callable[[QueryDict], PoolChange]:
    def make(data: QueryDict) -> PoolChange:
        on = one_of(data, "value", ("on", "off"), "on or off") == "on"
        return PoolChange("pool", (), lambda state: {**state, member: on}, f"{label} switched {'on' if on else 'off'}")

    return make


def _add_user_pool(data: QueryDict) -> PoolChange:
    name = given(data, "provider", "the user pool’s provider name")
    client = given(data, "client", "the app client’s ID")
    checks = data.get("check") == "on"

    def edit(state: State) -> State:
        listed = state.get("CognitoIdentityProviders", [])
        new = {"ProviderName": name, "ClientId": client, "ServerSideTokenCheck": checks}
        others = [one for one in listed if (one["ProviderName"], one["ClientId"]) != (name, client)]
        return {**state, "CognitoIdentityProviders": [*others, new]}

    return PoolChange("pool", (), edit, f"User pool {name.rpartition('/')[2]} added to the logins")


def _check_tokens(data: QueryDict) -> PoolChange:
    name, client = given(data, "provider", "a provider"), given(data, "client", "an app client")
    on = one_of(data, "value", ("on", "off"), "on or off") == "on"

    def edit(state: State) -> State:
        listed = state.get("CognitoIdentityProviders", [])
        _have((name, client), [(one["ProviderName"], one["ClientId"]) for one in listed])
        changed = [
            {**one, "ServerSideTokenCheck": on} if (one["ProviderName"], one["ClientId"]) == (name, client) else one
            for one in listed
        ]
        return {**state, "CognitoIdentityProviders": changed}

    return PoolChange("pool", (), edit, f"ServerSideTokenCheck switched {'on' if on else 'off'}")


def _add_provider(data: QueryDict) -> PoolChange:
    kind = one_of(data, "kind", ("social", "openid_connect", "saml"), "a kind of provider")
    if kind == "social":
        name, client = given(data, "provider", "the provider’s name"), given(data, "client", "its client ID")

        def add(state: State) -> State:
            listed = state.get("SupportedLoginProviders", {})
            return {**state, "SupportedLoginProviders": {**listed, name: client}}

        return PoolChange("pool", (), add, f"{name} added to the logins")
    arn = given(data, "provider", "the provider’s ARN")
    member = "OpenIdConnectProviderARNs" if kind == "openid_connect" else "SamlProviderARNs"

    def edit(state: State) -> State:
        listed = state.get(member, [])
        return {**state, member: listed if arn in listed else [*listed, arn]}

    return PoolChange("pool", (), edit, f"{arn.rpartition('-provider/')[2]} added to the logins")


def _remove_provider(data: QueryDict) -> PoolChange:
    name, client = given(data, "provider", "a provider"), data.get("client", "")

    def edit(state: State) -> State:
        user_pools = [
            one
            for one in state.get("CognitoIdentityProviders", [])
            if (one["ProviderName"], one["ClientId"]) != (name, client)
        ]
        social = {key: value for key, value in state.get("SupportedLoginProviders", {}).items() if key != name}
        lists = {
            member: [arn for arn in state.get(member, []) if arn != name]
            for member in ("OpenIdConnectProviderARNs", "SamlProviderARNs")
        }
        members = {"CognitoIdentityProviders": user_pools, "SupportedLoginProviders": social, **lists}
        # What was not there stays away: an empty list would be a change that nobody asked for.
        return {**state, **{member: value for member, value in members.items() if member in state}}

    return PoolChange("pool", (), edit, f"{name.rpartition('/')[2]} removed from the logins")


# --- Its roles and rules ----------------------------------------------------------------------------------------------


def _default_roles(data: QueryDict) -> PoolChange:
    wanted = {kind: data.get(kind, "").strip()[:2048] for kind in ("authenticated", "unauthenticated")}

    def edit(state: State) -> State:
        kept = {kind: arn for kind, arn in state["Roles"].items() if kind not in wanted}
        return {**state, "Roles": {**kept, **{kind: arn for kind, arn in wanted.items() if arn}}}

    return PoolChange("roles", (), edit, "The pool’s two roles changed")


def _mapping(data: QueryDict) -> PoolChange:
    provider = given(data, "provider", "a provider")
    kind = one_of(data, "type", ("none", "Token", "Rules"), "how roles are chosen")
    resolution = data.get("resolution", "Deny")
    if resolution not in RESOLUTIONS:
        raise ChoiceRefused("Choose what happens where nothing matches.")

    def edit(state: State) -> State:
        mappings = dict(state["RoleMappings"])
        if kind == "none":
            mappings.pop(provider, None)
        else:
            rules = mappings.get(provider, {}).get("RulesConfiguration")
            mapping: dict[str, Any] = {"Type": kind, "AmbiguousRoleResolution": resolution}
            if kind == "Rules":
                if not rules and not data.get("claim"):
                    raise ChoiceRefused("Add a rule for this provider first: rules without any are refused.")
                mapping["RulesConfiguration"] = rules or {"Rules": [_rule(data)]}
            mappings[provider] = mapping
        return {**state, "RoleMappings": mappings}

    words = {"none": "removed", "Token": "by token", "Rules": "by rules"}[kind]
    return PoolChange("roles", (), edit, f"Role mapping of {_short(provider)}: {words}")


def _rule(data: QueryDict) -> dict[str, str]:
    return {
        "Claim": given(data, "claim", "a claim", longest=64),
        "MatchType": one_of(data, "match", MATCH_TYPES, "how to compare"),
        "Value": given(data, "value", "a value", longest=128),
        "RoleARN": given(data, "role", "a role"),
    }


def _add_rule(data: QueryDict) -> PoolChange:
    provider, rule = given(data, "provider", "a provider"), _rule(data)

    def edit(state: State) -> State:
        mapping = state["RoleMappings"].get(provider, {"AmbiguousRoleResolution": "Deny"})
        rules = (mapping.get("RulesConfiguration") or {}).get("Rules", [])
        new = {**mapping, "Type": "Rules", "RulesConfiguration": {"Rules": [*rules, rule]}}
        return {**state, "RoleMappings": {**state["RoleMappings"], provider: new}}

    return PoolChange("roles", (), edit, f"Rule added for {_short(provider)}: {rule['Claim']} {rule['MatchType']}")


def _rules_edited(data: QueryDict, change: Callable[[list[Any], int], list[Any]], title: str) -> PoolChange:
    """Rules are named by their number and by what they were when the form was shown."""
    provider, number = given(data, "provider", "a provider"), whole_number(data, "number", "The rule’s number")
    shown = data.get("shown", "")

    def edit(state: State) -> State:
        mapping = state["RoleMappings"].get(provider) or {}
        rules = list((mapping.get("RulesConfiguration") or {}).get("Rules", []))
        if not 1 <= number <= len(rules) or (shown and rule_text(rules[number - 1]) != shown):
            raise ChoiceRefused("The rules have changed meanwhile. Look at them again.")
        changed = change(rules, number - 1)
        mappings = dict(state["RoleMappings"])
        if changed:
            mappings[provider] = {**mapping, "RulesConfiguration": {"Rules": changed}}
        else:
            # Rules without any would be refused.
            del mappings[provider]
        return {**state, "RoleMappings": mappings}

    return PoolChange("roles", (), edit, title.format(number=number, provider=_short(provider)))


def rule_text(rule: Mapping[str, str]) -> str:
    """A rule in a line: by it a form says which one it means."""
    return f"{rule['Claim']} {rule['MatchType']} {rule['Value']} {rule['RoleARN']}"


def _remove_rule(data: QueryDict) -> PoolChange:
    return _rules_edited(data, lambda rules, at: rules[:at] + rules[at + 1 :], "Rule {number} for {provider} removed")


def _move_rule(data: QueryDict) -> PoolChange:
    way = one_of(data, "way", ("up", "down"), "up or down")

    def move(rules: list[Any], at: int) -> list[Any]:
        to = at - 1 if way == "up" else at + 1
        if 0 <= to < len(rules):
            rules[at], rules[to] = rules[to], rules[at]
        return rules

    return _rules_edited(data, move, f"Rule {{number}} for {{provider}} moved {way}")


def _short(provider: str) -> str:
    """A provider’s name as people know it."""
    return provider.rpartition("/")[2].partition(":")[0]


# --- Principal tags ---------------------------------------------------------------------------------------------------


def _add_tag(data: QueryDict) -> PoolChange:
    provider = given(data, "provider", "a provider")
    key, claim = given(data, "key", "a tag’s key", longest=128), given(data, "claim", "a claim", longest=256)

    def edit(state: State) -> State:
        return {"UseDefaults": False, "PrincipalTags": {**state["PrincipalTags"], key: claim}}

    return PoolChange("tags", (provider,), edit, f"Tag {key} of {_short(provider)} taken from {claim}")


def _remove_tag(data: QueryDict) -> PoolChange:
    provider, key = given(data, "provider", "a provider"), given(data, "key", "a tag’s key")

    def edit(state: State) -> State:
        left = {name: claim for name, claim in state["PrincipalTags"].items() if name != key}
        return {"UseDefaults": False, "PrincipalTags": left}

    return PoolChange("tags", (provider,), edit, f"Tag {key} of {_short(provider)} removed")


def _default_tags(data: QueryDict) -> PoolChange:
    provider = given(data, "provider", "a provider")
    on = one_of(data, "value", ("on", "off"), "on or off") == "on"

    def edit(state: State) -> State:
        return {"UseDefaults": on, "PrincipalTags": {} if on else state["PrincipalTags"]}

    return PoolChange("tags", (provider,), edit, f"Default tags of {_short(provider)} switched {'on' if on else 'off'}")


# --- Policies ---------------------------------------------------------------------------------------------------------


def _document(data: QueryDict) -> str:
    text = data.get("document", "").replace("\r\n", "\n")
    if not text.strip():
        raise ChoiceRefused("Enter a policy.")
    if len(text) > _LONGEST_TEXT:
        raise ChoiceRefused("The policy is too long.")
    return text


def _trust(data: QueryDict) -> PoolChange:
    role, text = _role(data), _document(data)
    return PoolChange("trust", (role,), lambda state: {"PolicyDocument": text}, f"Trust policy of {role} changed")


def _policy(data: QueryDict) -> PoolChange:
    role, text = _role(data), _document(data)
    name = named(data, "policy", "the policy’s name")
    return PoolChange(
        "policy", (role, name), lambda state: {"PolicyDocument": text}, f"Policy {name} of {role} changed"
    )


def _remove_policy(data: QueryDict) -> PoolChange:
    role, name = _role(data), named(data, "policy", "the policy’s name")
    return PoolChange("policy", (role, name), lambda state: {}, f"Policy {name} of {role} removed")


def _role(data: QueryDict) -> str:
    return named(data, "role", "a role")


# --- User pools -------------------------------------------------------------------------------------------------------


def _client_attributes(data: QueryDict) -> PoolChange:
    user_pool, client = given(data, "user_pool", "a user pool"), given(data, "client", "an app client")
    wanted = sorted(set(data.get("attributes", "").replace(",", " ").split()))[:100]

    def edit(state: State) -> State:
        kept = {name: value for name, value in state.items() if name != "WriteAttributes"}
        return {**kept, "WriteAttributes": wanted} if wanted else kept

    words = f"limited to {len(wanted)}" if wanted else "no longer limited"
    return PoolChange("client", (user_pool, client), edit, f"WriteAttributes of the app client {words}")


def _group(data: QueryDict) -> PoolChange:
    user_pool, name = given(data, "user_pool", "a user pool"), given(data, "group", "the group’s name", longest=128)
    role, precedence = data.get("role", "").strip()[:2048], data.get("precedence", "").strip()
    members: dict[str, Any] = {"RoleArn": role} if role else {}
    if precedence:
        members["Precedence"] = whole_number(data, "precedence", "The precedence")

    def edit(state: State) -> State:
        kept = {member: value for member, value in state.items() if member == "Description"}
        return {"Exists": True, **kept, **members}

    return PoolChange("group", (user_pool, name), edit, f"Group {name} set")


def _remove_group(data: QueryDict) -> PoolChange:
    user_pool, name = given(data, "user_pool", "a user pool"), given(data, "group", "a group")
    return PoolChange("group", (user_pool, name), lambda state: {"Exists": False}, f"Group {name} removed")


def _membership(data: QueryDict) -> PoolChange:
    user_pool, person = _person_named(data)
    group, way = given(data, "group", "a group"), one_of(data, "way", ("in", "out"), "in or out")

    def edit(state: State) -> State:
        others = [name for name in state["Groups"] if name != group]
        return {"Groups": sorted([*others, group]) if way == "in" else others}

    words = f"put into {group}" if way == "in" else f"taken out of {group}"
    return PoolChange("membership", (user_pool, person), edit, f"{person} {words}")


def _attribute(data: QueryDict) -> PoolChange:
    user_pool, person = _person_named(data)
    name = given(data, "name", "the attribute’s name", longest=128)
    value = data.get("value", "").strip()[:2048]

    def edit(state: State) -> State:
        kept = {key: held for key, held in state.items() if key != name}
        return {**kept, name: value} if value else kept

    return PoolChange("attributes", (user_pool, person), edit, f"{name} of {person} {'set' if value else 'removed'}")


def _person(data: QueryDict) -> PoolChange:
    user_pool, person = _person_named(data)
    password = given(data, "password", "a password", longest=256)
    email = data.get("email", "").strip()[:256]
    attributes = {"email": email, "email_verified": "true"} if email else {}

    def edit(state: State) -> State:
        if state["Exists"]:
            raise ChoiceRefused(f"There is somebody called {person} already.")
        return {"Exists": True, "Attributes": attributes, "Password": password}

    return PoolChange("person", (user_pool, person), edit, f"{person} added")


def _remove_person(data: QueryDict) -> PoolChange:
    user_pool, person = _person_named(data)
    return PoolChange("person", (user_pool, person), lambda state: {"Exists": False}, f"{person} deleted")


def _person_named(data: QueryDict) -> tuple[str, str]:
    return given(data, "user_pool", "a user pool"), given(data, "person", "the person’s user name", longest=128)


def _have(wanted: Any, listed: Sequence[Any]) -> None:
    if wanted not in listed:
        raise ChoiceRefused("That no longer exists. Reload the page.")


# --- The clock --------------------------------------------------------------------------------------------------------


def _clock(data: QueryDict) -> PoolChange:
    if data.get("reset"):
        return PoolChange("clock", (), lambda state: {"advanced": 0.0}, "The account’s clock set right")
    minutes = whole_number(data, "minutes", "The number of minutes")
    if not 0 < minutes * 60 <= _MOST_SECONDS:
        raise ChoiceRefused("The clock can be put forward by a year at most.")
    return PoolChange(
        "clock",
        (),
        lambda state: {"advanced": float(state["advanced"]) + minutes * 60},
        f"The account’s clock put forward by {counted(minutes, 'minute')}",
    )


_EDITS: dict[str, Callable[[QueryDict], PoolChange]] = {
    "guests": _switch("AllowUnauthenticatedIdentities", "Guest access"),
    "classic": _switch("AllowClassicFlow", "Basic (classic) flow"),
    "user-pool-add": _add_user_pool,
    "token-check": _check_tokens,
    "provider-add": _add_provider,
    "provider-remove": _remove_provider,
    "default-roles": _default_roles,
    "mapping": _mapping,
    "rule-add": _add_rule,
    "rule-remove": _remove_rule,
    "rule-move": _move_rule,
    "tag-add": _add_tag,
    "tag-remove": _remove_tag,
    "default-tags": _default_tags,
    "trust": _trust,
    "policy": _policy,
    "policy-remove": _remove_policy,
    "write-attributes": _client_attributes,
    "group": _group,
    "group-remove": _remove_group,
    "membership": _membership,
    "attribute": _attribute,
    "person": _person,
    "person-remove": _remove_person,
    "clock": _clock,
    **MAKING,
}
