"""Refusals by the identity pool and the identity."""

from typing import Any

from tests.decisioncodes.table import refused_as
from tests.sandbox.issuers import USER_POOL
from tests.sandbox.lab import Lab
from tests.sandbox.saml_idp import SamlIdp

GOOGLE = "accounts.google.com"
DEVELOPER = "login.example.app"
IDP = SamlIdp()


def user(lab: Lab, sub: str = "u-1", **claims: Any) -> dict[str, str]:
    return {USER_POOL: lab.user_pool.token(sub, **claims)}


def google(lab: Lab, sub: str) -> dict[str, str]:
    return {GOOGLE: lab.providers.issuer("google").token(sub, "web-client")}


def both(lab: Lab) -> str:
    """A pool that takes the user pool and Google."""
    return lab.pool(SupportedLoginProviders={GOOGLE: "web-client"})


def developer_token(lab: Lab, pool_id: str, who: str = "d-1") -> dict[str, Any]:
    return dict(lab.pools.get_open_id_token_for_developer_identity(IdentityPoolId=pool_id, Logins={DEVELOPER: who}))


def credentials(lab: Lab, identity_id: str, logins: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return dict(lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins=logins or {}, **more))


@refused_as("pool.exists")
def an_unknown_pool(lab: Lab) -> object:
    return lab.guest("us-east-1:00000000-0000-4000-8000-000000000000")


@refused_as("pool.guest")
def a_guest_where_none_are_taken(lab: Lab) -> object:
    return lab.guest(lab.pool(guests=False, roles=False))


@refused_as("pool.classic")
def the_basic_flow_where_it_is_off(lab: Lab) -> object:
    return lab.public.get_open_id_token(IdentityId=lab.guest(lab.pool(roles=False, AllowClassicFlow=False)))


@refused_as("pool.classic")
def the_basic_flow_with_saml(lab: Lab) -> object:
    provider = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)["SAMLProviderArn"]
    pool_id, logins = lab.pool(roles=False, SamlProviderARNs=[provider]), {provider: IDP.response()}
    identity_id = lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    return lab.public.get_open_id_token(IdentityId=identity_id, Logins=logins)


@refused_as("pool.classic")
def the_basic_flow_with_a_role_mapping(lab: Lab) -> object:
    pool_id = lab.pool()
    roles = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    mapping = {f"{USER_POOL}:client1examp1e": {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}}
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles, RoleMappings=mapping)
    return lab.public.get_open_id_token(IdentityId=lab.person(pool_id), Logins=user(lab))


@refused_as("identity.exists")
def an_unknown_identity(lab: Lab) -> object:
    return credentials(lab, "us-east-1:00000000-0000-4000-8000-000000000000")


@refused_as("login.missing")
def an_authenticated_identity_without_logins(lab: Lab) -> object:
    return credentials(lab, lab.person(lab.pool()))


@refused_as("identity.state")
def a_guest_that_was_merged_away(lab: Lab) -> object:
    return credentials(lab, _merged(lab))


@refused_as("identity.state")
def a_guest_that_was_merged_away_with_a_login(lab: Lab) -> object:
    return credentials(lab, _merged(lab), user(lab))


def _merged(lab: Lab) -> str:
    pool_id = lab.pool()
    guest, _ = lab.guest(pool_id), lab.person(pool_id)
    credentials(lab, guest, user(lab))
    return guest


@refused_as("identity.owner")
def somebody_elses_identity(lab: Lab) -> object:
    pool_id = lab.pool(roles=False)
    mine, _ = lab.person(pool_id, "u-1"), lab.person(pool_id, "u-2")
    return credentials(lab, mine, user(lab, "u-2"))


@refused_as("identity.owner")
def the_pools_token_for_another_identity(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    mine, other = developer_token(lab, pool_id, "d-1"), developer_token(lab, pool_id, "d-2")
    return credentials(lab, mine["IdentityId"], {"cognito-identity.amazonaws.com": other["Token"]})


@refused_as("identity.owner")
def unlinking_a_login_that_is_not_linked(lab: Lab) -> object:
    pool_id = both(lab)
    identity_id = lab.person(pool_id)
    return lab.public.unlink_identity(IdentityId=identity_id, Logins=user(lab), LoginsToRemove=[GOOGLE])


@refused_as("identity.owner")
def unlinking_by_another_login(lab: Lab) -> object:
    pool_id = both(lab)
    identity_id = lab.person(pool_id)
    lab.person(pool_id, "u-2")
    return lab.public.unlink_identity(IdentityId=identity_id, Logins=user(lab, "u-2"), LoginsToRemove=[USER_POOL])


@refused_as("identity.owner")
def a_developer_user_of_another_identity(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    mine, _ = developer_token(lab, pool_id, "d-1"), developer_token(lab, pool_id, "d-2")
    return lab.pools.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, IdentityId=mine["IdentityId"], Logins={DEVELOPER: "d-2"}
    )


@refused_as("login.conflict")
def two_logins_of_one_provider(lab: Lab) -> object:
    pool_id = both(lab)
    identity_id = lab.public.get_id(IdentityPoolId=pool_id, Logins={**user(lab), **google(lab, "g-1")})["IdentityId"]
    return credentials(lab, identity_id, {**user(lab), **google(lab, "g-2")})


@refused_as("identity.limit")
def more_than_twenty_logins(lab: Lab) -> object:
    pool_id = lab.pool(roles=False, DeveloperProviderName=DEVELOPER)
    for number in range(21):
        developer_token(lab, pool_id, f"d-{number}")
    for number in range(1, 20):
        _united(lab, pool_id, f"d-{number}")
    return _united(lab, pool_id, "d-20")


def _united(lab: Lab, pool_id: str, who: str) -> object:
    return lab.pools.merge_developer_identities(
        IdentityPoolId=pool_id,
        DeveloperProviderName=DEVELOPER,
        SourceUserIdentifier=who,
        DestinationUserIdentifier="d-0",
    )
