"""A pool's document becomes the same pool in a sandbox, or nothing at all."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from poolconfig.cloudformation import cloudformation
from poolconfig.document import Document
from poolconfig.reading import read_pool
from sandbox.testing import RunningSandbox
from tests.poolconfig.callers import Place, outcomes
from tests.poolconfig.real_pool import ISSUER, RealPool, trust_of
from tests.sandbox.lab import decisions_of, refused

SECRETS = ("consumerSecret", "ClientSecret")
OTHER = "434343434343"


def take(lab: RunningSandbox, document: Document, **more: Any) -> dict[str, Any]:
    return dict(lab.switch("pools", {"action": "import", "document": document, **more}))


def refusal(lab: RunningSandbox, document: Any, **more: Any) -> tuple[str, str]:
    """Code and sentence; nothing is changed then."""
    before = state(lab)
    with pytest.raises(HTTPError) as error:
        take(lab, document, **more)
    answer = json.loads(error.value.read())
    assert state(lab) == before
    return answer["__type"], answer["message"]


def state(lab: RunningSandbox) -> Any:
    """What can be seen of everybody's accounts."""
    accounts = lab.switch("accounts", method="GET")["accounts"]
    numbers = [*(one["account"] for one in accounts), OTHER]
    held = [lab.switch("accounts", {"action": "export", "account": number}) for number in numbers]
    return accounts, held, lab.switch("pools", method="GET")


def elsewhere(document: Document, number: str = OTHER) -> Document:
    """The same pool of another account and under other IDs."""
    text = json.dumps(document).replace(document["account"], number)
    pools = [document["identityPool"]["IdentityPoolId"], *(one["Id"] for one in document["userPools"])]
    clients = [client["ClientId"] for one in document["userPools"] for client in one["Clients"]]
    for old in (*pools, *clients):
        changed = old[:-4] + number[-4:] if ":" in old or "_" in old else old[:-4] + "zz" + number[-2:]
        text = text.replace(old, changed)
    return dict(json.loads(text))


@pytest.mark.slow
def test_every_caller_gets_the_same_by_the_same_decisions(real: Place, imported: Place) -> None:
    assert outcomes(imported) == outcomes(real)


def test_the_copy_reads_as_the_real_one(imported: Place, as_read: Document) -> None:
    assert read_pool(imported.clients(), imported.pool.pool_id) == as_read


def test_neither_people_nor_secrets_come(imported: Place, as_read: Document, real: Place) -> None:
    assert not any(secret in json.dumps(as_read) for secret in SECRETS)
    idp, pool = imported.client("cognito-idp"), {"UserPoolId": imported.pool.user_pool}
    assert idp.list_users(**pool)["Users"] == []
    names = {**pool, "ClientId": imported.pool.client}
    ours, theirs = (
        place.client("cognito-idp").describe_user_pool_client(**names)["UserPoolClient"]["ClientSecret"]
        for place in (imported, real)
    )
    assert ours != theirs


def test_the_answer_says_who_is_played_and_what_is_not_as_it_was(lab: RunningSandbox, document: Document) -> None:
    document = elsewhere(document, "454545454545")
    document["userPools"][0]["Settings"] |= {
        "MfaConfiguration": "ON",
        "LambdaConfig": {"PreTokenGeneration": "arn:aws:lambda:us-east-1:454545454545:function:claims"},
    }
    answer = take(lab, document)
    assert answer["played"] == [ISSUER, "arn:aws:iam::454545454545:saml-provider/Acme"]
    told = "\n".join(answer["notes"])
    assert all(word in told for word in ("second factor (ON)", "triggers", "PreTokenGeneration", " X "))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_second_factors_are_kept_as_they_were_and_written_again(
    lab: RunningSandbox, document: Document, mode: str
) -> None:
    number = {"OPTIONAL": "535353535353", "ON": "545454545454"}[mode]
    document = elsewhere(document, number)
    (user_pool,) = document["userPools"]
    user_pool["Settings"]["MfaConfiguration"] = mode
    user_pool["Mfa"] = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    answer = take(lab, document)
    copy = Place(lab, answer["SecretAccessKey"], _named(document))
    read = read_pool(copy.clients(), answer["pool"])
    assert read["userPools"] == document["userPools"]
    written = json.loads(cloudformation(read).text)["Resources"]["UserPoolShopUsers"]["Properties"]
    assert (written["MfaConfiguration"], written["EnabledMfas"]) == (mode, ["SOFTWARE_TOKEN_MFA"])


