"""Five roles, each with another fault in its trust policy."""

from training.exercises.building import make_pool, make_role, trust
from training.exercises.hands import Account

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")


def set_up(account: Account) -> None:
    pool = account.pool_id
    provider = account.providers["CognitoIdentityProviders"][0]["ProviderName"]
    elsewhere = f"{account.region}:0f0f0f0f-1111-4222-8333-444444444444"
    make_role(account, "ClinicGuest", trust(pool, "unauthenticated"))
    make_role(account, "ClinicA", trust(elsewhere, "authenticated", actions=SIGNED_IN))
    make_role(account, "ClinicB", trust(pool, "unauthenticated", actions=SIGNED_IN))
    make_role(account, "ClinicC", trust(pool, "authenticated", actions=("sts:AssumeRole", "sts:TagSession")))
    make_role(account, "ClinicD", trust(pool, "authenticated", actions=SIGNED_IN, principal={"Federated": provider}))
    make_role(account, "ClinicE", trust(pool, "authenticated"))
    make_pool(account, guest_role="ClinicGuest", user_role="ClinicA")
    account.client("cognito-identity").set_principal_tag_attribute_map(
        IdentityPoolId=pool,
        IdentityProviderName=provider,
        UseDefaults=False,
        PrincipalTags={"department": "custom:department"},
    )
