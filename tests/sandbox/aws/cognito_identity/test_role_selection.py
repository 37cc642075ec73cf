"""Role mappings and principal tags in the enhanced flow."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.issuers import CLIENT, USER_POOL
from tests.sandbox.lab import Lab, allow, refused, trust

KEY = f"{USER_POOL}:{CLIENT}"


class Mapped:
    """A pool whose user pool has a role mapping, and three roles to map to."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.pool_id = lab.pool()
        self.roles = {name: lab.role(name, trust(self.pool_id), allow("*")) for name in ("Admin", "Editor", "Viewer")}

    def map(self, mapping: dict[str, Any], key: str = KEY) -> None:
        roles = self.lab.pools.get_identity_pool_roles(IdentityPoolId=self.pool_id)["Roles"]
        self.lab.pools.set_identity_pool_roles(IdentityPoolId=self.pool_id, Roles=roles, RoleMappings={key: mapping})

    def rules(self, *rules: tuple[str, str, str, str], ambiguous: str = "Deny") -> None:
        written = [
            {"Claim": claim, "MatchType": match, "Value": value, "RoleARN": self.roles[role]}
            for claim, match, value, role in rules
        ]
        configuration = {"Rules": written}
        self.map({"Type": "Rules", "AmbiguousRoleResolution": ambiguous, "RulesConfiguration": configuration})

    def role(self, custom: str | None = None, **claims: Any) -> str:
        """The name of the role that a user with these claims gets."""
        logins = {USER_POOL: self.lab.user_pool.token(**claims)}
        identity_id = self.lab.public.get_id(IdentityPoolId=self.pool_id, Logins=logins)["IdentityId"]
        more = {"CustomRoleArn": self.roles[custom]} if custom else {}
        answer = self.lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins=logins, **more)
        arn = self.lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Arn"]
        return str(arn.split("/")[1]).partition("-")[0]

    def refusal(self, custom: str | None = None, **claims: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as error:
            self.role(custom, **claims)
        return refused(error.value)[1:]


@pytest.fixture
def mapped(lab: Lab) -> Mapped:
    return Mapped(lab)


def test_without_a_mapping_the_authenticated_role(mapped: Mapped) -> None:
    assert mapped.role() == "authenticated"


def test_a_custom_role_without_a_mapping_is_refused(mapped: Mapped) -> None:
    assert mapped.refusal("Admin")[0] == "NotAuthorizedException"


def test_token_takes_the_preferred_role_and_allows_a_choice(mapped: Mapped) -> None:
    mapped.map({"Type": "Token", "AmbiguousRoleResolution": "Deny"})
    claims: dict[str, Any] = {
        "cognito:preferred_role": mapped.roles["Admin"],
        "cognito:roles": [mapped.roles["Admin"], mapped.roles["Editor"]],
    }
    assert mapped.role(**claims) == "Admin"
    assert mapped.role("Editor", **claims) == "Editor"
    assert mapped.refusal("Viewer", **claims)[0] == "NotAuthorizedException"


def test_token_roles_may_be_one_string(mapped: Mapped) -> None:
    mapped.map({"Type": "Token", "AmbiguousRoleResolution": "Deny"})
    both = f"{mapped.roles['Admin']},{mapped.roles['Editor']}"
    assert mapped.role("Editor", **{"cognito:roles": both}) == "Editor"


def test_token_without_a_preferred_role_is_ambiguous(mapped: Mapped) -> None:
    mapped.map({"Type": "Token", "AmbiguousRoleResolution": "Deny"})
    message = f"The ambiguous role mapping rules for: {KEY} denied this request."
    assert mapped.refusal() == ("NotAuthorizedException", message)
    mapped.map({"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"})
    assert mapped.role() == "authenticated"


@pytest.mark.parametrize(
    ("match", "value", "claim", "matches"),
    [
        ("Equals", "Sales", "Sales", True),
        ("Equals", "Sales", "sales", False),
        ("Equals", "Sales", None, False),
        ("StartsWith", "Sa", "Sales", True),
        ("StartsWith", "al", "Sales", False),
        ("Contains", "ale", "Sales", True),
        ("Contains", "ales", ["HR", "Sales"], True),
        ("Contains", "x", ["HR", "Sales"], False),
        ("Contains", "*", "Sales", False),
        ("NotEqual", "free", "paid", True),
        ("NotEqual", "free", "free", False),
        ("NotEqual", "free", None, False),
        ("NotEqual", "free", ["paid", "free"], False),
        ("Equals", "true", True, True),
        ("Equals", "7", 7, True),
    ],
)
def test_rules(mapped: Mapped, match: str, value: str, claim: Any, matches: bool) -> None:
    mapped.rules(("custom:dept", match, value, "Admin"))
    claims = {"custom:dept": claim}
    if matches:
        assert mapped.role(**claims) == "Admin"
    else:
        assert "ambiguous role mapping rules" in mapped.refusal(**claims)[1]


def test_the_first_rule_wins_and_a_choice_overrides_the_order(mapped: Mapped) -> None:
    mapped.rules(
        ("custom:dept", "Equals", "Sales", "Editor"),
        ("custom:dept", "StartsWith", "S", "Admin"),
        ("custom:dept", "Equals", "HR", "Viewer"),
    )
    assert mapped.role(**{"custom:dept": "Sales"}) == "Editor"
    assert mapped.role("Admin", **{"custom:dept": "Sales"}) == "Admin"
    assert mapped.refusal("Viewer", **{"custom:dept": "Sales"})[0] == "NotAuthorizedException"


def test_a_mapping_closes_the_basic_flow_to_that_provider_only(mapped: Mapped) -> None:
    mapped.map({"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"})
    lab = mapped.lab
    logins = {USER_POOL: lab.user_pool.token()}
    identity_id = lab.public.get_id(IdentityPoolId=mapped.pool_id, Logins=logins)["IdentityId"]
    with pytest.raises(ClientError) as error:
        lab.public.get_open_id_token(IdentityId=identity_id, Logins=logins)
    message = "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."
    assert refused(error.value) == (400, "InvalidParameterException", message)
    assert lab.public.get_open_id_token(IdentityId=lab.guest(mapped.pool_id))["Token"]


@pytest.mark.parametrize(
    ("mapping", "key", "expected"),
    [
        ({"Type": "Token", "AmbiguousRoleResolution": "Deny"}, USER_POOL, "is not a valid RoleMapping ProviderName"),
        ({"Type": "Token", "AmbiguousRoleResolution": "Deny"}, f"https://{KEY}", "is not a valid RoleMapping"),
        ({"Type": "Token"}, KEY, "AmbiguousRoleResolution is required"),
        ({"Type": "Rules", "AmbiguousRoleResolution": "Deny"}, KEY, "RulesConfiguration is required"),
    ],
)
def test_a_mapping_that_cannot_be_set(mapped: Mapped, mapping: dict[str, Any], key: str, expected: str) -> None:
    with pytest.raises(ClientError) as error:
        mapped.map(mapping, key)
    status, code, message = refused(error.value)
    assert (status, code) == (400, "InvalidParameterException")
    assert expected in message


@pytest.mark.parametrize(
    "value", ["x" * 20, "arn:aws:iam::999999999999:role/Foreign", "arn:aws:iam::ROOT:user/Somebody"]
)
def test_what_is_no_role_of_the_account(mapped: Mapped, value: str) -> None:
    with pytest.raises(ClientError) as error:
        mapped.lab.pools.set_identity_pool_roles(IdentityPoolId=mapped.pool_id, Roles={"authenticated": value})
    assert refused(error.value) == (400, "NotAuthorizedException", f"Access to Role '{value}' is forbidden.")


# --- principal tags ---


def tagged_pool(lab: Lab, **tag_map: Any) -> tuple[str, str]:
    """A pool with a tag map for the user pool, and a role that may read what its tag names."""
    pool_id = lab.pool(roles=False)
    policy = allow("iam:GetRole", resource=f"arn:aws:iam::{lab.account}:role/${{aws:PrincipalTag/dept}}")
    actions = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
    role = lab.role("Tagged", trust(pool_id, actions=actions), policy)
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": role})
    lab.pools.set_principal_tag_attribute_map(IdentityPoolId=pool_id, IdentityProviderName=USER_POOL, **tag_map)
    return pool_id, role


def credentials(lab: Lab, pool_id: str, **claims: Any) -> dict[str, Any]:
    logins = {USER_POOL: lab.user_pool.token(**claims)}
    identity_id = lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    answer = lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)
    return dict(answer["Credentials"])