def test_only_the_home_administrator_imports(lab: RunningSandbox, document: Document) -> None:
    number, secret = lab.make_account(seed=False)
    with pytest.raises(HTTPError) as error:
        lab.switch("pools", {"action": "import", "document": document}, account=number, secret_key=secret)
    assert error.value.code == 403


# --- IDs --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("imported")
def test_ids_that_another_account_holds_are_refused_by_name(lab: RunningSandbox, document: Document) -> None:
    others = elsewhere(document)
    held = {
        "pool": document["identityPool"]["IdentityPoolId"],
        "user pool": document["userPools"][0]["Id"],
        "client": document["userPools"][0]["Clients"][0]["ClientId"],
    }
    changed = {
        "pool": others["identityPool"]["IdentityPoolId"],
        "user pool": others["userPools"][0]["Id"],
        "client": others["userPools"][0]["Clients"][0]["ClientId"],
    }
    for kind, one in held.items():
        clashing = json.loads(json.dumps(others).replace(changed[kind], one))
        code, sentence = refusal(lab, clashing)
        assert code == "ResourceConflictException"
        assert sentence == f"Another account has {one}. Import it under other IDs (remap)."


def test_numbers_that_somebody_has_are_refused(lab: RunningSandbox, document: Document) -> None:
    number, _ = lab.make_account(seed=False)
    for taken in (number, lab.config.account_id):
        code, sentence = refusal(lab, elsewhere(document, taken))
        assert (code, sentence) == (
            "ResourceConflictException",
            f"Account {taken} exists already. Import it under other IDs (remap).",
        )


def test_ids_of_seeded_pools_are_their_accounts_alone(lab: RunningSandbox, document: Document) -> None:
    seeded = "us-east-1:5a4db000-0001-c000-8000-111111111111"
    own = elsewhere(document)["identityPool"]["IdentityPoolId"]
    code, sentence = refusal(lab, json.loads(json.dumps(elsewhere(document)).replace(own, seeded)))
    assert (code, sentence.split(".")[0]) == ("ResourceConflictException", f"Another account has {seeded}")


@pytest.mark.slow
def test_remapped_it_is_the_same_pool_under_ids_of_its_own(imported: Place, document: Document, real: Place) -> None:
    answer = take(imported.sandbox, document, remap=True)
    new = answer["remapped"]
    pool = real.pool
    copy = replace(
        pool,
        account=new[pool.account],
        pool_id=new[pool.pool_id],
        user_pool=new[pool.user_pool],
        client=new[pool.client],
        oidc_arn=pool.oidc_arn.replace(pool.account, new[pool.account]),
        saml_arn=pool.saml_arn.replace(pool.account, new[pool.account]),
    )
    assert (answer["account"], answer["pool"]) == (copy.account, copy.pool_id)
    assert not {copy.account, copy.pool_id, copy.user_pool, copy.client} & set(new)
    assert outcomes(Place(imported.sandbox, answer["SecretAccessKey"], copy)) == outcomes(imported)


