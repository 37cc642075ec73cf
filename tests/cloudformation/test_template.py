"""`deploy/cloudformation.yaml`: clean, complete, and everything that it says is there once it is deployed."""

import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file

from flows.exchange.pool import Pool
from flows.exchange.pool_facts import AccountReader
from flows.pages.pools.who_gets_in import who_gets_in
from tests import ROOT
from tests.cloudformation.conftest import NewStack
from tests.cloudformation.deployer import Change, Deployer, DeployFailed
from tests.cloudformation.template import Template, TemplateError
from tests.sandbox.saml_idp import SamlIdp
from tests.test_docs import names_in_settings

FILE = ROOT / "deploy" / "cloudformation.yaml"
COGNITO = "cognito-identity.amazonaws.com"


def setting_of(output: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", output).upper()


def test_cfn_lint_finds_nothing() -> None:
    assert lint_file(Path(FILE)) == []


def test_it_is_small_enough_to_be_sent_without_a_bucket() -> None:
    assert len(FILE.read_bytes()) <= 51_200


def test_each_output_is_a_setting(template: Template) -> None:
    assert {setting_of(name) for name in template.outputs} - names_in_settings() == set()


def test_each_parameter_is_described_and_used(template: Template) -> None:
    text = FILE.read_text()
    for name, declared in template.parameters.items():
        assert declared.get("Description") or name.startswith("SamlMetadata"), name
        assert re.search(rf"!Ref {name}\b|\$\{{{name}\}}", text), name


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"OidcIssuer": "https://login.example"}, "OidcIssuer needs OidcClientId"),
        ({"PublicUrl": "http://lab.example"}, "PublicUrl"),
        ({"PublicUrl": "http://127.0.0.1:8000"}, "PublicUrl"),
        ({"RoleChoice": "whatever"}, "RoleChoice"),
        ({"Unknown": "x"}, "do not exist in the template"),
    ],
)
def test_parameters_that_cannot_work_are_refused(
    new_stack: NewStack, template: Template, parameters: dict[str, str], told: str
) -> None:
    deployer = new_stack()
    with pytest.raises(TemplateError, match=told):
        deployer.deploy(template, parameters)
    assert deployer.resources == {}


def test_both_switches_are_written_down(stack: Deployer) -> None:
    pool = described_pool(stack)
    assert (pool["AllowUnauthenticatedIdentities"], pool["AllowClassicFlow"]) == (True, True)
    assert pool["IdentityPoolTags"] == {"identity-pools-lab": "lab"}
    (source,) = pool["CognitoIdentityProviders"]
    assert source["ProviderName"] == f"cognito-idp.us-east-1.amazonaws.com/{stack.outputs['CognitoUserPoolId']}"
    assert (source["ClientId"], source["ServerSideTokenCheck"]) == (stack.outputs["CognitoAppClientId"], True)


def test_people_cannot_write_what_roles_and_tags_are_chosen_by(stack: Deployer) -> None:
    named = {"UserPoolId": stack.outputs["CognitoUserPoolId"], "ClientId": stack.outputs["CognitoAppClientId"]}
    client = stack.client_of("cognito-idp").describe_user_pool_client(**named)["UserPoolClient"]
    assert sorted(client["WriteAttributes"]) == ["email", "family_name", "given_name", "name"]
    assert "custom:department" in client["ReadAttributes"]
    assert "ClientSecret" not in client


def test_the_login_has_a_domain_of_its_own_and_a_style(stack: Deployer) -> None:
    api, named = stack.client_of("cognito-idp"), {"UserPoolId": stack.outputs["CognitoUserPoolId"]}
    domain = api.describe_user_pool_domain(Domain=stack.outputs["CognitoDomain"])["DomainDescription"]
    assert (domain["UserPoolId"], domain["ManagedLoginVersion"]) == (named["UserPoolId"], 2)
    style = api.describe_managed_login_branding_by_client(**named, ClientId=stack.outputs["CognitoAppClientId"])
    assert style["ManagedLoginBranding"]["UseCognitoProvidedValues"] is True


def test_roles_let_in_whom_they_are_for_and_nobody_else(stack: Deployer) -> None:
    rows = {
        row.caller.key: {cell.role.name.split("-")[1]: cell for cell in row.cells} for row in who_gets_in(*facts(stack))
    }
    let_in = {key: {name for name, cell in cells.items() if cell.gets_in} for key, cells in rows.items()}
    assert let_in == {
        "guest-enhanced": {"GuestRole"},
        "guest-basic": {"GuestRole"},
        "user-enhanced": {"AuthenticatedRole", "EngineersRole"},
        "user-basic": set(),  # a provider with a role mapping is refused the basic flow
        "user-tagged": set(),
        "foreign-user": set(),
        "foreign-guest": set(),
    }


