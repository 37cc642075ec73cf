"""Two made accounts: whatever belongs to one is tried from the other, by name, by id, by token and by switch.

That nothing has changed there is compared at the end, by the fixture.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from sandbox.controls.pages import SWITCHES
from sandbox.testing import RunningSandbox
from tests.sandbox.controls.people import COGNITO, Team, refusal_of

pytestmark = pytest.mark.slow  # many connections, many accounts: seconds each, for `make verify`

Attack = Callable[[Team, Team], Any]
_TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def _pools(operation: str, **params: Any) -> Attack:
    """An operation of identity pools with the victim's things, named by key."""
    return _with("cognito-identity", operation, **params)


def _with(service: str, operation: str, **params: Any) -> Attack:
    def attack(me: Team, them: Team) -> Any:
        values = {name: value(them) if callable(value) else value for name, value in params.items()}
        return getattr(me.client(service), operation)(**values)

    return attack


def _thing(name: str) -> Callable[[Team], Any]:
    return lambda them: them.things[name]


def _pool_arn(them: Team) -> str:
    return them.arn("cognito-identity", f"identitypool/{them.things['pool']}")


_POOL, _GUEST, _DEVELOPER = _thing("pool"), _thing("guest"), _thing("developer")
_USER_POOL, _POLICY, _OIDC, _SAML = _thing("user_pool"), _thing("policy"), _thing("oidc"), _thing("saml")
_ROLE = {"unauthenticated": "arn:aws:iam::000000000000:role/LabGuest"}


def _their_bucket(them: Team) -> str:
    return f"own-{them.number}"


def _their_table(them: Team) -> str:
    return them.arn("dynamodb", "table/Kept")