def test_a_pool_is_imported_again_in_its_own_place_only_on_request(lab: RunningSandbox, document: Document) -> None:
    document = elsewhere(document, "464646464646")
    secret, pool_id = take(lab, document)["SecretAccessKey"], document["identityPool"]["IdentityPoolId"]
    public = lab.anonymous("cognito-identity")
    guest = public.get_id(IdentityPoolId=pool_id)["IdentityId"]
    code, sentence = refusal(lab, document)
    assert code == "ResourceConflictException"
    assert "was imported on" in sentence
    assert "(replace)" in sentence
    document["identityPool"]["AllowClassicFlow"] = False
    document["iamRoles"][0]["InlinePolicies"] = {}
    again = take(lab, document, replace=True)
    assert (again["replaced"], again["SecretAccessKey"]) == (True, secret)  # and no key is over
    iam = lab.client("iam", access_key="464646464646", secret_key=secret)
    assert iam.list_role_policies(RoleName=document["iamRoles"][0]["RoleName"])["PolicyNames"] == []
    assert public.get_credentials_for_identity(IdentityId=guest)["IdentityId"] == guest  # identities stay
    with pytest.raises(ClientError):
        public.get_open_id_token(IdentityId=guest)


def test_another_pool_of_the_account_comes_beside_the_first(lab: RunningSandbox, document: Document) -> None:
    first = elsewhere(document, "474747474747")
    secret = take(lab, first)["SecretAccessKey"]
    second_id = first["identityPool"]["IdentityPoolId"][:-4] + "beef"
    second = json.loads(json.dumps(first).replace(first["identityPool"]["IdentityPoolId"], second_id))
    assert take(lab, second)["SecretAccessKey"] == secret
    cognito = lab.client("cognito-identity", access_key="474747474747", secret_key=secret)
    assert len(cognito.list_identity_pools(MaxResults=10)["IdentityPools"]) == 2
    listed = [one["pool"] for one in lab.switch("pools", method="GET")["pools"] if one["account"] == "474747474747"]
    assert listed == [first["identityPool"]["IdentityPoolId"], second_id]


# --- What AWS keeps, and would not take today -------------------------------------------------------------------------


def test_legacy_roles_stale_mappings_and_providers_that_are_gone_stay_as_they_are(
    lab: RunningSandbox, document: Document
) -> None:
    document, number = elsewhere(document, "484848484848"), "484848484848"
    role = document["iamRoles"][0]
    del role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
    gone = f"arn:aws:iam::{number}:oidc-provider/gone.example.com"
    document["identityPool"]["OpenIdConnectProviderARNs"].append(gone)
    document["missing"].append(gone)
    stale = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    document["roles"]["RoleMappings"]["former.example.com"] = stale
    document["principalTags"].append({"IdentityProviderName": "former.example.com", "UseDefaults": True})
    answer = take(lab, document)
    place = Place(lab, answer["SecretAccessKey"], replace(_named(document), account=number))
    read = read_pool(place.clients(), answer["pool"])
    assert read["identityPool"] == document["identityPool"]
    assert read["roles"] == document["roles"]
    assert read["iamRoles"] == document["iamRoles"]
    assert read["missing"] == [gone]
    told = "\n".join(answer["notes"])
    assert all(word in told for word in (role["RoleName"], gone, "role mappings", "former.example.com"))


@pytest.mark.slow
def test_a_policy_of_aws_decides_by_the_document_that_was_read(lab: RunningSandbox, document: Document) -> None:
    document, number = elsewhere(document, "494949494949"), "494949494949"
    newest = "arn:aws:iam::aws:policy/NewerThanThisSandbox"
    allowed = {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}
    body = {"Version": "2012-10-17", "Statement": [allowed]}
    document["policies"].append({"Arn": newest, "PolicyName": "NewerThanThisSandbox", "PolicyDocument": body})
    guests = next(role for role in document["iamRoles"] if role["RoleName"] == "Guests")
    guests["AttachedPolicies"] = [newest]
    answer = take(lab, document)
    place = Place(lab, answer["SecretAccessKey"], replace(_named(document), account=number))
    public, sts = lab.anonymous("cognito-identity"), lab.anonymous("sts")
    guest = public.get_id(IdentityPoolId=answer["pool"])["IdentityId"]
    keys = sts.assume_role_with_web_identity(
        RoleArn=place.pool.role_arn("Guests"),
        RoleSessionName="app",
        WebIdentityToken=public.get_open_id_token(IdentityId=guest)["Token"],
    )["Credentials"]
    session = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretAccessKey"], "token": keys["SessionToken"]}
    assert lab.client("iam", **session).list_roles()["Roles"]
    assert place.client("iam").get_policy(PolicyArn=newest)["Policy"]["PolicyName"] == "NewerThanThisSandbox"
    with pytest.raises(ClientError):
        lab.client("iam").get_policy(PolicyArn=newest)  # other accounts know AWS's policies as they always did


