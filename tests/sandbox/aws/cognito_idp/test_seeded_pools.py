"""The user pool that each account has from the start: known to the API, and its people are the account's own."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.idp.sign_in.people import GROUPS, PEOPLE, Person
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.aws.cognito_idp.pools import claims_of, refusal, secret_hash

HOME = "us-east-1_LabPool01"
CLIENT, SECRET = "1lab2local3stand4in5client", "local-stand-in-user-pool-client-secret-known-to-all"
PEOPLE_HASH = {"ClientId": CLIENT, "ClientSecret": SECRET}


def clients_of(sandbox: RunningSandbox, number: str = "", secret: str = "") -> Any:
    keys = {"access_key": number, "secret_key": secret} if number else {}
    return sandbox.client("cognito-idp", **keys)


def test_the_api_knows_the_home_accounts_pool(sandbox: RunningSandbox) -> None:
    idp = clients_of(sandbox)
    pool = idp.describe_user_pool(UserPoolId=HOME)["UserPool"]
    assert (pool["Domain"], pool["EstimatedNumberOfUsers"]) == ("identity-pools-lab", len(PEOPLE))
    assert HOME in [each["Id"] for each in idp.list_user_pools(MaxResults=60)["UserPools"]]
    assert {user["Username"] for user in idp.list_users(UserPoolId=HOME)["Users"]} == set(PEOPLE)
    groups = idp.list_groups(UserPoolId=HOME)["Groups"]
    assert {group["GroupName"]: group["Precedence"] for group in groups} == {
        name: group.precedence for name, group in GROUPS.items()
    }
    assert idp.describe_user_pool_domain(Domain="identity-pools-lab")["DomainDescription"]["UserPoolId"] == HOME
    client = idp.describe_user_pool_client(UserPoolId=HOME, ClientId=CLIENT)["UserPoolClient"]
    assert client["CallbackURLs"] == [f"{sandbox.config.app_url}/sign-in/complete/cognito/"]


def preferred_role(person: Person) -> str:
    """The role of the person's group with the lowest precedence; empty without groups, and where two tie."""
    groups = [GROUPS[name] for name in person.groups]
    best = min((group.precedence for group in groups), default=0)
    roles = [group.role for group in groups if group.precedence == best]
    return roles[0] if len(roles) == 1 else ""


@pytest.mark.parametrize("key", list(PEOPLE))
def test_its_people_sign_in_through_the_api(sandbox: RunningSandbox, key: str) -> None:
    person = PEOPLE[key]
    parameters = {"USERNAME": key, "PASSWORD": person.password, "SECRET_HASH": secret_hash(PEOPLE_HASH, key)}
    answer = sandbox.anonymous("cognito-idp").initiate_auth(
        ClientId=CLIENT, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]
    claims = claims_of(answer["IdToken"])
    told = {name: claims.get(name) for name in ("email", "email_verified", "custom:department", "custom:tenant")}
    assert told == {
        "email": person.email,
        "email_verified": person.email_verified,
        "custom:department": person.department,
        "custom:tenant": person.tenant,
    }
    assert claims.get("cognito:preferred_role", "").rpartition("/")[2] == preferred_role(person)
    by_page = claims_of(next(iter(sandbox.logins("userpool", key).values())))
    assert by_page["sub"] == claims["sub"]
    login = {"cognito-idp.us-east-1.amazonaws.com/us-east-1_LabPool01": answer["IdToken"]}
    pool_id = "us-east-1:5a4db000-0000-c000-8000-000000000001"
    assert sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=pool_id, Logins=login)["IdentityId"]


def test_each_account_has_a_pool_of_its_own(sandbox: RunningSandbox) -> None:
    accounts = [sandbox.make_account() for _ in range(2)]
    subs = []
    for number, secret in accounts:
        idp = clients_of(sandbox, number, secret)
        pool_id = f"us-east-1_Lab{number}"
        assert [pool["Id"] for pool in idp.list_user_pools(MaxResults=60)["UserPools"]] == [pool_id]
        assert idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Domain"] == f"identity-pools-lab-{number}"
        (client,) = idp.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"]
        assert client["ClientId"] != CLIENT
        ana = idp.admin_get_user(UserPoolId=pool_id, Username="ana")["UserAttributes"]
        subs.append(next(pair["Value"] for pair in ana if pair["Name"] == "sub"))
        assert refusal(idp.describe_user_pool, UserPoolId=HOME)[0] == "ResourceNotFoundException"
    assert len(set(subs)) == 2
    (one, secret), (other, _) = accounts
    idp = clients_of(sandbox, one, secret)
    told = refusal(idp.create_user_pool_domain, UserPoolId=f"us-east-1_Lab{one}", Domain="identity-pools-lab")
    assert told == ("InvalidParameterException", "Domain already associated with another user pool.")
    assert refusal(idp.list_users, UserPoolId=f"us-east-1_Lab{other}")[0] == "ResourceNotFoundException"


