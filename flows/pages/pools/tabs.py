"""What each tab of a pool's page shows, read when it is asked for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.http import Request
from flows import services
from flows.exchange.pool_facts import (
    AccountReader,
    PoolFacts,
    RoleFacts,
    mapping_providers,
    rules_of,
    tag_providers,
    user_pools_of,
)
from flows.models import Run
from flows.pages.pools.access import PoolsAccess
from flows.pages.pools.commands import commands_for
from flows.pages.pools.edits import MATCH_TYPES, RESOLUTIONS, rule_text
from flows.pages.pools.masks import shown_client
from flows.pages.pools.policy_text import PolicyText, policy_text
from flows.pages.pools.scanner import scan, told_to_strangers
from flows.pages.pools.trying import Trying, logins_of_pool
from flows.pages.pools.who_gets_in import CallerRow, logins_of, most_telling, who_gets_in
from flows.services.veils import veil_over
from providers.registry import PROVIDERS

TRY = "try"  # in one's own account only
TABS = {
    "who": "Who gets in",
    TRY: "Try a token",
    "scan": "Scanner",
    "switches": "Switches",
    "logins": "Logins",
    "roles": "Roles and policies",
    "mapping": "Role mapping",
    "tags": "Tags",
    "people": "People",
    "identities": "Identities",
    "changes": "Changes",
}
_MOST_COLUMNS = 20
_MOST_CHANGES = 50
_NEW_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@dataclass(frozen=True, slots=True)
class RefusedPolicy:
    """A policy that was refused: `trust` or the name of an inline one, and its text with the sentence at its line."""

    name: str
    text: PolicyText


@dataclass(frozen=True, slots=True)
class PoolRequest:
    """What is asked for, and by whom."""

    request: Request
    access: PoolsAccess
    reader: AccountReader
    facts: PoolFacts
    refused: RefusedPolicy | None = None


def content(tab: str, asked: PoolRequest) -> dict[str, Any]:
    """What the tab's template is given."""
    return _TABS[tab](asked)


def _roles(asked: PoolRequest) -> list[RoleFacts]:
    return asked.reader.roles(asked.facts, whole_account=settings.APP_MODE == "sandbox")


def _roles_and_callers(asked: PoolRequest) -> dict[str, Any]:
    """The roles that the pool names, and those that somebody of this pool, or any stranger, can have."""
    wants_it = {"cell", "show"} & asked.request.GET.keys()
    if not asked.access.looking and not wants_it and (why := veil_over(asked.request.owner, asked.access.pool)):
        return {"veil": why}
    roles = _roles(asked)
    matrix = who_gets_in(asked.facts, roles)
    open_roles = {
        cell.role.arn
        for row in matrix
        for cell in row.cells
        if cell.gets_in and (cell.tone == "danger" or not row.caller.foreign)
    }
    shown = [role for role in roles if role.arn in open_roles or role.arn in asked.facts.named_roles][:_MOST_COLUMNS]
    rows = [CallerRow(row.caller, tuple(cell for cell in row.cells if cell.role in shown)) for row in matrix]
    cells = {cell.key: cell for row in rows for cell in row.cells}
    chosen = cells.get(asked.request.GET.get("cell", "")) or most_telling(rows)
    return {"rows": rows, "roles": shown, "left_out": [role for role in roles if role not in shown], "cell": chosen}


def _scan(asked: PoolRequest) -> dict[str, Any]:
    """The roles that the pool names, with what they may do."""
    wants_it = "show" in asked.request.GET
    if not asked.access.looking and not wants_it and (why := veil_over(asked.request.owner, asked.access.pool)):
        return {"veil": why}
    named = [role for role in _roles(asked) if role.arn in asked.facts.named_roles]
    roles = [asked.reader.with_policies(role) for role in named]
    return {"findings": scan(asked.facts, roles), "strangers": told_to_strangers(asked.facts)}


def _switches(asked: PoolRequest) -> dict[str, Any]:
    facts, moved = asked.facts, asked.access.clock
    return {
        "clock_minutes": None if moved is None else round(moved / 60),
        "switches": [
            {
                "what": "guests",
                "label": "Guest access",
                "member": "AllowUnauthenticatedIdentities",
                "on": facts.lets_guests_in,
                "text": "Whoever knows the pool’s ID gets an identity and the role for guests, without signing in.",
            },
            {
                "what": "classic",
                "label": "Basic (classic) flow",
                "member": "AllowClassicFlow",
                "on": facts.takes_basic_flow,
                "text": "The caller gets a token for AWS STS and names the role. In the enhanced flow the pool does.",
            },
        ],
    }


def _logins(asked: PoolRequest) -> dict[str, Any]:
    definition, reader = asked.facts.definition, asked.reader
    return {
        "user_pools": [
            {**one, "client": reader.app_client(one["ProviderName"].rpartition("/")[2], one["ClientId"])}
            for one in definition.get("CognitoIdentityProviders", [])
        ],
        "social": [
            {"name": name, "client": shown_client(name, client)}
            for name, client in definition.get("SupportedLoginProviders", {}).items()
        ],
        "openid_connect": [
            {"arn": arn, **reader.oidc_provider(arn)} for arn in definition.get("OpenIdConnectProviderARNs", [])
        ],
        "saml": [{"arn": arn, **reader.saml_provider(arn)} for arn in definition.get("SamlProviderARNs", [])],
        "developer": definition.get("DeveloperProviderName", ""),
        "public_names": sorted(
            one.logins_key for one in PROVIDERS.values() if re.fullmatch(r"[a-z.]+", one.logins_key)
        ),
        **(_of_the_account(asked) if asked.access.writable else {"account": {}}),
    }


