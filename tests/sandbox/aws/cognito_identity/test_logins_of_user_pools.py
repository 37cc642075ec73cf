"""User pools made through the cognito-idp API, by their real tokens."""

from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, allow, refused, trust


def unverified(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


class People:
    """A user pool with one client, and an identity pool that takes it."""

    def __init__(self, lab: Lab, **identity_pool: Any) -> None:
        self.lab = lab
        self.idp = lab.client("cognito-idp")
        self.id = self.idp.create_user_pool(PoolName="people")["UserPool"]["Id"]
        self.name = f"cognito-idp.us-east-1.amazonaws.com/{self.id}"
        made = self.idp.create_user_pool_client(
            UserPoolId=self.id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )
        self.client = made["UserPoolClient"]["ClientId"]
        check = identity_pool.pop("server_side_check", False)
        provider = {"ProviderName": self.name, "ClientId": self.client, "ServerSideTokenCheck": check}
        self.pool_id = lab.pool(CognitoIdentityProviders=[provider], **identity_pool)

    def sign_up(self, name: str, **attributes: str) -> None:
        listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
        self.idp.admin_create_user(UserPoolId=self.id, Username=name, UserAttributes=listed)
        self.idp.admin_set_user_password(UserPoolId=self.id, Username=name, Password="Permanent-1!", Permanent=True)

    def tokens(self, name: str) -> dict[str, str]:
        answer = self.lab.sandbox.anonymous("cognito-idp").initiate_auth(
            ClientId=self.client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": "Permanent-1!"},
        )
        return dict(answer["AuthenticationResult"])

    def identity(self, token: str) -> str:
        return str(self.lab.public.get_id(IdentityPoolId=self.pool_id, Logins={self.name: token})["IdentityId"])

    def role(self, token: str) -> str:
        logins = {self.name: token}
        answer = self.lab.public.get_credentials_for_identity(IdentityId=self.identity(token), Logins=logins)
        arn = self.lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Arn"]
        return str(arn.split("/")[1])

    def refusal(self, token: str) -> str:
        with pytest.raises(ClientError) as error:
            self.identity(token)
        status, code, message = refused(error.value)
        assert (status, code) == (400, "NotAuthorizedException")
        return message


@pytest.mark.slow
def test_a_signed_in_user_is_one_identity(lab: Lab) -> None:
    people = People(lab)
    people.sign_up("ana")
    people.sign_up("ben")
    assert people.identity(people.tokens("ana")["IdToken"]) == people.identity(people.tokens("ana")["IdToken"])
    assert people.identity(people.tokens("ana")["IdToken"]) != people.identity(people.tokens("ben")["IdToken"])


def test_an_access_token_is_no_login(lab: Lab) -> None:
    people = People(lab)
    people.sign_up("ana")
    message = people.refusal(people.tokens("ana")["AccessToken"])
    assert message == "Invalid login token. Missing a required claim: aud"


def test_the_token_of_another_user_pool_is_not_believed(lab: Lab) -> None:
    people, strangers = People(lab), People(lab)
    strangers.sign_up("eve")
    message = "Invalid login token. Issuer doesn't match providerName"
    assert people.refusal(strangers.tokens("eve")["IdToken"]) == message


def test_groups_choose_the_role(lab: Lab) -> None:
    people = People(lab)
    roles = {name: lab.role(name, trust(people.pool_id), allow("*")) for name in ("Admins", "Readers", "Writers")}
    mapping = {f"{people.name}:{people.client}": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    defaults = lab.pools.get_identity_pool_roles(IdentityPoolId=people.pool_id)["Roles"]
    lab.pools.set_identity_pool_roles(IdentityPoolId=people.pool_id, Roles=defaults, RoleMappings=mapping)
    for name, precedence in (("Admins", 1), ("Readers", 5), ("Writers", 5)):
        people.idp.create_group(UserPoolId=people.id, GroupName=name, RoleArn=roles[name], Precedence=precedence)
    for user, groups in {"ana": ["Readers", "Admins"], "ben": ["Readers", "Writers"], "cem": ["Writers"]}.items():
        people.sign_up(user)
        for group in groups:
            people.idp.admin_add_user_to_group(UserPoolId=people.id, Username=user, GroupName=group)
    assert people.role(people.tokens("ana")["IdToken"]) == "Admins"
    assert people.role(people.tokens("cem")["IdToken"]) == "Writers"
    with pytest.raises(ClientError) as error:
        people.role(people.tokens("ben")["IdToken"])
    assert "ambiguous role mapping rules" in refused(error.value)[2]


@pytest.mark.slow
def test_standard_attributes_are_in_the_token(lab: Lab) -> None:
    people = People(lab)
    role = lab.role("Staff", trust(people.pool_id), allow("*"))
    rule = {"Claim": "email", "MatchType": "Contains", "Value": "@corp.", "RoleARN": role}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "AuthenticatedRole", "RulesConfiguration": {"Rules": [rule]}}
    defaults = lab.pools.get_identity_pool_roles(IdentityPoolId=people.pool_id)["Roles"]
    mappings = {f"{people.name}:{people.client}": mapping}
    lab.pools.set_identity_pool_roles(IdentityPoolId=people.pool_id, Roles=defaults, RoleMappings=mappings)
    people.sign_up("ana", email="ana@corp.example")
    people.sign_up("eve", email="eve@elsewhere.example")
    assert people.role(people.tokens("ana")["IdToken"]) == "Staff"
    assert people.role(people.tokens("eve")["IdToken"]).startswith("authenticated-")


@pytest.mark.parametrize("how", ["own", "admin", "disabled", "deleted"])
def test_the_server_side_check_asks_the_user_pool(lab: Lab, how: str) -> None:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    tokens = people.tokens("ana")
    assert people.identity(tokens["IdToken"])
    about = {"UserPoolId": people.id, "Username": "ana"}
    if how == "own":
        lab.sandbox.anonymous("cognito-idp").global_sign_out(AccessToken=tokens["AccessToken"])
    elif how == "admin":
        people.idp.admin_user_global_sign_out(**about)
    elif how == "disabled":
        people.idp.admin_disable_user(**about)
    else:
        people.idp.admin_delete_user(**about)
    assert people.refusal(tokens["IdToken"]).startswith("Invalid login token. ")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["own", "admin"])
