"""Five roles, each with another fault in its trust policy. The first is a copy of one of another account's."""

from training.exercises.building import Document, make_pool, make_role, trust
from training.exercises.hands import Account

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")


def set_up(account: Account) -> None:
    pool = account.pool_id
    provider = account.providers["CognitoIdentityProviders"][0]["ProviderName"]
    theirs = _original(account.opponent)
    make_role(account, "ClinicGuest", trust(pool, "unauthenticated"))
    make_role(account, "ClinicA", theirs)
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


def _original(opponent: Account | None) -> Document:
    """The other account's pool and its ClinicA, which is as it should be there; its trust policy."""
    assert opponent is not None  # exercise.toml asks for it
    document = trust(opponent.pool_id, "authenticated", actions=SIGNED_IN)
    make_role(opponent, "ClinicGuest", trust(opponent.pool_id, "unauthenticated"))
    make_role(opponent, "ClinicA", document)
    make_pool(opponent, guest_role="ClinicGuest", user_role="ClinicA")
    return document