def test_a_domain_of_a_seeded_pool_is_kept_for_its_account(sandbox: RunningSandbox) -> None:
    number, secret = sandbox.make_account()
    idp = clients_of(sandbox, number, secret)
    pool_id = idp.create_user_pool(PoolName="squatter")["UserPool"]["Id"]
    told = refusal(idp.create_user_pool_domain, UserPoolId=pool_id, Domain="identity-pools-lab-987654321098")
    assert told == ("InvalidParameterException", "Domain already associated with another user pool.")


def test_identity_pools_of_an_account_trust_its_own_pool(sandbox: RunningSandbox) -> None:
    number, secret = sandbox.make_account()
    pools = sandbox.client("cognito-identity", access_key=number, secret_key=secret)
    pool_id = f"us-east-1:5a4db000-0001-c000-8000-{number}"
    (trusted,) = pools.describe_identity_pool(IdentityPoolId=pool_id)["CognitoIdentityProviders"]
    assert trusted["ProviderName"] == f"cognito-idp.us-east-1.amazonaws.com/us-east-1_Lab{number}"
    issued = sandbox.switch("tokens", {"provider": "userpool", "person": "ana"}, account=number, secret_key=secret)
    public = sandbox.anonymous("cognito-identity")
    assert public.get_id(IdentityPoolId=pool_id, Logins=issued["Logins"])["IdentityId"]
    idp, own = clients_of(sandbox, number, secret), f"us-east-1_Lab{number}"
    (listed,) = idp.list_user_pool_clients(UserPoolId=own)["UserPoolClients"]
    client = idp.describe_user_pool_client(UserPoolId=own, ClientId=listed["ClientId"])["UserPoolClient"]
    given = {"USERNAME": "ana", "PASSWORD": PEOPLE["ana"].password, "SECRET_HASH": secret_hash(client, "ana")}
    answer = sandbox.anonymous("cognito-idp").initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given
    )["AuthenticationResult"]
    by_api = {trusted["ProviderName"]: answer["IdToken"]}
    assert public.get_id(IdentityPoolId=pool_id, Logins=by_api) | {"ResponseMetadata": 0} == public.get_id(
        IdentityPoolId=pool_id, Logins=issued["Logins"]
    ) | {"ResponseMetadata": 0}
    home = sandbox.logins("userpool", "ana")
    assert refusal(public.get_id, IdentityPoolId=pool_id, Logins=home)[0] == "NotAuthorizedException"


@pytest.mark.slow
def test_what_people_changed_about_it_outlives_a_restart(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "s.sqlite3", port=0)
    with running_sandbox(config) as first:
        idp = clients_of(first)
        idp.admin_delete_user(UserPoolId=HOME, Username="bo")
        idp.admin_update_user_attributes(
            UserPoolId=HOME, Username="ana", UserAttributes=[{"Name": "custom:department", "Value": "Sales"}]
        )
    moved = SandboxConfig(data_file=tmp_path / "s.sqlite3", port=0, app_url="http://127.0.0.1:9999")
    with running_sandbox(moved) as second:
        idp = clients_of(second)
        assert "bo" not in {user["Username"] for user in idp.list_users(UserPoolId=HOME)["Users"]}
        assert claims_of(next(iter(second.logins("userpool", "ana").values())))["custom:department"] == "Sales"
        urls = idp.describe_user_pool_client(UserPoolId=HOME, ClientId=CLIENT)["UserPoolClient"]["CallbackURLs"]
        assert urls == [
            f"{app}/sign-in/complete/cognito/" for app in ("http://127.0.0.1:8000", "http://127.0.0.1:9999")
        ]
        second.switch("reset")
        assert {user["Username"] for user in idp.list_users(UserPoolId=HOME)["Users"]} == set(PEOPLE)


def test_whom_an_earlier_version_deleted_stays_deleted(tmp_path: Path) -> None:
    import sqlite3

    from sandbox.idp.seeded_user_pool import home_subject
    from sandbox.idp.storage.records import Records

    path = tmp_path / "s.sqlite3"
    Records(path, "000000000000")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT INTO idp_deleted_user (account, issuer, subject, deleted) VALUES (?, 'userpool', ?, 1)",
            ("000000000000", home_subject(PEOPLE["bo"])),
        )
    connection.close()
    with running_sandbox(SandboxConfig(data_file=path, port=0)) as running:
        users = clients_of(running).list_users(UserPoolId=HOME)["Users"]
        assert {user["Username"] for user in users} == set(PEOPLE) - {"bo"}


@pytest.mark.slow
def test_the_applications_client_follows_its_region(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    for region in ("us-east-1", "eu-central-1", "us-east-1"):
        with running_sandbox(SandboxConfig(data_file=path, port=0, region=region)) as running:
            pool = {"UserPoolId": f"{region}_LabPool01"}
            assert clients_of(running).describe_user_pool_client(ClientId=CLIENT, **pool)["UserPoolClient"]
            assert list(running.logins("userpool", "ana")) == [f"cognito-idp.{region}.amazonaws.com/{region}_LabPool01"]