def test_who_signs_in_again_at_once_gets_in(lab: Lab, how: str) -> None:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    tokens = people.tokens("ana")
    identity_id = people.identity(tokens["IdToken"])
    if how == "own":
        lab.sandbox.anonymous("cognito-idp").global_sign_out(AccessToken=tokens["AccessToken"])
    else:
        people.idp.admin_user_global_sign_out(UserPoolId=people.id, Username="ana")
    assert people.identity(people.tokens("ana")["IdToken"]) == identity_id
    assert people.refusal(tokens["IdToken"]) == "Invalid login token. The user has been signed out."


@pytest.mark.parametrize("how", ["own", "admin"])
def test_who_signs_in_again_later_gets_in(lab: Lab, how: str) -> None:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    old = people.tokens("ana")
    if how == "own":
        lab.sandbox.anonymous("cognito-idp").global_sign_out(AccessToken=old["AccessToken"])
    else:
        people.idp.admin_user_global_sign_out(UserPoolId=people.id, Username="ana")
    lab.sandbox.switch("clock", {"advance": 10}, account=lab.account)
    assert people.identity(people.tokens("ana")["IdToken"])
    assert people.refusal(old["IdToken"]) == "Invalid login token. The user has been signed out."


@pytest.mark.slow
def test_a_sign_out_is_one_persons(lab: Lab) -> None:
    people, others = People(lab, server_side_check=True), People(lab, server_side_check=True)
    for each in (people, others):
        each.sign_up("ana")
    people.sign_up("ben")
    tokens = [people.tokens("ben")["IdToken"], people.tokens("ana")["IdToken"], others.tokens("ana")["IdToken"]]
    people.idp.admin_user_global_sign_out(UserPoolId=people.id, Username="ana")
    assert people.identity(tokens[0])
    assert people.refusal(tokens[1])
    assert others.identity(tokens[2])


def test_a_refused_sign_out_signs_nobody_out(lab: Lab) -> None:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    token = people.tokens("ana")["IdToken"]
    about = {"UserPoolId": people.id, "Username": "ana"}
    stranger = lab.sandbox.client("cognito-idp", access_key="999999999999")
    for call in (stranger.admin_user_global_sign_out, lab.sandbox.anonymous("cognito-idp").admin_user_global_sign_out):
        with pytest.raises(ClientError):
            call(**about)
    assert people.identity(token)


def test_a_disabled_user_who_is_enabled_again_gets_in(lab: Lab) -> None:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    token = people.tokens("ana")["IdToken"]
    about = {"UserPoolId": people.id, "Username": "ana"}
    people.idp.admin_disable_user(**about)
    assert people.refusal(token) == "Invalid login token. The user does not exist or is disabled."
    people.idp.admin_enable_user(**about)
    assert people.identity(token)


@pytest.mark.slow
def test_tokens_of_user_pools_follow_the_clock_of_the_account(lab: Lab) -> None:
    people = People(lab, server_side_check=True)
    people.sign_up("ana")
    old = people.tokens("ana")["IdToken"]
    identity_id = people.identity(old)
    lab.sandbox.switch("clock", {"advance": 3700}, account=lab.account)
    assert "Token expired" in people.refusal(old)
    new = people.tokens("ana")["IdToken"]
    assert people.identity(new) == identity_id
    people.idp.admin_user_global_sign_out(UserPoolId=people.id, Username="ana")
    assert people.refusal(new) == "Invalid login token. The user has been signed out."


def test_the_client_says_how_long_its_tokens_are_good(lab: Lab) -> None:
    people = People(lab)
    people.sign_up("ana")
    people.idp.update_user_pool_client(
        UserPoolId=people.id,
        ClientId=people.client,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],  # what is left out gets its default
        IdTokenValidity=5,
        AccessTokenValidity=2,
        TokenValidityUnits={"IdToken": "minutes"},
    )
    tokens = people.tokens("ana")
    lifetimes = [
        claims["exp"] - claims["iat"] for claims in (unverified(tokens["IdToken"]), unverified(tokens["AccessToken"]))
    ]
    assert lifetimes == [300, 7200]


def test_without_the_check_a_signed_out_user_gets_in(lab: Lab) -> None:
    people = People(lab)
    people.sign_up("ana")
    tokens = people.tokens("ana")
    people.idp.admin_user_global_sign_out(UserPoolId=people.id, Username="ana")
    assert people.identity(tokens["IdToken"])


def test_a_deleted_user_pool_vouches_for_nobody(lab: Lab) -> None:
    people = People(lab)
    people.sign_up("ana")
    token = people.tokens("ana")["IdToken"]
    people.idp.delete_user_pool(UserPoolId=people.id)
    assert people.refusal(token) == "Invalid login token. Couldn't verify signed token."