REFUSED: dict[str, Attack] = {
    "describe the pool": _pools("describe_identity_pool", IdentityPoolId=_POOL),
    "describe the seeded pool": _pools("describe_identity_pool", IdentityPoolId=lambda them: them.seeded_pool),
    "update the pool": _pools(
        "update_identity_pool", IdentityPoolId=_POOL, IdentityPoolName="x", AllowUnauthenticatedIdentities=True
    ),
    "delete the pool": _pools("delete_identity_pool", IdentityPoolId=_POOL),
    "list the identities": _pools("list_identities", IdentityPoolId=_POOL, MaxResults=10),
    "read the roles": _pools("get_identity_pool_roles", IdentityPoolId=_POOL),
    "set the roles": _pools("set_identity_pool_roles", IdentityPoolId=_POOL, Roles=_ROLE),
    "tag the pool": _pools("tag_resource", ResourceArn=_pool_arn, Tags={"a": "b"}),
    "untag the pool": _pools("untag_resource", ResourceArn=_pool_arn, TagKeys=["a"]),
    "read the tags": _pools("list_tags_for_resource", ResourceArn=_pool_arn),
    "read the tag map": _pools(
        "get_principal_tag_attribute_map", IdentityPoolId=_POOL, IdentityProviderName="accounts.google.com"
    ),
    "set the tag map": _pools(
        "set_principal_tag_attribute_map", IdentityPoolId=_POOL, IdentityProviderName="accounts.google.com"
    ),
    "vouch for somebody": _pools(
        "get_open_id_token_for_developer_identity", IdentityPoolId=_POOL, Logins={"dev": "kim"}
    ),
    "look up a developer's user": _pools(
        "lookup_developer_identity", IdentityPoolId=_POOL, DeveloperUserIdentifier="kim"
    ),
    "merge users": _pools(
        "merge_developer_identities",
        IdentityPoolId=_POOL,
        DeveloperProviderName="dev",
        SourceUserIdentifier="kim",
        DestinationUserIdentifier="lee",
    ),
    "unlink a user": _pools(
        "unlink_developer_identity",
        IdentityPoolId=_POOL,
        IdentityId=_DEVELOPER,
        DeveloperProviderName="dev",
        DeveloperUserIdentifier="kim",
    ),
    "describe an identity": _pools("describe_identity", IdentityId=_GUEST),
    "take the pool's id": _pools(
        "create_identity_pool",
        IdentityPoolName="x",
        AllowUnauthenticatedIdentities=True,
        IdentityPoolTags=lambda them: {"sandbox:custom-id": them.things["pool"]},
    ),
    "take the id of a seeded pool": _pools(
        "create_identity_pool",
        IdentityPoolName="x",
        AllowUnauthenticatedIdentities=True,
        IdentityPoolTags=lambda them: {"sandbox:custom-id": them.seeded_pool},
    ),
    "trust the OpenID Connect provider": _pools(
        "create_identity_pool",
        IdentityPoolName="x",
        AllowUnauthenticatedIdentities=True,
        OpenIdConnectProviderARNs=lambda them: [them.things["oidc"]],
    ),
    "trust the SAML provider": _pools(
        "create_identity_pool",
        IdentityPoolName="x",
        AllowUnauthenticatedIdentities=True,
        SamlProviderARNs=lambda them: [them.things["saml"]],
    ),
    "vouch for an identity of theirs in a pool of mine": lambda me, them: me.client(
        "cognito-identity"
    ).get_open_id_token_for_developer_identity(
        IdentityPoolId=me.things["pool"], IdentityId=them.things["guest"], Logins={"dev": "kim"}
    ),
    "read the SAML provider": _with("iam", "get_saml_provider", SAMLProviderArn=_SAML),
    "delete the SAML provider": _with("iam", "delete_saml_provider", SAMLProviderArn=_SAML),
    "read the OpenID Connect provider": _with("iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=_OIDC),
    "add a client to the provider": _with(
        "iam", "add_client_id_to_open_id_connect_provider", OpenIDConnectProviderArn=_OIDC, ClientID="mine"
    ),
    "read the policy": _with("iam", "get_policy", PolicyArn=_POLICY),
    "change the policy": _with("iam", "create_policy_version", PolicyArn=_POLICY, PolicyDocument=_TRUST),
    "delete the policy": _with("iam", "delete_policy", PolicyArn=_POLICY),
    "attach the policy": _with("iam", "attach_role_policy", RoleName="LabGuest", PolicyArn=_POLICY),
    "assume the role": _with(
        "sts", "assume_role", RoleArn=lambda them: them.arn("iam", "role/LabAuthenticated"), RoleSessionName="x1"
    ),
    "assume the role with a token of mine": lambda me, them: me.client("sts").assume_role_with_web_identity(
        RoleArn=them.arn("iam", "role/LabGuest"), RoleSessionName="x1", WebIdentityToken=me.things["token"]
    ),
    "assume a role of mine with their token": lambda me, them: me.client("sts").assume_role_with_web_identity(
        RoleArn=me.arn("iam", "role/LabGuest"), RoleSessionName="x1", WebIdentityToken=them.things["token"]
    ),
    "use their login in a pool of mine": lambda me, them: me.sandbox.anonymous("cognito-identity").get_id(
        IdentityPoolId=me.things["pool"], Logins={COGNITO: them.things["developer_token"]}
    ),
    "get credentials with my token for their identity": lambda me, them: me.sandbox.anonymous(
        "cognito-identity"
    ).get_credentials_for_identity(IdentityId=them.things["developer"], Logins={COGNITO: me.things["developer_token"]}),
    "read an object": _with("s3", "get_object", Bucket=_their_bucket, Key="note"),
    "list the bucket": _with("s3", "list_objects_v2", Bucket=_their_bucket),
    "write an object": _with("s3", "put_object", Bucket=_their_bucket, Key="note", Body=b"x"),
    "delete the bucket": _with("s3", "delete_bucket", Bucket=_their_bucket),
    "copy an object": lambda me, them: me.client("s3").copy_object(
        Bucket=_their_bucket(me), Key="copy", CopySource=f"{_their_bucket(them)}/note"
    ),
    "read an item": _with("dynamodb", "get_item", TableName=_their_table, Key=lambda them: {"Id": {"S": them.number}}),
    "write an item": _with("dynamodb", "put_item", TableName=_their_table, Item={"Id": {"S": "x"}}),
    "delete the table": _with("dynamodb", "delete_table", TableName=_their_table),
    "read a parameter": _with("ssm", "get_parameter", Name=lambda them: them.arn("ssm", "parameter/kept")),
    "describe the user pool": _with("cognito-idp", "describe_user_pool", UserPoolId=_USER_POOL),
    "list the users": _with("cognito-idp", "list_users", UserPoolId=_USER_POOL),
    "delete a user": _with("cognito-idp", "admin_delete_user", UserPoolId=_USER_POOL, Username="kim"),
    "sign a user out": _with("cognito-idp", "admin_user_global_sign_out", UserPoolId=_USER_POOL, Username="kim"),
    "make a client of the user pool": _with(
        "cognito-idp", "create_user_pool_client", UserPoolId=_USER_POOL, ClientName="x"
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_belongs_to_one_account_is_refused_to_the_other(attacker: Team, victim: Team, name: str) -> None:
    with pytest.raises(ClientError) as error:
        REFUSED[name](attacker, victim)
    assert 400 <= refusal_of(error.value)[0] < 500


def test_identities_of_others_are_not_deleted(attacker: Team, victim: Team) -> None:
    answer = attacker.client("cognito-identity").delete_identities(IdentityIdsToDelete=[victim.things["guest"]])
    assert [one["IdentityId"] for one in answer["UnprocessedIdentityIds"]] == [victim.things["guest"]]


def test_names_that_both_have_mean_ones_own(attacker: Team, victim: Team) -> None:
    attacker.client("dynamodb").put_item(TableName="Kept", Item={"Id": {"S": "more"}})
    attacker.client("ssm").put_parameter(Name="/kept", Value="changed", Type="String", Overwrite=True)
    attacker.client("s3").put_object(Bucket="identity-pools-lab-private", Key="new", Body=b"x")
    attacker.client("iam").update_role(RoleName="LabGuest", Description="changed")


def test_a_role_of_theirs_does_nothing_in_a_pool_of_mine(attacker: Team, victim: Team) -> None:
    """Whatever the pool names, the role's trust policy decides."""
    pools = attacker.client("cognito-identity")
    pool = pools.create_identity_pool(IdentityPoolName="p", AllowUnauthenticatedIdentities=True)["IdentityPoolId"]
    public = attacker.sandbox.anonymous("cognito-identity")
    identity = public.get_id(IdentityPoolId=pool)["IdentityId"]
    roles = {"unauthenticated": victim.arn("iam", "role/LabGuest")}
    assert _refuses(pools.set_identity_pool_roles, IdentityPoolId=pool, Roles=roles) or _refuses(
        public.get_credentials_for_identity, IdentityId=identity
    )


def _refuses(operation: Callable[..., Any], **params: Any) -> bool:
    try:
        operation(**params)
    except ClientError:
        return True
    return False


KEYS: dict[str, Callable[[Team, Team], tuple[str, str, str | None]]] = {
    "my secret": lambda me, them: (them.number, me.secret, None),
    "the master": lambda me, them: (them.number, "test", None),
    "no secret": lambda me, them: (them.number, "-", None),
    "the number as secret": lambda me, them: (them.number, them.number, None),
    "my session's token with their number": lambda me, them: (
        them.number,
        me.things["session"]["SecretKey"],
        me.things["session"]["SessionToken"],
    ),
    "their session's token with my key": lambda me, them: (
        me.things["session"]["AccessKeyId"],
        me.things["session"]["SecretKey"],
        them.things["session"]["SessionToken"],
    ),
    "their session's key with my token": lambda me, them: (
        them.things["session"]["AccessKeyId"],
        me.things["session"]["SecretKey"],
        me.things["session"]["SessionToken"],
    ),
}


@pytest.mark.parametrize("service", ["cognito-identity", "sts", "iam", "s3", "dynamodb", "ssm", "cognito-idp"])
@pytest.mark.parametrize("name", KEYS)
def test_no_other_key_opens_an_account(attacker: Team, victim: Team, name: str, service: str) -> None:
    key, secret, token = KEYS[name](attacker, victim)
    client = attacker.sandbox.client(service, access_key=key, secret_key=secret, token=token)
    harmless: dict[str, Callable[[], Any]] = {
        "cognito-identity": lambda: client.list_identity_pools(MaxResults=1),
        "sts": lambda: client.get_caller_identity(),
        "iam": lambda: client.list_roles(),
        "s3": lambda: client.list_buckets(),
        "dynamodb": lambda: client.list_tables(),
        "ssm": lambda: client.describe_parameters(),
        "cognito-idp": lambda: client.list_user_pools(MaxResults=1),
    }
    with pytest.raises(ClientError) as error:
        harmless[service]()
    assert 400 <= refusal_of(error.value)[0] < 500


@pytest.mark.parametrize(("method", "path"), SWITCHES)
@pytest.mark.parametrize("name", ["my secret", "the master", "no secret"])
def test_no_other_key_moves_a_switch(attacker: Team, victim: Team, path: str, method: str, name: str) -> None:
    key, secret, _ = KEYS[name](attacker, victim)
    with pytest.raises(HTTPError) as error:
        attacker.sandbox.switch(path, {"advance": 60}, method=method, account=key, secret_key=secret)
    assert 400 <= error.value.code < 500


@pytest.mark.parametrize(
    "body",
    [
        {"action": "make"},
        {"action": "key"},
        {"action": "seed"},
        {"action": "reset"},
        {"action": "export"},
        {"action": "remove"},
    ],
)
def test_accounts_are_the_home_administrators(attacker: Team, victim: Team, body: dict[str, Any]) -> None:
    with pytest.raises(HTTPError) as error:
        attacker.switch("accounts", {**body, "account": victim.number})
    assert error.value.code == 403
    with pytest.raises(HTTPError):
        attacker.switch("accounts", method="GET")


def test_a_switch_moves_ones_own_account_alone(shared: RunningSandbox, attacker: Team, victim: Team) -> None:
    attacker.switch("clock", {"advance": 100_000})
    attacker.switch("faults", {"code": "InternalErrorException", "status": 500})
    attacker.switch("faults", {"pool": victim.things["pool"], "code": "InternalErrorException", "status": 500})
    try:
        public = shared.anonymous("cognito-identity")
        assert public.get_credentials_for_identity(IdentityId=victim.things["guest"])["Credentials"]
        session = victim.things["session"]
        sts = shared.client(
            "sts",
            access_key=session["AccessKeyId"],
            secret_key=session["SecretKey"],
            token=session["SessionToken"],
        )
        assert sts.get_caller_identity()["Account"] == victim.number
    finally:
        attacker.switch("clock", method="DELETE")
        attacker.switch("faults", method="DELETE")


def test_a_mailbox_holds_the_messages_of_ones_own_account_alone(attacker: Team, victim: Team) -> None:
    user_pool = victim.client("cognito-idp").create_user_pool(PoolName="with post")["UserPool"]["Id"]
    try:
        victim.client("cognito-idp").admin_create_user(
            UserPoolId=user_pool,
            Username="kim",
            UserAttributes=[{"Name": "email", "Value": "kim@acme.example"}],
            DesiredDeliveryMediums=["EMAIL"],
        )
        (sent,) = victim.switch("mailbox", method="GET")["messages"]
        assert attacker.switch("mailbox", method="GET")["messages"] == []
        assert attacker.switch("mailbox", {"action": "empty"})["messages"] == []
        assert victim.switch("mailbox", method="GET")["messages"] == [sent]
    finally:
        victim.client("cognito-idp").delete_user_pool(UserPoolId=user_pool)
        victim.switch("mailbox", {"action": "empty"})