def test_trust_policies_ask_for_this_pool_and_let_only_those_tag_who_have_tags(stack: Deployer) -> None:
    iam, pool_id = stack.client_of("iam"), stack.outputs["CognitoIdentityPoolId"]
    actions = {}
    for logical in ("GuestRole", "AuthenticatedRole", "EngineersRole"):
        role = iam.get_role(RoleName=stack.resources[logical].made.physical_id)["Role"]
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Condition"]["StringEquals"] == {f"{COGNITO}:aud": pool_id}
        actions[logical] = statement["Action"]
    tagging = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    assert actions == {
        "GuestRole": "sts:AssumeRoleWithWebIdentity",
        "AuthenticatedRole": tagging,
        "EngineersRole": tagging,
    }


def test_the_mapping_stands_under_the_name_of_the_provider(stack: Deployer) -> None:
    found = roles_of(stack)
    user_pool, client = stack.outputs["CognitoUserPoolId"], stack.outputs["CognitoAppClientId"]
    key = f"cognito-idp.us-east-1.amazonaws.com/{user_pool}:{client}"
    assert found["RoleMappings"] == {key: {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}}
    assert found["Roles"]["unauthenticated"] == stack.outputs["UnauthenticatedRoleArn"]


def test_buckets_are_closed_to_the_public_and_encrypted(stack: Deployer) -> None:
    s3 = stack.client_of("s3")
    for bucket in (stack.outputs["SampleBucket"], stack.outputs["SamplePrivateBucket"]):
        assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]


def test_everything_that_can_be_tagged_names_the_stack(stack: Deployer) -> None:
    of, made = stack.client_of, {name: kept.made for name, kept in stack.resources.items()}
    s3, dynamodb, iam = of("s3"), of("dynamodb"), of("iam")
    tag = {"Key": "identity-pools-lab", "Value": "lab"}
    for bucket in ("SampleBucket", "PrivateBucket"):
        assert s3.get_bucket_tagging(Bucket=made[bucket].physical_id)["TagSet"] == [tag]
    for table in ("SampleTable", "NotesTable"):
        assert dynamodb.list_tags_of_resource(ResourceArn=made[table].attributes["Arn"])["Tags"] == [tag]
    for role in ("GuestRole", "AuthenticatedRole", "EngineersRole"):
        assert iam.list_role_tags(RoleName=made[role].physical_id)["Tags"] == [tag]
    for policy in ("SamplesPolicy", "OwnPolicy"):
        assert iam.list_policy_tags(PolicyArn=made[policy].physical_id)["Tags"] == [tag]
    user_pool = of("cognito-idp").describe_user_pool(UserPoolId=made["UserPool"].physical_id)["UserPool"]
    assert user_pool["UserPoolTags"] == {"identity-pools-lab": "lab"}
    named = {"ResourceType": "Parameter", "ResourceId": made["GreetingParameter"].physical_id}
    assert of("ssm").list_tags_for_resource(**named)["TagList"] == [tag]


def test_a_second_provider_of_each_kind_comes_by_parameters(new_stack: NewStack) -> None:
    document = SamlIdp().metadata.replace("<!-- ", "<!-- " + "y" * 4000)
    stack = new_stack(
        {
            "OidcIssuer": "https://login.example/tenant",
            "OidcClientId": "lab",
            "DeveloperProviderName": "login.example.app",
            **saml_pieces(document),
        }
    )
    pool, iam = described_pool(stack), stack.client_of("iam")
    (oidc,), (saml,) = pool["OpenIdConnectProviderARNs"], pool["SamlProviderARNs"]
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc)["ClientIDList"] == ["lab"]
    assert iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == document
    assert pool["DeveloperProviderName"] == stack.outputs["DeveloperProviderName"] == "login.example.app"
    assert stack.outputs["SamlProviderArn"] == saml
    stack.remove()
    assert everything_in(stack) == []


