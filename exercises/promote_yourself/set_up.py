"""A user pool whose people may write all that is known about them, and a rule that goes by one thing of it."""

from typing import Any

from training.exercises.building import allow, make_bucket, make_pool, make_role, trust
from training.exercises.hands import Account
from training.exercises.user_pools import make_user_pool, provider_name

NAME = "promote-yourself"
SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
# No secret: whoever has the app can call the user pool as it does. What people may write, neither of them says.
CLIENT = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}
PEOPLE = {
    "lea": ("Lea-Shift-1!", {"name": "Lea Brandt", "email": "lea@shifts.example", "custom:tier": "member"}),
    "noa": ("Noa-Shift-2!", {"name": "Noa Levi", "email": "noa@shifts.example", "custom:tier": "member"}),
    "mina": ("Mina-Shift-3!", {"name": "Mina Sato", "email": "mina@shifts.example", "custom:tier": "lead"}),
}


def set_up(account: Account) -> None:
    make_bucket(account, NAME, {"handbook.txt": "Swap shifts in time.\n", "salaries.csv": "Lea,41000\nMina,58000\n"})
    read = f"arn:aws:s3:::{NAME}"
    trusts = trust(account.pool_id, "authenticated", actions=SIGNED_IN)
    make_role(account, "PromoteMember", trusts, allow("s3:GetObject", f"{read}/handbook.txt"))
    make_role(account, "PromoteLead", trusts, allow("s3:GetObject", f"{read}/*"))
    user_pool, clients = make_user_pool(
        account, NAME, attributes=["tier"], clients={"website": CLIENT, "phone": CLIENT}, people=PEOPLE
    )
    provider = provider_name(account, user_pool)
    make_pool(
        account,
        guests=False,
        user_role="PromoteMember",
        trusts={
            "CognitoIdentityProviders": [{"ProviderName": provider, "ClientId": one} for one in clients.values()],
        },
        mappings={f"{provider}:{one}": _by_tier(account) for one in clients.values()},
    )


def _by_tier(account: Account) -> dict[str, Any]:
    rule = {
        "Claim": "custom:tier",
        "MatchType": "Equals",
        "Value": "lead",
        "RoleARN": account.role_arn("PromoteLead"),
    }
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": "AuthenticatedRole",
        "RulesConfiguration": {"Rules": [rule]},
    }
