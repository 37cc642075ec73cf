"""What an earlier version seeded, brought to what is seeded now; what people chose themselves stays.

Before accounts had stand-ins of their own, every account trusted the home account's. And an issuer of the home account
that is a local address changes with the port.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.core.facts import STAND_INS_PATH, Lab
from sandbox.core.instance import Instance
from sandbox.idp.stand_ins import STAND_INS
from sandbox.seed.administrator import call_operation
from sandbox.seed.identity_providers import oidc_providers, trusted_providers


@dataclass(frozen=True, slots=True)
class _Issuer:
    """The ARN of a stand-in in IAM, as it is now, and how those end that it had at former addresses."""

    arn: str
    former_end: str
    clients: list[str]

    def is_former(self, arn: str) -> bool:
        return arn.endswith(self.former_end) and arn != self.arn


def _former(lab: Lab) -> Lab:
    """As if the account were the home account: that is how every account was seeded."""
    return replace(lab, home=lab.account)


def _issuers(lab: Lab) -> list[_Issuer]:
    found = zip(oidc_providers(lab), oidc_providers(_former(lab)).items(), strict=True)
    return [
        _Issuer(arn, former[former.index(f"{STAND_INS_PATH}/") :], it["ClientIDList"]) for arn, (former, it) in found
    ]


async def bring_pool_over(instance: Instance, account: str, pool: dict[str, Any]) -> None:
    """Have a seeded pool trust the account's own stand-ins by their present names, if it trusted them by former ones.

    Args:
        pool: as DescribeIdentityPool shows it.
    """
    lab = instance.config.lab(account)
    present = _in_place_of(pool, trusted_providers(_former(lab)), trusted_providers(lab))
    for issuer in _issuers(lab):
        arns = present.get("OpenIdConnectProviderARNs", [])
        if any(map(issuer.is_former, arns)) and issuer.arn not in arns:
            kept = arns if lab.is_home else [arn for arn in arns if not issuer.is_former(arn)]
            present = {**present, "OpenIdConnectProviderARNs": [*kept, issuer.arn]}
    if present != pool:
        # UpdateIdentityPool sets nearly all that it is not told to nothing.
        await call_operation(instance, account, "cognito-identity", "UpdateIdentityPool", present)
    await _take_rules_along(instance, lab, pool["IdentityPoolId"])


async def forget_former_issuers(instance: Instance, account: str) -> None:
    """Take the home account's issuers from another account's IAM, unless people changed there who may use them."""
    lab = instance.config.lab(account)
    if lab.is_home:
        return
    listed = await call_operation(instance, account, "iam", "ListOpenIDConnectProviders", {})
    for arn in [known["Arn"] for known in listed["OpenIDConnectProviderList"]]:
        for issuer in filter(lambda issuer: issuer.is_former(arn), _issuers(lab)):
            named = {"OpenIDConnectProviderArn": arn}
            found = await call_operation(instance, account, "iam", "GetOpenIDConnectProvider", named)
            if found["ClientIDList"] == issuer.clients:
                await call_operation(instance, account, "iam", "DeleteOpenIDConnectProvider", named)


def _in_place_of(pool: dict[str, Any], former: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """The pool's members with what was seeded formerly replaced by what is seeded now."""
    changed = dict(pool)
    for name, seeded in former.items():
        if name not in pool:
            continue
        if isinstance(seeded, dict):
            now = {key: present[name][key] for key, value in pool[name].items() if seeded.get(key) == value}
            changed[name] = {**pool[name], **now}
        elif isinstance(seeded, list):
            pairs = list(zip(seeded, present[name], strict=True))
            changed[name] = [next((now for was, now in pairs if was == one), one) for one in pool[name]]
    return changed


async def _take_rules_along(instance: Instance, lab: Lab, pool_id: str) -> None:
    """Role mappings are kept by provider, so those of a former name become those of the present one."""
    call = {"IdentityPoolId": pool_id}
    roles = await call_operation(instance, lab.account, "cognito-identity", "GetIdentityPoolRoles", call)
    mappings = roles.get("RoleMappings", {})
    names = _present_names(lab, mappings)
    if names.keys() & mappings.keys():
        # One that has the present name already is somebody's choice.
        moved = {names.get(key, key): mapping for key, mapping in mappings.items()} | {
            key: mapping for key, mapping in mappings.items() if key not in names
        }
        members = {**call, "Roles": roles.get("Roles", {}), "RoleMappings": moved}
        await call_operation(instance, lab.account, "cognito-identity", "SetIdentityPoolRoles", members)


def _present_names(lab: Lab, keys: Iterable[str]) -> dict[str, str]:
    """Former name of a provider in role mappings -> its present one, where that is another."""
    former = _former(lab)
    choosing = [stand_in for stand_in in STAND_INS.values() if stand_in.role_mappings]
    names = {stand_in.role_mapping_key(former): stand_in.role_mapping_key(lab) for stand_in in choosing}
    names |= {key: issuer.arn for issuer in _issuers(lab) for key in keys if issuer.is_former(key)}
    return {was: now for was, now in names.items() if was != now}
