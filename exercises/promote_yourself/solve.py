"""Lea makes herself a lead and reads what leads read; then both app clients are limited, and what she wrote undone."""

from training.exercises.hands import Learner
from training.exercises.user_pools import clients_of, find

NAME = "promote-yourself"
WRITABLE = ["email", "name"]


def before(learner: Learner) -> None:
    learner.answer("guess", 2)
    account = learner.account
    website = clients_of(account, find(account, NAME))["website"]
    signed_in = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": website,
        "AuthParameters": {"USERNAME": "lea", "PASSWORD": "Lea-Shift-1!"},
    }
    first = learner.send("cognito-idp", "InitiateAuth", **signed_in)
    learner.send(
        "cognito-idp",
        "UpdateUserAttributes",
        AccessToken=f"@{first.number}.access",
        UserAttributes=[{"Name": "custom:tier", "Value": "lead"}],
    )
    logins = f"@{learner.send('cognito-idp', 'InitiateAuth', **signed_in).number}.logins"
    found = learner.send("cognito-identity", "GetId", IdentityPoolId=account.pool_id, Logins=logins)
    lead = learner.send("cognito-identity", "GetCredentialsForIdentity", IdentityId=found.identity_id, Logins=logins)
    lead.use("s3", "GetObject", Bucket=NAME, Key="salaries.csv")


def limit(learner: Learner, client: str, writable: list[str]) -> None:
    """Say what people may write with an app client; all else of it stays."""
    cognito, pool_id = learner.account.client("cognito-idp"), find(learner.account, NAME)
    client_id = clients_of(learner.account, pool_id)[client]
    held = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    for member in ("CreationDate", "LastModifiedDate", "WriteAttributes"):
        held.pop(member, None)
    cognito.update_user_pool_client(**held, **({"WriteAttributes": writable} if writable else {}))


def set_tier(learner: Learner, person: str, tier: str) -> None:
    learner.account.client("cognito-idp").admin_update_user_attributes(
        UserPoolId=find(learner.account, NAME),
        Username=person,
        UserAttributes=[{"Name": "custom:tier", "Value": tier}],
    )


def solve(learner: Learner) -> None:
    before(learner)
    for client in ("website", "phone"):
        limit(learner, client, WRITABLE)
    set_tier(learner, "lea", "member")
