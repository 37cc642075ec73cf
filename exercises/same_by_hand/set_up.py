"""A pool whose basic flow is off, with a role mapping for people of the user pool."""

from training.exercises.building import make_pool, make_role, trust
from training.exercises.hands import Account

SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")


def set_up(account: Account) -> None:
    make_role(account, "ByHandGuest", trust(account.pool_id, "unauthenticated"))
    make_role(account, "ByHandUser", trust(account.pool_id, "authenticated", actions=SIGNED_IN))
    provider = account.providers["CognitoIdentityProviders"][0]
    rule = {
        "Claim": "custom:department",
        "MatchType": "Equals",
        "Value": "Engineering",
        "RoleARN": account.role_arn("ByHandUser"),
    }
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "AuthenticatedRole",
        "RulesConfiguration": {"Rules": [rule]},
    }
    make_pool(
        account,
        guest_role="ByHandGuest",
        user_role="ByHandUser",
        classic=False,
        mappings={f"{provider['ProviderName']}:{provider['ClientId']}": mapping},
    )
