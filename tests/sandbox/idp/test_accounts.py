"""Accounts side by side: each has stand-ins of its own, and what one of them issued is worth nothing at another."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import requests
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import identity_pool_id
from sandbox.idp.stand_ins import STAND_INS
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.idp.conftest import APP_URL
from tests.sandbox.idp.driver import HOME, Browser, Sign, StandIns, answer_of, issuers
from tests.sandbox.lab import refused


class Account:
    """One account of a sandbox, from the places of its administrator and of its people."""

    def __init__(self, sandbox: RunningSandbox, number: str = HOME, secret: str = "test") -> None:
        self.sandbox, self.number, self.secret = sandbox, number, secret
        self.stand_ins = StandIns(sandbox.url, sandbox.config.app_url, account=number)
        self.pool = identity_pool_id("us-east-1", number, HOME, 1)

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, access_key=self.number, secret_key=self.secret)

    def switch(self, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        return self.sandbox.switch(path, body, method=method, account=self.number, secret_key=self.secret)

    def logins(self, slug: str, person: str = "ana") -> dict[str, str]:
        return self.sandbox.logins(slug, person, account=self.number, secret_key=self.secret)

    def identity(self, logins: dict[str, str], pool: str = "") -> str:
        found = self.sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=pool or self.pool, Logins=logins)
        return str(found["IdentityId"])

    def refusal(self, logins: dict[str, str], pool: str = "") -> str:
        with pytest.raises(ClientError) as error:
            self.identity(logins, pool)
        status, code, message = refused(error.value)
        assert (status, code) == (400, "NotAuthorizedException")
        return message

    def sign(self, slug: str) -> Sign:
        return Sign(self.stand_ins, issuers(self.stand_ins)[slug])

    def published(self) -> dict[str, list[str]]:
        return dict(self.switch("stand-ins", method="GET")["keys"])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """Seeded; accounts that nobody made are none."""
    file = tmp_path_factory.mktemp("accounts") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=file, port=0, app_url=APP_URL, open_accounts=False)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def home(shared: RunningSandbox) -> Account:
    return Account(shared)


@pytest.fixture(scope="module")
def one(shared: RunningSandbox) -> Account:
    return Account(shared, *shared.make_account(name="one"))


@pytest.fixture(scope="module")
def other(shared: RunningSandbox) -> Account:
    return Account(shared, *shared.make_account(name="other"))


@pytest.mark.slow
@pytest.mark.parametrize("slug", STAND_INS)
def test_a_login_is_good_in_its_own_account_only(home: Account, one: Account, other: Account, slug: str) -> None:
    mine = one.logins(slug)
    assert one.identity(mine)
    for elsewhere in (home, other):
        elsewhere.refusal(one.logins(slug))
        one.refusal(elsewhere.logins(slug))


@pytest.mark.slow
@pytest.mark.parametrize("slug", STAND_INS)
def test_the_same_person_has_another_identity_in_each_account(home: Account, one: Account, slug: str) -> None:
    first, again = (one.identity(one.logins(slug, "bo")) for _ in range(2))
    assert first == again
    assert first != home.identity(home.logins(slug, "bo"))


@pytest.mark.parametrize("slug", ["google", "apple", "facebook", "amazon", "x"])
def test_a_pool_that_trusts_the_others_client_still_asks_its_own_stand_in(
    one: Account, other: Account, slug: str
) -> None:
    trusted = STAND_INS[slug].identity_pool_members(other.stand_ins.lab)
    pool = one.client("cognito-identity").create_identity_pool(
        IdentityPoolName="mixed up", AllowUnauthenticatedIdentities=False, **trusted
    )["IdentityPoolId"]
    message = one.refusal(other.logins(slug), pool)
    assert message.endswith("Couldn't verify signed token." if slug in ("google", "apple") else "Token is not valid.")


def test_no_two_accounts_share_a_key_or_a_client(home: Account, one: Account, other: Account) -> None:
    accounts = (home, one, other)
    for account in accounts:
        for slug in ("google", "apple", "userpool", "oidc", "saml"):
            account.logins(slug)
    kids = [kid for account in accounts for found in account.published().values() for kid in found]
    assert len(kids) == len(set(kids)) == 3 * 5
    for stand_in in STAND_INS.values():
        ids = {str(stand_in.identity_pool_members(account.stand_ins.lab)) for account in accounts}
        assert len(ids) == 3


def test_the_home_account_keeps_its_documented_names(home: Account) -> None:
    settings = {
        name: value
        for stand_in in STAND_INS.values()
        for name, value in stand_in.application_settings(home.stand_ins.lab).items()
    }
    assert settings["GOOGLE_CLIENT_ID"] == "100000000001-identitypoolslab.apps.googleusercontent.com"
    assert settings["OIDC_ISSUER"] == f"{home.sandbox.url}/idp/oidc"
    assert settings["SAML_METADATA_URL"] == f"{home.sandbox.url}/idp/saml/metadata"
    assert (settings["OIDC_CLIENT_ID"], settings["APPLE_TEAM_ID"]) == ("identity-pools-lab", "LABTEAM001")


def test_nothing_that_an_account_keeps_names_an_address(one: Account) -> None:
    arn = f"arn:aws:iam::{one.number}:saml-provider/LabSaml"
    assert "X509Certificate" in one.client("iam").get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"]
    kept = one.sandbox.switch("accounts", {"action": "export", "account": one.number})
    assert "127.0.0.1" not in json.dumps(kept)


@pytest.mark.slow
def test_an_account_works_on_at_another_address(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, app_url=APP_URL)
    with running_sandbox(config) as first:
        number, secret = first.make_account()
        before = {slug: Account(first, number, secret).logins(slug) for slug in STAND_INS if slug != "saml"}
        identities = {slug: Account(first, number, secret).identity(logins) for slug, logins in before.items()}
    with running_sandbox(config) as second:
        assert second.url != first.url
        moved = Account(second, number, secret)
        assert {slug: moved.identity(logins) for slug, logins in before.items()} == identities
        assert {slug: moved.identity(moved.logins(slug)) for slug in before} == identities
        assert moved.identity(moved.logins("saml"))


@pytest.mark.slow
def test_an_account_moves_to_another_sandbox_with_its_stand_ins(tmp_path: Path) -> None:
    """As one file: what its people hold stays good there, and what they get there leads to the same identities."""
    here, there = (SandboxConfig(data_file=tmp_path / name / "sandbox.sqlite3", port=0) for name in ("here", "there"))
    with running_sandbox(here) as sandbox:
        account = Account(sandbox, *sandbox.make_account())
        before = {slug: account.logins(slug) for slug in STAND_INS if slug != "saml"}
        identities = {slug: account.identity(logins) for slug, logins in before.items()}
        kids = account.published()
        archive = sandbox.export(account.number)
    with running_sandbox(there) as sandbox:
        moved = Account(sandbox, account.number, sandbox.take(archive)["SecretAccessKey"])
        assert moved.published() == kids
        assert {slug: moved.identity(logins) for slug, logins in before.items()} == identities
        assert {slug: moved.identity(moved.logins(slug)) for slug in before} == identities
        assert moved.identity(moved.logins("saml"))


def test_sts_asks_the_issuer_of_the_roles_account(one: Account, other: Account) -> None:
    sts = one.sandbox.anonymous("sts")
    (token,) = one.logins("oidc").values()
    (provider,) = one.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    trust = {"Effect": "Allow", "Principal": {"Federated": provider["Arn"]}, "Action": "sts:AssumeRoleWithWebIdentity"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for account in (one, other):
        account.client("iam").create_role(RoleName="Federated", AssumeRolePolicyDocument=document)
    assumed = {"RoleSessionName": "somebody", "WebIdentityToken": token}
    mine, theirs = (f"arn:aws:iam::{account.number}:role/Federated" for account in (one, other))
    assert sts.assume_role_with_web_identity(RoleArn=mine, **assumed)["Credentials"]
    with pytest.raises(ClientError, match="No OpenIDConnect provider found in your account"):
        sts.assume_role_with_web_identity(RoleArn=theirs, **assumed)
    facebook = other.logins("facebook")["graph.facebook.com"]
    with pytest.raises(ClientError) as error:
        sts.assume_role_with_web_identity(
            RoleArn=mine, RoleSessionName="somebody", ProviderId="graph.facebook.com", WebIdentityToken=facebook
        )
    assert refused(error.value)[1] == "IDPRejectedClaim"


def test_an_assertion_is_for_the_provider_of_its_own_account(one: Account, other: Account) -> None:
    sts = one.sandbox.anonymous("sts")
    for theirs in (other.number, HOME):
        (assertion,) = one.logins("saml", "ana").values()
        arns = {"PrincipalArn": f"arn:aws:iam::{theirs}:saml-provider/LabSaml"}
        with pytest.raises(ClientError) as error:
            sts.assume_role_with_saml(
                RoleArn=f"arn:aws:iam::{theirs}:role/LabEngineers", **arns, SAMLAssertion=assertion
            )
        assert refused(error.value)[1] == "InvalidIdentityToken"


def test_an_account_that_does_not_exist_has_no_stand_ins(shared: RunningSandbox) -> None:
    page = requests.get(f"{shared.url}/idp/999988887777/oidc/.well-known/openid-configuration")
    assert page.status_code == 404
    assert "There is no account 999988887777 in this sandbox" in page.text


@pytest.mark.slow
def test_what_nobody_signed_makes_nothing_for_an_account_that_has_nothing(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, app_url=APP_URL)
    with running_sandbox(config) as sandbox:
        mine = Account(sandbox, "777788889999")
        pool = f"us-east-1_Lab{mine.number}"
        domain = f"identity-pools-lab-{mine.number}.auth.us-east-1.amazoncognito.com"
        addresses = [
            f"{sandbox.url}/{pool}/.well-known/jwks.json",
            f"{sandbox.url}/idp/cognito-idp.us-east-1.amazonaws.com/{pool}/.well-known/jwks.json",
            f"{sandbox.url}/idp/{domain}/login",
            *(mine.stand_ins.at(path) for path in ("", "oidc/jwks", "saml/metadata", "mailbox")),
        ]
        assert {requests.get(address).status_code for address in addresses} == {404}
        sandbox.make_account(account=mine.number)  # which is refused where the number holds anything
        begun = Account(sandbox, "777788880000")
        page = f"{sandbox.url}/idp/{begun.number}/oidc/jwks"
        assert requests.get(page).status_code == 404
        begun.logins("oidc")
        assert requests.get(page).json()["keys"]
        assert requests.get(f"{sandbox.url}/us-east-1_Lab{begun.number}/.well-known/jwks.json").json()["keys"]


@pytest.mark.parametrize("path", ["", "oidc/jwks", "saml/metadata", "people/ana.svg", "keys/oidc/rotate"])
def test_half_a_number_is_no_account(shared: RunningSandbox, path: str) -> None:
    assert requests.get(f"{shared.url}/idp/11112222333/{path}").status_code == 404
    assert requests.get(f"{shared.url}/idp/%31{HOME[1:]}/{path}").status_code == 404


def test_the_home_accounts_are_found_by_its_number_too(home: Account) -> None:
    plain, numbered = (
        requests.get(f"{home.sandbox.url}/idp/{root}oidc/.well-known/openid-configuration").json()
        for root in ("", f"{HOME}/")
    )
    assert plain == numbered


# --- Everything of one account, tried at another ---


@pytest.mark.parametrize("slug", ["google", "apple", "userpool", "oidc"])
def test_codes_and_tokens_are_spent_where_they_were_issued(one: Account, other: Account, slug: str) -> None:
    mine, theirs = one.sign(slug), other.sign(slug)
    code = mine.code()
    as_their_client = {"client_id": theirs.client.client_id, "client_secret": theirs.secret()}
    assert theirs.exchange(code, code_verifier=mine.verifier, **as_their_client).json()["error"] == "invalid_grant"
    as_mine = {"client_id": mine.client.client_id, "client_secret": mine.secret()}
    assert theirs.exchange(code, code_verifier=mine.verifier, **as_mine).json()["error"] == "invalid_client"
    tokens = mine.exchange(code)
    assert tokens.status_code == 200
    if mine.issuer.userinfo:
        shown = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
        assert requests.get(other.stand_ins.at(mine.issuer.userinfo), headers=shown).status_code in (401, 404)
        assert requests.get(one.stand_ins.at(mine.issuer.userinfo), headers=shown).status_code == 200
    if "refresh_token" in tokens.json():
        again = {"grant_type": "refresh_token", "refresh_token": tokens.json()["refresh_token"]}
        address = other.stand_ins.at(theirs.issuer.token)
        assert requests.post(address, {**again, **as_their_client}).json()["error"] == "invalid_grant"


def test_a_client_of_one_account_is_a_stranger_at_another(one: Account, other: Account) -> None:
    asked = one.sign("oidc").url().replace(one.stand_ins.at(""), other.stand_ins.at(""))
    assert requests.get(asked, allow_redirects=False).status_code in (400, 401)


def test_a_session_in_one_account_is_none_in_another(home: Account, one: Account, other: Account) -> None:
    browser = Browser()
    for account in (home, one):
        assert "code" in answer_of(browser.sign_in(account.sign("userpool").url(), "ana"))
    asks_for_a_password = {
        account.number: 'name="password"' in browser.open(account.sign("userpool").url()).text
        for account in (home, one, other)
    }
    assert asks_for_a_password == {home.number: False, one.number: False, other.number: True}
    paths = {cookie.path for cookie in browser.session.cookies}
    assert paths == {
        f"/idp/{account.stand_ins.domain}/" if account is home else f"/idp/{account.number}/{account.stand_ins.domain}/"
        for account in (home, one, other)
    }


def test_a_request_token_of_x_is_known_where_it_was_given_out(one: Account, other: Account) -> None:
    from requests_oauthlib import OAuth1  # type: ignore[import-untyped]

    client = STAND_INS["x"].client(one.stand_ins.lab)
    signed = OAuth1(client.client_id, client_secret=client.secret, callback_uri=client.redirect_uris[0])
    assert requests.post(other.stand_ins.at("api.x.com/oauth/request_token"), auth=signed).status_code == 401
    given = requests.post(one.stand_ins.at("api.x.com/oauth/request_token"), auth=signed)
    token = given.text.split("oauth_token=")[1].split("&")[0]
    page = "api.x.com/oauth/authenticate?oauth_token="
    assert requests.get(one.stand_ins.at(f"{page}{token}")).status_code == 200
    assert requests.get(other.stand_ins.at(f"{page}{token}")).status_code == 400


def test_links_and_forms_stay_in_the_account(one: Account) -> None:
    page = requests.get(one.stand_ins.at("")).text
    assert f'Those of account <span class="mono">{one.number}</span>' in page
    assert f'action="/idp/{one.number}/keys/oidc/rotate"' in page
    assert f'href="/idp/{one.number}/"' in page
    assert f"https://oidc.{one.number}.identity-pools-lab.test/" in page
    sign_in = requests.get(one.sign("oidc").url()).text
    assert f'action="/idp/{one.number}/oidc/authorize?' in sign_in
    assert 'src="/idp/people/ana.svg"' in sign_in


# --- What its administrator changes ---


def test_a_rotation_leaves_the_other_accounts_alone(home: Account, one: Account, other: Account) -> None:
    before = [account.published() for account in (home, one, other)]
    changed = one.switch("stand-ins", {"action": "rotate", "provider": "oidc", "withdraw": True})["keys"]
    assert {slug for slug in changed if changed[slug] != before[1][slug]} == {"oidc"}
    assert [home.published(), other.published()] == [before[0], before[2]]
    assert one.identity(one.logins("oidc"))


def test_people_are_deleted_in_one_account_only(home: Account, one: Account) -> None:
    before = one.logins("userpool", "finn")
    one.identity(before)
    one.switch("stand-ins", {"action": "delete", "person": "finn"})
    assert "does not exist" in one.refusal(before)
    assert home.identity(home.logins("userpool", "finn"))
    one.switch("stand-ins", {"action": "restore", "person": "finn"})
    assert one.identity(one.logins("userpool", "finn"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'action' must be one of rotate, sign-out, delete, restore."),
        ({"action": "rotate"}, "There are keys of google, apple, userpool, oidc, saml."),
        ({"action": "rotate", "provider": "facebook"}, "There are keys of google, apple"),
        ({"action": "rotate", "provider": "oidc", "withdraw": 1}, "'withdraw' is unknown or of the wrong type."),
        ({"action": "delete", "person": "nobody"}, "The people are ana, bo"),
        ({"action": "delete", "person": "ana", "account": HOME}, "'account' is unknown or of the wrong type."),
    ],
)
def test_a_change_that_cannot_be(one: Account, body: dict[str, Any], words: str) -> None:
    with pytest.raises(HTTPError) as error:
        one.switch("stand-ins", body)
    assert words in json.loads(error.value.read())["message"]


def test_whoever_gets_a_number_next_gets_other_keys(shared: RunningSandbox) -> None:
    number, secret = shared.make_account()
    before = Account(shared, number, secret)
    logins, kids = before.logins("google"), before.published()["google"]
    assert before.identity(logins)
    shared.switch("accounts", {"action": "remove", "account": number})
    assert requests.get(before.stand_ins.at("oidc/jwks")).status_code == 404
    after = Account(shared, *shared.make_account(account=number))
    assert after.refusal(logins).endswith("Couldn't verify signed token.")
    assert after.published()["google"] not in ([], kids)


def test_a_reset_keeps_the_keys_of_the_account(shared: RunningSandbox) -> None:
    account = Account(shared, *shared.make_account())
    kids = account.published()
    account.secret = account.switch("reset")["SecretAccessKey"]
    assert account.published() == kids
    assert account.identity(account.logins("saml"))