def _of_the_account(asked: PoolRequest) -> dict[str, Any]:
    """What can be deleted there, and what another one can be made like."""
    reader, trusted = asked.reader, user_pools_of(asked.facts.definition)
    account = reader.account_providers()
    names = reader.user_pools()
    return {
        "account": account,
        "oidc_of_account": [{"arn": arn, **reader.oidc_provider(arn)} for arn in account["openid_connect"]],
        "metadata": reader.saml_metadata(account["saml"][0]) if account["saml"] else "",
        "pools_of_account": [
            {
                "id": user_pool,
                "name": names.get(user_pool, ""),
                "provider": f"cognito-idp.{asked.access.pool.region}.amazonaws.com/{user_pool}",
                "clients": [
                    {**one, "trusted": one["ClientId"] in trusted.get(user_pool, [])}
                    for one in reader.app_clients(user_pool)
                ],
            }
            for user_pool in dict.fromkeys([*trusted, *names])
        ],
    }


def _policies(asked: PoolRequest) -> dict[str, Any]:
    roles = _roles(asked)
    wanted = asked.request.POST.get("role") or asked.request.GET.get("role", "")
    role = next((one for one in roles if one.name == wanted), roles[0] if roles else None)
    if role is None:
        return {"roles": [], "role": None}
    role = asked.reader.with_policies(role)
    found: dict[str, Any] = {"roles": roles, "role": role, "refused": asked.refused}
    found["trust"] = policy_text(role.trust)
    found["policies"] = {name: policy_text(document) for name, document in role.policies.items()}
    found["attached"] = {arn: policy_text(document) for arn, document in role.attached.items()}
    found["new_policy"] = policy_text(_NEW_POLICY)
    if asked.refused is not None:
        if asked.refused.name == "trust":
            found["trust"] = asked.refused.text
        else:
            found["policies"][asked.refused.name] = asked.refused.text
    return found


def _mapping(asked: PoolRequest) -> dict[str, Any]:
    facts = asked.facts
    labels = {login.mapping_key: login.label for login in logins_of(facts)}
    providers = []
    for name in mapping_providers(facts.definition):
        mapping = facts.mappings.get(name, {})
        rules = [{**rule, "shown": rule_text(rule)} for rule in rules_of(mapping)]
        providers.append(
            {
                "name": name,
                "label": labels.get(name, name),
                "type": mapping.get("Type", "none"),
                "resolution": mapping.get("AmbiguousRoleResolution", ""),
                "rules": rules,
            }
        )
    roles = [role.arn for role in _roles(asked)] if asked.access.writable else []
    return {
        "providers": providers,
        "role_choices": roles,
        "match_types": MATCH_TYPES,
        "resolutions": RESOLUTIONS,
        "types": {"none": "always the same role", "Token": "by the token", "Rules": "by rules"},
    }


def _tags(asked: PoolRequest) -> dict[str, Any]:
    maps = asked.reader.tags(asked.facts)
    return {
        "tag_maps": [
            {
                "provider": provider,
                "defaults": bool(maps[provider].get("UseDefaults")),
                "tags": maps[provider].get("PrincipalTags", {}),
            }
            for provider in tag_providers(asked.facts.definition)
        ]
    }


def _people(asked: PoolRequest) -> dict[str, Any]:
    if asked.access.own is None:
        return {"people_hidden": True}
    pools = []
    for user_pool in user_pools_of(asked.facts.definition):
        people = asked.reader.people(user_pool)
        pools.append({"id": user_pool, "people": people, "groups": asked.reader.groups(user_pool)})
    return {"people_pools": pools, "role_choices": [role.arn for role in _roles(asked)]}


def _identities(asked: PoolRequest) -> dict[str, Any]:
    """In one's own account all of the pool's; in one that others use as well, those of one's own runs."""
    mine: dict[str, Run] = {}
    runs = Run.objects.owned_by(asked.request.owner).filter(pool_id=asked.access.pool.pool_id).exclude(identity_id="")
    for run in runs[:200]:
        mine.setdefault(run.identity_id, run)
    if asked.access.own is None:
        return {"identities": [{"id": identity, "run": run} for identity, run in mine.items()]}
    listed = asked.reader.identities()
    return {
        "identities": [
            {
                "id": one["IdentityId"],
                "logins": one.get("Logins", []),
                "created": one.get("CreationDate"),
                "run": mine.get(one["IdentityId"]),
            }
            for one in listed
        ],
        "whole": True,
    }


def _changes(asked: PoolRequest) -> dict[str, Any]:
    if asked.access.looking:
        return {"changes": []}
    runs = changes_of(asked.request, asked.access.pool.account_id)
    return {
        "changes": [
            {"run": run, "can_be_set_back": services.can_be_set_back(run) and asked.access.writable}
            for run in runs[:_MOST_CHANGES]
        ]
    }


def changes_of(request: Request, account_id: str) -> Any:
    """The person's changes in an account, the latest first."""
    return Run.objects.owned_by(request.owner).filter(flow="configure", account_id=account_id)


def _try(asked: PoolRequest) -> dict[str, Any]:
    return {"logins": logins_of_pool(asked.facts), "roles": _roles(asked), "trying": Trying()}


_TABS: Mapping[str, Callable[[PoolRequest], dict[str, Any]]] = {
    "who": _roles_and_callers,
    TRY: _try,
    "scan": _scan,
    "switches": _switches,
    "logins": _logins,
    "roles": _policies,
    "mapping": _mapping,
    "tags": _tags,
    "people": _people,
    "identities": _identities,
    "changes": _changes,
}


def commands(tab: str, asked: PoolRequest, shown: Mapping[str, Any]) -> list[str]:
    """The AWS CLI's commands for what the tab shows."""
    return commands_for(tab, asked.facts, shown.get("role"))