def test_an_update_changes_what_it_says_and_no_more(new_stack: NewStack, template: Template) -> None:
    stack = new_stack({})
    before = stack.outputs
    parameters = {"GuestAccess": "false", "RoleChoice": "rules"}
    assert [(change.action, change.logical, change.replacement) for change in stack.changes(template, parameters)] == [
        ("Modify", "IdentityPool", False),
        ("Modify", "Roles", False),
        ("Remove", "GuestRole", False),
    ]
    stack.deploy(template, parameters)
    assert described_pool(stack)["AllowUnauthenticatedIdentities"] is False
    assert "unauthenticated" not in roles_of(stack)["Roles"]
    ((_, mapping),) = roles_of(stack)["RoleMappings"].items()
    assert mapping["RulesConfiguration"]["Rules"][0]["RoleARN"].endswith(
        stack.resources["EngineersRole"].made.physical_id
    )
    assert stack.outputs == {name: value for name, value in before.items() if name != "UnauthenticatedRoleArn"}
    assert stack.changes(template, parameters) == []


def test_what_cannot_change_in_place_is_replaced(new_stack: NewStack, template: Template) -> None:
    stack = new_stack({})
    domain = Change("Modify", "UserPoolDomain", "AWS::Cognito::UserPoolDomain", stack.outputs["CognitoDomain"], True)
    assert stack.changes(template, {"DomainPrefix": "another-prefix"}) == [domain]


def test_what_fails_is_rolled_back(new_stack: NewStack, template: Template) -> None:
    first, failed = new_stack({}), new_stack()
    with pytest.raises(DeployFailed, match=r"UserPoolDomain.*already associated"):
        failed.deploy(template, {"DomainPrefix": first.outputs["CognitoDomain"]})
    assert everything_in(failed) == []
    first.client_of("iam").create_open_id_connect_provider(Url="https://login.example", ClientIDList=["other"])
    with pytest.raises(DeployFailed, match=r"OidcProvider.*EntityAlreadyExists"):
        first.deploy(template, {"Greeting": "good day", "OidcIssuer": "https://login.example", "OidcClientId": "lab"})
    assert first.client_of("ssm").get_parameter(Name="/identity-pools-lab/greeting")["Parameter"]["Value"] == "hello"
    assert first.changes(template, {}) == []


def test_a_removed_stack_leaves_nothing(new_stack: NewStack) -> None:
    stack = new_stack({})
    assert len(everything_in(stack)) > 10
    stack.remove()
    assert everything_in(stack) == []


# --- What is there ----------------------------------------------------------------------------------------------------


def described_pool(stack: Deployer) -> dict[str, Any]:
    pool_id = stack.outputs["CognitoIdentityPoolId"]
    found: dict[str, Any] = stack.client_of("cognito-identity").describe_identity_pool(IdentityPoolId=pool_id)
    found.pop("ResponseMetadata")
    return found


def roles_of(stack: Deployer) -> dict[str, Any]:
    pool_id = stack.outputs["CognitoIdentityPoolId"]
    found: dict[str, Any] = stack.client_of("cognito-identity").get_identity_pool_roles(IdentityPoolId=pool_id)
    return found


def facts(stack: Deployer) -> Any:
    pool = Pool("configured", stack.outputs["CognitoIdentityPoolId"], "", "", "us-east-1", stack.account)
    reader = AccountReader(pool, stack.client_of)
    found = reader.pool()
    named = [role for role in reader.roles(found, whole_account=True) if role.name.startswith("lab-")]
    assert reader.problems == []
    return found, named


def saml_pieces(document: str) -> dict[str, str]:
    size = 4000
    pieces = [document[start : start + size] for start in range(0, len(document), size)]
    return {f"SamlMetadata{number if number > 1 else ''}": piece for number, piece in enumerate(pieces, start=1)}


def everything_in(stack: Deployer) -> list[str]:
    """Names of all that an account has, but for what AWS itself gives."""
    of = stack.client_of
    return [
        *(pool["Id"] for pool in of("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]),
        *(
            pool["IdentityPoolId"]
            for pool in of("cognito-identity").list_identity_pools(MaxResults=60)["IdentityPools"]
        ),
        *(role["RoleName"] for role in of("iam").list_roles()["Roles"]),
        *(policy["Arn"] for policy in of("iam").list_policies(Scope="Local")["Policies"]),
        *(one["Arn"] for one in of("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]),
        *(one["Arn"] for one in of("iam").list_saml_providers()["SAMLProviderList"]),
        *(bucket["Name"] for bucket in of("s3").list_buckets()["Buckets"]),
        *of("dynamodb").list_tables()["TableNames"],
        *(one["Name"] for one in of("ssm").describe_parameters()["Parameters"]),
    ]
