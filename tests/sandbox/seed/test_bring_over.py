"""Accounts that an earlier version seeded become like new ones: their stand-ins are their own, and so are pools' roles.

They trusted the home account's stand-ins, and eight roles served all five pools.
"""

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
from sandbox.seed.former_roles import shared_roles
from sandbox.seed.identity_providers import oidc_providers, role_mappings, trusted_providers
from sandbox.seed.role_documents import seeded_roles
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.saml_idp import SamlIdp

HOME_SAML = "arn:aws:iam::000000000000:saml-provider/LabSaml"
ROLE = "arn:aws:iam::{}:role/"
SHARED = {"unauthenticated": "LabGuest", "authenticated": "LabAuthenticated"}
COGNITO = "cognito-identity.amazonaws.com"


def client(sandbox: RunningSandbox, key: tuple[str, str], service: str) -> Any:
    return sandbox.client(service, access_key=key[0], secret_key=key[1])


def pool_ids(lab: Lab) -> dict[str, Any]:
    return {pool.pool_id(lab.region, lab.account, lab.home): pool for pool in IDENTITY_POOLS}


def seed_as_formerly(sandbox: RunningSandbox, key: tuple[str, str]) -> None:
    """Give the account what earlier versions gave every account: the home account's stand-ins, and shared roles."""
    lab = sandbox.config.lab(key[0])
    former = replace(lab, home=lab.account)
    pools, iam = client(sandbox, key, "cognito-identity"), client(sandbox, key, "iam")
    for members in oidc_providers(former).values():
        iam.create_open_id_connect_provider(**members)
    for pool_id, pool in pool_ids(lab).items():
        described = pools.describe_identity_pool(IdentityPoolId=pool_id)
        described.pop("ResponseMetadata")
        pools.update_identity_pool(**{**described, **trusted_providers(former)})
        shared = {kind: f"{ROLE.format(lab.account)}{name}" for kind, name in SHARED.items()}
        mappings = role_mappings(pool, former)
        mappings.pop(HOME_SAML.replace("000000000000", lab.account), None)
        for mapping in mappings.values():
            for rule in mapping.get("RulesConfiguration", {}).get("Rules", []):
                rule["RoleARN"] = rule["RoleARN"].replace("LabRules", "Lab")
        pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=shared, RoleMappings=mappings)
    for arn in oidc_providers(lab):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    share_roles(sandbox, key, former)
    homes = sandbox.client("iam").get_saml_provider(SAMLProviderArn=HOME_SAML)["SAMLMetadataDocument"]
    iam.update_saml_provider(SAMLProviderArn=HOME_SAML.replace("000000000000", lab.account), SAMLMetadataDocument=homes)


def share_roles(sandbox: RunningSandbox, key: tuple[str, str], lab: Lab) -> None:
    """Eight roles for all pools, and no others."""
    iam, users = client(sandbox, key, "iam"), client(sandbox, key, "cognito-idp")
    shared = shared_roles(lab)
    for name in seeded_roles(lab).keys() - shared.keys():
        iam.delete_role_policy(RoleName=name, PolicyName=f"{name}Access")
        iam.delete_role(RoleName=name)
    for name, documents in shared.items():
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(documents.trust))
    user_pool = f"us-east-1_Lab{lab.account}"
    for group in users.list_groups(UserPoolId=user_pool)["Groups"]:
        role = group["RoleArn"].replace("LabToken", "Lab")
        users.update_group(UserPoolId=user_pool, GroupName=group["GroupName"], RoleArn=role)


def state_of(sandbox: RunningSandbox, key: tuple[str, str]) -> str:
    """Pools, mappings, providers and trust of the account, without its number."""
    pools, iam = client(sandbox, key, "cognito-identity"), client(sandbox, key, "iam")
    found: list[Any] = []
    for pool_id in pool_ids(sandbox.config.lab(key[0])):
        described = pools.describe_identity_pool(IdentityPoolId=pool_id)
        found += [described, pools.get_identity_pool_roles(IdentityPoolId=pool_id)]
    found.append(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"])
    roles = iam.list_roles()["Roles"]
    found.append(sorted((role["RoleName"], json.dumps(role["AssumeRolePolicyDocument"])) for role in roles))
    groups = client(sandbox, key, "cognito-idp").list_groups(UserPoolId=f"us-east-1_Lab{key[0]}")["Groups"]
    found.append([(group["GroupName"], group["RoleArn"]) for group in groups])
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
def test_shared_roles_that_people_changed_serve_all_pools_as_before(tmp_path: Path) -> None:
    """Guests may do something more, and one pool has a guests' role of somebody's own."""
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)
    more = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    with running_sandbox(config) as sandbox:
        key = sandbox.make_account()
        seed_as_formerly(sandbox, key)
        lab = sandbox.config.lab(key[0])
        ids = {pool.key: pool_id for pool_id, pool in pool_ids(lab).items()}
        client(sandbox, key, "iam").put_role_policy(
            RoleName="LabGuest", PolicyName="Mine", PolicyDocument=json.dumps(more)
        )
        pools = client(sandbox, key, "cognito-identity")
        own = {"authenticated": f"{ROLE.format(lab.account)}LabEngineers"}
        pools.set_identity_pool_roles(IdentityPoolId=ids["no-guests"], Roles=own)
    with sqlite3.connect(config.data_file) as file:
        file.execute("UPDATE account SET seeded = '5d41402abc4b2a76' WHERE account <> '000000000000'")
    with running_sandbox(config) as sandbox:
        _await_seeded(config.data_file)
        pools, iam = client(sandbox, key, "cognito-identity"), client(sandbox, key, "iam")

        def roles_of(pool: str) -> dict[str, str]:
            roles = pools.get_identity_pool_roles(IdentityPoolId=ids[pool])["Roles"]
            return {kind: arn.rpartition("/")[2] for kind, arn in roles.items()}

        def audience(role: str) -> Any:
            trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
            return trust["Statement"][0]["Condition"]["StringEquals"][f"{COGNITO}:aud"]

        assert roles_of("no-classic") == {"unauthenticated": "LabGuest", "authenticated": "LabNoClassicAuthenticated"}
        assert roles_of("no-guests") == {"authenticated": "LabEngineers"}
        assert audience("LabGuest") == list(ids.values())
        assert audience("LabAuthenticated") == ids["lab"]
        public = sandbox.anonymous("cognito-identity")
        guest = public.get_id(IdentityPoolId=ids["no-classic"])["IdentityId"]
        assert public.get_credentials_for_identity(IdentityId=guest)["Credentials"]


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
        for _ in range(2000):
            if not file.execute("SELECT 1 FROM account WHERE seeded = '5d41402abc4b2a76'").fetchone():
                return
            time.sleep(0.05)
    raise AssertionError("not seeded again")