def test_a_mapped_claim_becomes_a_tag_that_policies_see(lab: Lab) -> None:
    pool_id, _ = tagged_pool(lab, PrincipalTags={"dept": "custom:dept"})
    allowed = lab.with_credentials("iam", credentials(lab, pool_id, **{"custom:dept": "Tagged"}))
    assert allowed.get_role(RoleName="Tagged")["Role"]["RoleName"] == "Tagged"
    for claims in ({"custom:dept": "Other"}, {}):
        with pytest.raises(ClientError) as error:
            lab.with_credentials("iam", credentials(lab, pool_id, **claims)).get_role(RoleName="Tagged")
        assert refused(error.value)[:2] == (403, "AccessDenied")


def test_tags_need_the_trust_for_them(lab: Lab) -> None:
    pool_id, role = tagged_pool(lab, PrincipalTags={"dept": "custom:dept"})
    import json

    lab.iam.update_assume_role_policy(RoleName="Tagged", PolicyDocument=json.dumps(trust(pool_id)))
    with pytest.raises(ClientError) as error:
        credentials(lab, pool_id, **{"custom:dept": "Tagged"})
    assert refused(error.value)[1] == "InvalidIdentityPoolConfigurationException"
    assert credentials(lab, pool_id)["AccessKeyId"]
    logins = {USER_POOL: lab.user_pool.token(**{"custom:dept": "Tagged"})}
    identity_id = lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    token = lab.public.get_open_id_token(IdentityId=identity_id, Logins=logins)["Token"]
    with pytest.raises(ClientError) as error:
        lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="tags", WebIdentityToken=token)
    assert refused(error.value) == (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_tag_maps_are_read_back(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    about = {"IdentityPoolId": pool_id, "IdentityProviderName": USER_POOL}
    lab.pools.set_principal_tag_attribute_map(**about, PrincipalTags={"a": "b"})
    read = lab.pools.get_principal_tag_attribute_map(**about)
    assert (read["UseDefaults"], read["PrincipalTags"]) == (False, {"a": "b"})
    lab.pools.set_principal_tag_attribute_map(**about, UseDefaults=True)
    assert lab.pools.get_principal_tag_attribute_map(**about)["UseDefaults"] is True
    with pytest.raises(ClientError) as error:
        lab.pools.set_principal_tag_attribute_map(
            IdentityPoolId=pool_id, IdentityProviderName="other", UseDefaults=True
        )
    assert refused(error.value)[1] == "InvalidParameterException"