def test_a_user_pool_that_could_not_be_read_is_there_by_its_ids(lab: RunningSandbox, document: Document) -> None:
    document, number = elsewhere(document, "505050505050"), "505050505050"
    (user_pool,) = document["userPools"]
    user_pool |= {"Settings": {}, "Groups": []}
    user_pool["Clients"][0] |= {"Settings": {}, "HasSecret": False}
    answer = take(lab, document)
    place = Place(lab, answer["SecretAccessKey"], replace(_named(document), account=number))
    logins = place.logins(place.pool.user_pool_name)
    assert lab.anonymous("cognito-identity").get_id(IdentityPoolId=answer["pool"], Logins=logins)


def _named(document: Document) -> RealPool:
    (user_pool,), pool = document["userPools"], document["identityPool"]
    client, (saml,) = user_pool["Clients"][0]["ClientId"], pool["SamlProviderARNs"]
    oidc = pool["OpenIdConnectProviderARNs"][0]
    return RealPool(document["account"], pool["IdentityPoolId"], user_pool["Id"], client, oidc, saml)


# --- Refusals ---------------------------------------------------------------------------------------------------------


def _at(*path: Any, value: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        holder: Any = document
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value

    return change


BROKEN = {
    "another format": (_at("format", value="identity-pool/9"), "format identity-pool/1"),
    "a section missing": (_at("iamRoles", value=None), "'iamRoles'"),
    "an entry of the wrong kind": (_at("policies", value=["x"]), "'policies'"),
    "another region": (_at("region", value="eu-west-1"), "do not fit"),
    "another account's number": (_at("account", value="12"), "do not fit"),
    "a pool ID that is none": (_at("identityPool", "IdentityPoolId", value="us-east-1:x"), "do not fit"),
    "a user pool ID that is none": (_at("userPools", 0, "Id", value="x"), "user pool"),
    "a client twice": (
        lambda document: document["userPools"][0]["Clients"].append(document["userPools"][0]["Clients"][0]),
        "twice",
    ),
    "a role of another account": (
        _at("roles", "Roles", "authenticated", value="arn:aws:iam::111111111111:role/x"),
        "The roles cannot be imported",
    ),
    "a role name that is none": (_at("iamRoles", 1, "RoleName", value="a b"), "The role a b"),
    "a trust policy that is none": (_at("iamRoles", 0, "AssumeRolePolicyDocument", value={}), "The role "),
    "a policy that is none": (_at("iamRoles", 0, "InlinePolicies", value={"p": {"Statement": 1}}), "policy p"),
    "a policy that is not there": (_at("iamRoles", 0, "AttachedPolicies", value=["arn:aws:iam::aws:policy/no"]), "no"),
    "metadata that are none": (_at("samlProviders", 0, "SAMLMetadataDocument", value="x" * 1000), "SAML provider Acme"),
    "a provider of another account": (
        _at("identityPool", "SamlProviderARNs", value=["arn:aws:iam::111111111111:saml-provider/x"]),
        "The identity pool cannot be imported",
    ),
    "a URL that is none": (_at("openIdConnectProviders", 0, "Url", value="a b"), "OpenID Connect provider"),
    "a pool name that is none": (_at("identityPool", "IdentityPoolName", value=7), "The identity pool"),
    "a group that is none": (_at("userPools", 0, "Groups", value=[{"GroupName": ""}]), "group"),
    "tags that are none": (_at("principalTags", 0, "PrincipalTags", value=[]), "PrincipalTags"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_such_pool_is_refused_with_its_place(lab: RunningSandbox, document: Document, name: str) -> None:
    document = elsewhere(document)
    change, word = BROKEN[name]
    change(document)
    code, sentence = refusal(lab, document)
    assert code == "ValidationException"
    assert word in sentence


def test_a_document_of_nothing_is_refused(lab: RunningSandbox) -> None:
    for nothing in ({}, {"format": "identity-pool/1"}):
        assert refusal(lab, nothing)[0] == "ValidationException"
    assert refusal(lab, [])[0] == "ValidationException"


def test_a_legacy_role_is_refused_where_its_policy_was_never_one(lab: RunningSandbox, document: Document) -> None:
    document = elsewhere(document)
    trust = json.loads(trust_of("x", "authenticated"))
    trust["Statement"][0]["Resource"] = "*"
    document["iamRoles"][0]["AssumeRolePolicyDocument"] = trust
    assert "prohibited field" in refusal(lab, document)[1]


def test_a_policy_of_aws_that_cannot_be_read_is_left_to_what_is_known_of_it(
    lab: RunningSandbox, document: Document
) -> None:
    document = elsewhere(document, "585858585858")
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    next(policy for policy in document["policies"] if policy["Arn"] == arn)["PolicyDocument"] = {"Statement": 7}
    answer = take(lab, document)
    assert any(arn in note for note in answer["notes"])
    copy = Place(lab, answer["SecretAccessKey"], _named(document))
    (kept,) = [one for one in read_pool(copy.clients(), answer["pool"])["policies"] if one["Arn"] == arn]
    assert kept["PolicyDocument"]["Statement"][0]["Effect"] == "Allow"


def test_an_account_with_an_imported_pool_goes_on_in_another_sandbox(
    lab: RunningSandbox, aws: RunningSandbox, document: Document
) -> None:
    document = elsewhere(document, "595959595959")
    take(lab, document)
    moved = aws.take(lab.export("595959595959"))
    there = Place(aws, moved["SecretAccessKey"], _named(document))
    logins = there.logins(ISSUER, claims={"department": "staff"})
    assert aws.anonymous("cognito-identity").get_id(IdentityPoolId=there.pool.pool_id, Logins=logins)
    assert [one["account"] for one in aws.switch("pools", method="GET")["pools"]] == ["595959595959"]


def test_a_reset_ends_what_was_imported(lab: RunningSandbox, document: Document) -> None:
    document = elsewhere(document, "606060606060")
    take(lab, document)
    lab.switch("accounts", {"action": "reset", "account": "606060606060"})
    assert "606060606060" not in {one["account"] for one in lab.switch("pools", method="GET")["pools"]}
    assert refusal(lab, document)[0] == "ResourceConflictException"
    lab.switch("accounts", {"action": "remove", "account": "606060606060"})
    assert take(lab, document)["imported"]


def test_a_permissions_boundary_limits_whoever_has_the_role(lab: RunningSandbox, document: Document) -> None:
    document = elsewhere(document, "616161616161")
    copy = Place(lab, take(lab, document)["SecretAccessKey"], _named(document))
    logins = copy.logins(copy.pool.user_pool_name, claims={"cognito:groups": ["editors"]})
    public = lab.anonymous("cognito-identity")
    identity = public.get_id(IdentityPoolId=copy.pool.pool_id, Logins=logins)["IdentityId"]
    keys = public.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    session = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretKey"], "token": keys["SessionToken"]}
    ssm = lab.client("ssm", **session)
    with pytest.raises(ClientError) as error:
        ssm.get_parameter(Name="/shop/theme")
    assert refused(error.value)[1] == "ParameterNotFound"  # it may, and there is none
    readers = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    copy.client("iam").put_role_permissions_boundary(RoleName="Editors", PermissionsBoundary=readers)
    with pytest.raises(ClientError) as error:
        ssm.get_parameter(Name="/shop/theme")
    assert "because no permissions boundary allows the ssm:GetParameter action" in refused(error.value)[2]
    assert decisions_of(error.value.response)[-1]["code"] == "policy.boundary"
