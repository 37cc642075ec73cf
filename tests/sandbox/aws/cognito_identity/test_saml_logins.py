"""SAML responses as logins; test_saml_attacks.py has what attackers do to them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.cognito_identity.logins.saml_login import saml_roles
from sandbox.aws.saml import ROLE_ATTRIBUTE, Assertion
from tests.sandbox.lab import COGNITO, Lab, allow, decisions_of, refused, trust
from tests.sandbox.saml_idp import SamlIdp, encode

IDP = SamlIdp()
NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"


@pytest.fixture
def provider(lab: Lab) -> str:
    made = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)
    return str(made["SAMLProviderArn"])


@pytest.fixture
def pool_id(lab: Lab, provider: str) -> str:
    return lab.pool(SamlProviderARNs=[provider])


def get_id(lab: Lab, pool_id: str, provider: str, response: str) -> str:
    return str(lab.public.get_id(IdentityPoolId=pool_id, Logins={provider: response})["IdentityId"])


def refusal(lab: Lab, pool_id: str, provider: str, response: str) -> str:
    with pytest.raises(ClientError) as error:
        get_id(lab, pool_id, provider, response)
    status, code, message = refused(error.value)
    assert (status, code) == (400, "NotAuthorizedException")
    assert decisions_of(error.value.response)[-1]["verdict"] == "deny"
    return message


@pytest.mark.parametrize("sign", ["assertion", "response", "both"])
def test_a_signed_response_is_a_login(lab: Lab, pool_id: str, provider: str, sign: str) -> None:
    first = get_id(lab, pool_id, provider, IDP.response(name_id="ana", sign=sign))
    assert get_id(lab, pool_id, provider, IDP.response(name_id="ana")) == first
    assert get_id(lab, pool_id, provider, IDP.response(name_id="ben")) != first


def test_a_response_is_spent_once_for_each_operation(lab: Lab, pool_id: str, provider: str) -> None:
    role = lab.role("SamlRole", trust(pool_id), allow("*"))
    response = IDP.response(roles=((role, provider),))
    identity_id = get_id(lab, pool_id, provider, response)
    answer = lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins={provider: response})
    assert lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Arn"].split("/")[1] == "SamlRole"
    assert "already been used" in refusal(lab, pool_id, provider, response)
    with pytest.raises(ClientError) as error:
        lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins={provider: response})
    assert refused(error.value)[1] == "NotAuthorizedException"


def test_the_basic_flow_refuses_saml_and_spends_nothing(lab: Lab, pool_id: str, provider: str) -> None:
    response = IDP.response()
    identity_id = get_id(lab, pool_id, provider, response)
    with pytest.raises(ClientError) as error:
        lab.public.get_open_id_token(IdentityId=identity_id, Logins={provider: response})
    message = "Basic (classic) flow is not supported with SAML, please use enhanced flow."
    assert refused(error.value) == (400, "InvalidParameterException", message)
    assert lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins={provider: response})["Credentials"]


def test_several_roles_need_a_choice_among_them(lab: Lab, pool_id: str, provider: str) -> None:
    roles = [lab.role(name, trust(pool_id), allow("*")) for name in ("A", "B", "C")]
    offered = tuple((role, provider) for role in roles[:2])
    identity_id = get_id(lab, pool_id, provider, IDP.response())

    def credentials(**choice: str) -> str:
        logins = {provider: IDP.response(roles=offered)}
        answer = lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins=logins, **choice)
        return str(lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Arn"].split("/")[1])

    assert credentials(CustomRoleArn=roles[1]) == "B"
    for choice in ({}, {"CustomRoleArn": roles[2]}):
        with pytest.raises(ClientError) as error:
            credentials(**choice)
        assert refused(error.value)[1] == "NotAuthorizedException"


def test_a_role_may_trust_the_saml_provider_instead(lab: Lab, pool_id: str, provider: str) -> None:
    policy = trust(pool_id)
    statement = policy["Statement"][0]
    statement["Principal"] = {"Federated": provider}
    statement["Action"] = "sts:AssumeRoleWithSAML"
    statement["Condition"] = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    role = lab.role("TrustsSaml", policy, allow("*"))
    assert COGNITO not in str(policy)
    response = IDP.response(roles=((role, provider),))
    identity_id = get_id(lab, pool_id, provider, response)
    assert lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins={provider: response})["Credentials"]


def test_the_pools_own_audience_is_accepted(lab: Lab, pool_id: str, provider: str) -> None:
    assert get_id(lab, pool_id, provider, IDP.response(audience=f"urn:amazon:cognito:sp:{pool_id}"))


@pytest.mark.parametrize("audience", [None, "urn:amazon:cognito:sp:us-east-1:another", "https://app.example/saml"])
def test_an_audience_that_is_missing_or_foreign(lab: Lab, pool_id: str, provider: str, audience: str | None) -> None:
    assert "required audience" in refusal(lab, pool_id, provider, IDP.response(audience=audience))


@pytest.mark.parametrize(("seconds", "not_before"), [(-1, -60), (None, -60), (300, 120)])
def test_a_time_that_is_over_unlimited_or_to_come(
    lab: Lab, pool_id: str, provider: str, seconds: int | None, not_before: int
) -> None:
    assert refusal(lab, pool_id, provider, IDP.response(seconds=seconds, not_before=not_before))


def test_a_foreign_issuer(lab: Lab, pool_id: str, provider: str) -> None:
    message = refusal(lab, pool_id, provider, IDP.response(issuer="https://elsewhere.example"))
    assert "Issuer not present in specified provider" in message


def test_a_provider_that_is_not_the_pools(lab: Lab, provider: str) -> None:
    message = "Token is not from a supported provider of this identity pool."
    assert refusal(lab, lab.pool(roles=False), provider, IDP.response()) == message


def test_a_comment_does_not_cut_a_name_in_two(lab: Lab, pool_id: str, provider: str) -> None:
    whole = get_id(lab, pool_id, provider, IDP.response(name_id="ana@corp.example.evil.example"))
    cut = IDP.tree(name_id="ana@corp.example", inner="<!-- x -->.evil.example")
    assert get_id(lab, pool_id, provider, encode(cut)) == whole


@pytest.mark.parametrize(
    ("wishes", "code", "told"),
    [
        ({"seconds": -1}, "login.expiry", "Token expired: "),
        ({"seconds": None}, "login.claims", "The assertion has no NotOnOrAfter."),
        ({"not_before": 120}, "login.not_before", "The assertion is not yet valid."),
        ({"issuer": "https://elsewhere.example"}, "login.issuer", "Issuer not present in specified provider."),
        ({"audience": None}, "login.audience", "Response does not contain the required audience."),
        ({"sign": "none"}, "login.signature", "Response signature invalid"),
    ],
)
def test_a_refusal_is_one_sentence_and_one_check(
    lab: Lab, pool_id: str, provider: str, wishes: dict[str, Any], code: str, told: str
) -> None:
    with pytest.raises(ClientError) as error:
        get_id(lab, pool_id, provider, IDP.response(**wishes))
    assert refused(error.value)[2].startswith(f"Invalid login token. {told}")
    denied = [entry["code"] for entry in decisions_of(error.value.response) if entry["verdict"] == "deny"]
    assert denied == [code]


def test_a_clock_that_is_a_little_ahead_is_tolerated(lab: Lab, pool_id: str, provider: str) -> None:
    assert get_id(lab, pool_id, provider, IDP.response(not_before=50))


def test_a_pool_without_providers_matches_no_response(lab: Lab, provider: str) -> None:
    pool_id = lab.pool(roles=False, CognitoIdentityProviders=[])
    assert refusal(lab, pool_id, provider, IDP.response()).startswith("Logins don't match.")


@pytest.mark.parametrize(("attributes", "client"), [({NAME: ["Ana", "A."]}, "Ana"), ({}, None)])
def test_the_default_tags_of_a_response(
    lab: Lab, pool_id: str, provider: str, attributes: dict[str, list[str]], client: str | None
) -> None:
    """`client` is the attribute for the name, and no tag where the assertion has none."""
    resources = [f"arn:aws:iam::{lab.account}:role/${{aws:PrincipalTag/{tag}}}" for tag in ("client", "username")]
    actions = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
    role = lab.role("Tagged", trust(pool_id, actions=actions), allow("iam:GetRole", resource=resources))
    for name in ("Ana", "ana-id", "A."):
        lab.role(name, trust(pool_id))
    lab.pools.set_principal_tag_attribute_map(IdentityPoolId=pool_id, IdentityProviderName=provider, UseDefaults=True)

    def made() -> str:
        return IDP.response(name_id="ana-id", roles=((role, provider),), attributes=attributes)

    identity_id = get_id(lab, pool_id, provider, made())
    answer = lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins={provider: made()})
    iam = lab.with_credentials("iam", answer["Credentials"])
    readable = []
    for name in ("Ana", "ana-id", "A."):
        try:
            readable.append(iam.get_role(RoleName=name)["Role"]["RoleName"])
        except ClientError as error:
            readable.append(refused(error)[1])
    assert readable == [client or "AccessDenied", "ana-id", "AccessDenied"]


def test_an_attribute_is_a_claim_with_one_value_or_several(lab: Lab, pool_id: str, provider: str) -> None:
    """Rules compare one value; a list of several is none of them."""
    chosen = lab.role("Chosen", trust(pool_id), allow("*"))
    rule = {"Claim": "team", "MatchType": "Equals", "Value": "red", "RoleARN": chosen}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [rule]}}
    defaults = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=defaults, RoleMappings={provider: mapping})
    response = IDP.response(attributes={"team": ["red"]})
    identity_id = get_id(lab, pool_id, provider, response)
    answer = lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins={provider: response})
    assert "/Chosen/" in lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Arn"]


def test_a_role_is_offered_by_a_pair_in_either_order_and_by_nothing_else() -> None:
    role, provider = "arn:aws:iam::1:role/R", "arn:aws:iam::1:saml-provider/P"
    values = [f"{role},{provider}", f" {provider} , {role}2", f"{role}3", f"{role}4,{role}5", f"{role}6,{provider},x"]
    assertion = Assertion("_1", "i", "n", "", [], None, None, [], {ROLE_ATTRIBUTE: values})
    assert saml_roles(assertion, provider) == [role, f"{role}2"]


@pytest.mark.parametrize("text", ["not base64!", "ä", "a"])
def test_what_is_not_base64(lab: Lab, pool_id: str, provider: str, text: str) -> None:
    assert refusal(lab, pool_id, provider, text)
