"""Accounts that an earlier version seeded trusted the home account's stand-ins; now they trust their own."""

import json
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import IDENTITY_POOLS, Lab
from sandbox.idp.stand_ins import STAND_INS
from sandbox.seed.identity_providers import (
    GROUP_ROLES,
    choosing_pools,
    oidc_providers,
    role_mappings,
    trusted_providers,
)
from sandbox.seed.roles import group_trust_policy
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.saml_idp import SamlIdp

HOME_SAML = "arn:aws:iam::000000000000:saml-provider/LabSaml"


def client(sandbox: RunningSandbox, key: tuple[str, str], service: str) -> Any:
    return sandbox.client(service, access_key=key[0], secret_key=key[1])


def pool_ids(lab: Lab) -> dict[str, Any]:
    return {pool.pool_id(lab.region, lab.account, lab.home): pool for pool in IDENTITY_POOLS}


def seed_as_formerly(sandbox: RunningSandbox, key: tuple[str, str]) -> None:
    """Give the account what the version before gave every account: the home account's stand-ins."""
    lab = sandbox.config.lab(key[0])
    former = replace(lab, home=lab.account)
    pools, iam = client(sandbox, key, "cognito-identity"), client(sandbox, key, "iam")
    for members in oidc_providers(former).values():
        iam.create_open_id_connect_provider(**members)
    for pool_id, pool in pool_ids(lab).items():
        described = pools.describe_identity_pool(IdentityPoolId=pool_id)
        described.pop("ResponseMetadata")
        pools.update_identity_pool(**{**described, **trusted_providers(former)})
        roles = pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
        mappings = role_mappings(pool, former)
        pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles, RoleMappings=mappings)
    for arn in oidc_providers(lab):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    trust = json.dumps(group_trust_policy(choosing_pools(former, pool_ids(lab))))
    for role in GROUP_ROLES:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust)
    homes = sandbox.client("iam").get_saml_provider(SAMLProviderArn=HOME_SAML)["SAMLMetadataDocument"]
    iam.update_saml_provider(SAMLProviderArn=HOME_SAML.replace("000000000000", lab.account), SAMLMetadataDocument=homes)


def state_of(sandbox: RunningSandbox, key: tuple[str, str]) -> str:
    """Pools, mappings, providers and trust of the account, without its number."""
    pools, iam = client(sandbox, key, "cognito-identity"), client(sandbox, key, "iam")
    found: list[Any] = []
    for pool_id in pool_ids(sandbox.config.lab(key[0])):
        described = pools.describe_identity_pool(IdentityPoolId=pool_id)
        roles = pools.get_identity_pool_roles(IdentityPoolId=pool_id)
        found += [described, roles]
    found.append(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"])
    found += [iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] for name in GROUP_ROLES]
    for one in found:
        if isinstance(one, dict):
            one.pop("ResponseMetadata", None)
    return json.dumps(found, sort_keys=True).replace(key[0], "N")


@pytest.mark.slow
def test_an_account_of_an_earlier_version_becomes_like_a_new_one(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)
    with running_sandbox(config) as sandbox:
        old, new = sandbox.make_account(), sandbox.make_account()
        fresh = state_of(sandbox, new)
        seed_as_formerly(sandbox, old)
        assert state_of(sandbox, old) != fresh
        own_choice = client(sandbox, new, "cognito-identity")
        chosen = own_choice.describe_identity_pool(IdentityPoolId=next(iter(pool_ids(sandbox.config.lab(new[0])))))
        chosen.pop("ResponseMetadata")
        chosen["SupportedLoginProviders"]["graph.facebook.com"] = "1234567"
        own_choice.update_identity_pool(**chosen)
    with sqlite3.connect(config.data_file) as file:
        file.execute("UPDATE account SET seeded = '5d41402abc4b2a76' WHERE account <> '000000000000'")
    with running_sandbox(config) as sandbox:
        public = sandbox.anonymous("cognito-identity")
        _await_seeded(config.data_file)
        assert state_of(sandbox, old) == fresh
        for slug in STAND_INS:
            logins = sandbox.logins(slug, "ana", account=old[0], secret_key=old[1])
            for pool_id in pool_ids(sandbox.config.lab(old[0])):
                if slug != "saml":
                    assert public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
        kept = client(sandbox, new, "cognito-identity").describe_identity_pool(IdentityPoolId=chosen["IdentityPoolId"])
        assert kept["SupportedLoginProviders"]["graph.facebook.com"] == "1234567"


@pytest.mark.slow
def test_metadata_of_a_provider_of_ones_own_stays(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)
    own = SamlIdp().metadata
    with running_sandbox(config) as sandbox:
        sandbox.client("iam").update_saml_provider(SAMLProviderArn=HOME_SAML, SAMLMetadataDocument=own)
    with running_sandbox(config) as sandbox:
        found = sandbox.client("iam").get_saml_provider(SAMLProviderArn=HOME_SAML)
        assert found["SAMLMetadataDocument"] == own


@pytest.mark.slow
def test_metadata_of_the_stand_in_follows_its_address_and_its_key(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)
    with running_sandbox(config) as sandbox:
        assert sandbox.logins("saml", "ana")
        sandbox.client("iam").get_saml_provider(SAMLProviderArn=HOME_SAML)
        sandbox.switch("stand-ins", {"action": "rotate", "provider": "saml", "withdraw": True})
    with running_sandbox(config) as sandbox:
        found = sandbox.client("iam").get_saml_provider(SAMLProviderArn=HOME_SAML)["SAMLMetadataDocument"]
        assert f'entityID="{sandbox.url}/idp/saml/metadata"' in found
        pool = next(iter(pool_ids(sandbox.config.lab())))
        logins = sandbox.logins("saml", "ana")
        assert sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=pool, Logins=logins)["IdentityId"]


def _await_seeded(data_file: Path) -> None:
    """Accounts are seeded again behind the start."""
    with sqlite3.connect(data_file) as file:
        for _ in range(200):
            if not file.execute("SELECT 1 FROM account WHERE seeded = '5d41402abc4b2a76'").fetchone():
                return
            time.sleep(0.05)
    raise AssertionError("not seeded again")
