"""Refusals by the choice of a role, and by its trust policy."""

from typing import Any

from tests.decisioncodes.pools import IDP, credentials, user
from tests.decisioncodes.table import basic, refused_as, session, statement
from tests.sandbox.aws.sts.test_operations import Direct
from tests.sandbox.issuers import CLIENT, USER_POOL
from tests.sandbox.lab import COGNITO, Lab, allow, trust

WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
ELSEWHERE = "us-east-1:99999999-2222-4333-8444-555555555555"


@refused_as("role.missing")
def a_pool_without_roles(lab: Lab) -> object:
    return credentials(lab, lab.guest(lab.pool(roles=False)))


def mapped(lab: Lab, **claims: Any) -> object:
    """Credentials by a pool whose mapping takes the role from the token and denies when there is none."""
    pool_id = lab.pool()
    roles = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    mapping = {f"{USER_POOL}:{CLIENT}": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles, RoleMappings=mapping)
    custom = {"CustomRoleArn": claims.pop("custom")} if "custom" in claims else {}
    return credentials(lab, lab.person(pool_id), user(lab, **claims), **custom)


MINE = "arn:aws:iam::{}:role/Mine"
refused_as("role.mapping")(lambda lab: mapped(lab))
refused_as("role.custom")(
    lambda lab: mapped(lab, custom="arn:aws:iam::1:role/Other", **{"cognito:roles": [MINE.format(lab.account)]})
)
refused_as("role.account")(lambda lab: mapped(lab, **{"cognito:preferred_role": MINE.format("999999999999")}))
refused_as("role.exists")(lambda lab: mapped(lab, **{"cognito:preferred_role": MINE.format(lab.account)}))


@refused_as("role.custom")
def a_custom_role_without_a_mapping(lab: Lab) -> object:
    custom = MINE.format(lab.account)
    return credentials(lab, lab.person(lab.pool()), user(lab), CustomRoleArn=custom)


@refused_as("role.saml")
def several_roles_in_an_assertion_and_no_choice(lab: Lab) -> object:
    provider = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)["SAMLProviderArn"]
    pool_id = lab.pool(SamlProviderARNs=[provider])
    offered = tuple((f"arn:aws:iam::{lab.account}:role/{name}", provider) for name in ("A", "B"))
    identity_id = lab.public.get_id(IdentityPoolId=pool_id, Logins={provider: IDP.response()})["IdentityId"]
    return credentials(lab, identity_id, {provider: IDP.response(roles=offered)})


@refused_as("role.exists")
def a_role_that_does_not_exist(lab: Lab) -> object:
    return basic(lab, lab.pool(roles=False), f"arn:aws:iam::{lab.account}:role/Nobody")


@refused_as("role.duration")
def a_session_that_is_too_long(lab: Lab) -> object:
    pool_id = lab.pool(roles=False)
    return basic(lab, pool_id, lab.role("R", trust(pool_id, "unauthenticated")), DurationSeconds=43_200)


@refused_as("role.duration")
def a_chained_session_of_more_than_an_hour(lab: Lab) -> object:
    role = lab.role("Long", statement({"AWS": lab.account}, "sts:AssumeRole"), MaxSessionDuration=43_200)
    caller = lab.with_credentials("sts", session(lab, allow("sts:*")))
    return caller.assume_role(RoleArn=role, RoleSessionName="test", DurationSeconds=7200)


@refused_as("role.packed_size")
def tags_that_do_not_fit(lab: Lab) -> object:
    tags = [{"Key": f"k{number}", "Value": "v" * 250} for number in range(20)]
    return session(lab, None, Tags=tags)


def trusted(lab: Lab, **changes: Any) -> object:
    """The basic flow of a guest with a role whose trust policy fits but for one thing."""
    pool_id = lab.pool(roles=False)
    condition = {
        "StringEquals": {f"{COGNITO}:aud": changes.pop("aud", pool_id)},
        "ForAnyValue:StringLike": {f"{COGNITO}:amr": changes.pop("amr", "unauthenticated")},
        **changes.pop("more", {}),
    }
    policy = statement(
        changes.pop("principal", {"Federated": COGNITO}), changes.pop("action", WEB_IDENTITY), Condition=condition
    )
    for other in changes.pop("denies", []):
        policy["Statement"] += other["Statement"]
    return basic(lab, pool_id, lab.role("Trusting", policy))


refused_as("trust.principal")(lambda lab: trusted(lab, principal={"Federated": "accounts.google.com"}))
refused_as("trust.action")(lambda lab: trusted(lab, action="sts:AssumeRoleWithSAML"))
refused_as("trust.aud")(lambda lab: trusted(lab, aud=ELSEWHERE))
refused_as("trust.amr")(lambda lab: trusted(lab, amr="authenticated"))
refused_as("trust.sub")(lambda lab: trusted(lab, more={"StringLike": {f"{COGNITO}:sub": ELSEWHERE}}))
refused_as("trust.condition")(lambda lab: trusted(lab, more={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}))
refused_as("trust.deny")(
    lambda lab: trusted(lab, denies=[statement({"Federated": COGNITO}, WEB_IDENTITY, effect="Deny")])
)


@refused_as("trust.statement")
def a_trust_policy_that_allows_nothing(lab: Lab) -> object:
    policy = statement({"Federated": "accounts.google.com"}, WEB_IDENTITY, effect="Deny")
    return basic(lab, lab.pool(roles=False), lab.role("Closed", policy))


@refused_as("trust.aud")
def a_role_of_another_account_that_does_not_ask_which_pool(lab: Lab) -> object:
    other = Lab(lab.sandbox, lab.providers)
    return basic(lab, lab.pool(roles=False), other.role("Open", statement("*", WEB_IDENTITY)))


@refused_as("trust.amr")
def a_role_of_another_account_that_does_not_ask_who(lab: Lab) -> object:
    other, pool_id = Lab(lab.sandbox, lab.providers), lab.pool(roles=False)
    return basic(lab, pool_id, other.role("Anybody", trust(pool_id, None)))


@refused_as("trust.aud")
def a_role_for_another_pool_in_the_enhanced_flow(lab: Lab) -> object:
    pool_id = lab.pool(roles=False)
    role = lab.role("Guest", trust(ELSEWHERE, "unauthenticated"))
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": role})
    return credentials(lab, lab.guest(pool_id))


@refused_as("trust.tag_session")
def principal_tags_that_the_role_does_not_take(lab: Lab) -> object:
    pool_id = lab.pool()
    tags = {"UseDefaults": False, "PrincipalTags": {"dept": "custom:dept"}}
    lab.pools.set_principal_tag_attribute_map(IdentityPoolId=pool_id, IdentityProviderName=USER_POOL, **tags)
    return credentials(lab, lab.person(pool_id), user(lab, **{"custom:dept": "Sales"}))


@refused_as("trust.source_identity")
def a_source_identity_that_the_role_does_not_take(lab: Lab) -> object:
    return session(lab, None, SourceIdentity="ana")


@refused_as("trust.aud")
def a_token_of_another_client_at_a_role(lab: Lab) -> object:
    at = Direct(lab)
    at.role = at.trusting("Picky", {"StringEquals": {f"{at.issuer.name}:aud": "app-2"}})
    return at.assume(at.issuer.token("ana", "app-1"))
