"""Every fault is found, said in full, and gone once the printed command has been run."""

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from operations.doctor.examination import CHECKS, examine
from operations.doctor.findings import ReportRow
from tests.certificates import self_signed
from tests.operations.doctor.conftest import Installation
from tests.sandbox.saml_idp import SamlIdp

COGNITO = "cognito-identity.amazonaws.com"
ME = "${cognito-identity.amazonaws.com:sub}"
Plant = Callable[[Installation], object]
FAULTS: list[Any] = []


def fault(name: str, told: str) -> Callable[[Plant], Plant]:
    """Enter a function that plants a fault: which check finds it, and what it says."""

    def enter(plant: Plant) -> Plant:
        FAULTS.append(pytest.param(plant, name, told, id=f"{name}-{plant.__name__}"))
        return plant

    return enter


# --- What the faults are made of --------------------------------------------------------------------------------------


def change_pool(lab: Installation, *without: str, **changes: Any) -> None:
    api, pool_id = lab.client("cognito-identity"), lab.env["COGNITO_IDENTITY_POOL_ID"]
    whole = {**api.describe_identity_pool(IdentityPoolId=pool_id), **changes}
    api.update_identity_pool(
        **{key: value for key, value in whole.items() if key not in ("ResponseMetadata", *without)}
    )


def change_roles(lab: Installation, edit: Callable[[dict[str, Any]], object]) -> None:
    api, pool_id = lab.client("cognito-identity"), lab.env["COGNITO_IDENTITY_POOL_ID"]
    whole = api.get_identity_pool_roles(IdentityPoolId=pool_id)
    edit(whole)
    whole.pop("ResponseMetadata")
    api.set_identity_pool_roles(**whole)


def change_client(lab: Installation, *without: str, **changes: Any) -> None:
    api = lab.client("cognito-idp")
    named = {"UserPoolId": lab.env["COGNITO_USER_POOL_ID"], "ClientId": lab.env["COGNITO_APP_CLIENT_ID"]}
    left_out = ("CreationDate", "LastModifiedDate", "ClientSecret", *without)
    whole = {**api.describe_user_pool_client(**named)["UserPoolClient"], **changes}
    api.update_user_pool_client(**{name: value for name, value in whole.items() if name not in left_out})


def role_name(lab: Installation, logical: str) -> str:
    return lab.stack.resources[logical].made.physical_id


def change_trust(lab: Installation, logical: str, edit: Callable[[dict[str, Any]], object]) -> None:
    iam, name = lab.client("iam"), role_name(lab, logical)
    document = json.loads(json.dumps(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]))
    edit(document["Statement"][0])
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))


def put_policy(lab: Installation, logical: str, *statements: Mapping[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    name, text = role_name(lab, logical), json.dumps(document)
    lab.client("iam").put_role_policy(RoleName=name, PolicyName="Planted", PolicyDocument=text)


def user_pool_key(lab: Installation) -> str:
    pool, client = lab.env["COGNITO_USER_POOL_ID"], lab.env["COGNITO_APP_CLIENT_ID"]
    return f"cognito-idp.us-east-1.amazonaws.com/{pool}:{client}"


def change_rules(lab: Installation, *rules: dict[str, str]) -> None:
    arn = lab.stack.resources["EngineersRole"].made.attributes["Arn"]
    whole = [{"MatchType": "Equals", "RoleARN": arn, **one} for one in rules]
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "AuthenticatedRole",
        "RulesConfiguration": {"Rules": whole},
    }
    change_roles(lab, lambda roles: roles.update(RoleMappings={user_pool_key(lab): mapping}))


# --- 1-2: the way -----------------------------------------------------------------------------------------------------


@fault("caller", "the credentials are of account")
def other_account(lab: Installation) -> None:
    lab.set(AWS_ACCOUNT_ID="123456789012")


# --- 3-6, 13-14: the identity pool ------------------------------------------------------------------------------------


@fault("pool", "there is no identity pool")
def another_pool(lab: Installation) -> None:
    lab.set(COGNITO_IDENTITY_POOL_ID="us-east-1:00000000-1111-2222-3333-444444444444")


@fault("pool", "AWS_REGION is eu-central-1")
def another_region(lab: Installation) -> None:
    lab.set(AWS_REGION="eu-central-1")


@fault("guests", "guest access is off")
def guests_off(lab: Installation) -> None:
    change_pool(lab, AllowUnauthenticatedIdentities=False)


@fault("guests", "the pool has no role for guests")
def no_guest_role(lab: Installation) -> None:
    change_roles(lab, lambda roles: roles["Roles"].pop("unauthenticated"))


@fault("classic", "AllowClassicFlow was never set")
def classic_unset(lab: Installation) -> None:
    made = lab.client("cognito-identity").create_identity_pool(
        IdentityPoolName="Unset", AllowUnauthenticatedIdentities=True
    )
    lab.set(COGNITO_IDENTITY_POOL_ID=made["IdentityPoolId"])


@fault("logins", "does not trust Amazon Cognito user pool")
def user_pool_not_trusted(lab: Installation) -> None:
    change_pool(lab, "CognitoIdentityProviders")


@fault("logins", "does not trust Google")
def another_client_at_google(lab: Installation) -> None:
    change_pool(lab, SupportedLoginProviders={"accounts.google.com": "1-another.apps.googleusercontent.com"})
    lab.set(GOOGLE_CLIENT_ID="42-lab.apps.googleusercontent.com", GOOGLE_CLIENT_SECRET="GOCSPX-secret")


@fault("mappings", "which the pool does not trust")
def mapping_of_a_stranger(lab: Installation) -> None:
    def edit(roles: dict[str, Any]) -> None:
        (mapping,) = roles["RoleMappings"].values()
        roles["RoleMappings"]["graph.facebook.com"] = mapping

    change_pool(lab, SupportedLoginProviders={"graph.facebook.com": "1234567890"})
    change_roles(lab, edit)
    change_pool(lab, "SupportedLoginProviders")


@fault("mappings", "is never reached")
def rule_that_is_never_reached(lab: Installation) -> None:
    claim = {"Claim": "custom:department"}
    change_rules(lab, {**claim, "MatchType": "StartsWith", "Value": "eng"}, {**claim, "Value": "engineers"})


@fault("mappings", "looks for a part of the list cognito:groups")
def rule_on_a_part_of_a_list(lab: Installation) -> None:
    change_rules(lab, {"Claim": "cognito:groups", "MatchType": "Contains", "Value": "admin"})


@fault("mappings", "which is not there")
def rule_with_a_role_that_is_gone(lab: Installation) -> None:
    gone = f"arn:aws:iam::{lab.stack.account}:role/Gone"
    change_rules(lab, {"Claim": "custom:department", "Value": "sales", "RoleARN": gone})


@fault("tags", "people can write custom:department themselves")
def tag_that_people_write(lab: Installation) -> None:
    change_client(lab, WriteAttributes=["email", "name", "custom:department"])


# --- 7-10: providers --------------------------------------------------------------------------------------------------


@fault("user-pool", "has no app client")
def another_app_client(lab: Installation) -> None:
    lab.set(COGNITO_APP_CLIENT_ID="1another2client3")


@fault("user-pool", "the app client has no secret")
def secret_that_the_client_has_not(lab: Installation) -> None:
    lab.set(COGNITO_APP_CLIENT_SECRET="of-another-client")


@fault("user-pool", "/sign-in/complete/cognito/ is not among")
def another_callback(lab: Installation) -> None:
    change_client(lab, CallbackURLs=["https://elsewhere.example/"])


@fault("user-pool", "no authorization code grant")
def no_code_flow(lab: Installation) -> None:
    change_client(lab, "AllowedOAuthFlows", "AllowedOAuthScopes", AllowedOAuthFlowsUserPoolClient=False)


@fault("user-pool", "may not ask for openid")
def no_openid(lab: Installation) -> None:
    change_client(lab, AllowedOAuthScopes=["email"])


@fault("user-pool", "nobody can sign in through the client")
def no_identity_provider(lab: Installation) -> None:
    change_client(lab, "SupportedIdentityProviders")


@fault("user-pool", "which lists no WriteAttributes")
def rules_by_what_people_write(lab: Installation) -> None:
    change_rules(lab, {"Claim": "custom:department", "Value": "engineers"})
    change_client(lab, "WriteAttributes")


@fault("user-pool", "is not one of the user pool")
def another_domain(lab: Installation) -> None:
    lab.set(COGNITO_DOMAIN="nobody-has-this-one")


@fault("user-pool", "the app client has no style")
def no_style(lab: Installation) -> None:
    api = lab.client("cognito-idp")
    named = {"UserPoolId": lab.env["COGNITO_USER_POOL_ID"], "ClientId": lab.env["COGNITO_APP_CLIENT_ID"]}
    style = api.describe_managed_login_branding_by_client(**named)["ManagedLoginBranding"]["ManagedLoginBrandingId"]
    api.delete_managed_login_branding(UserPoolId=named["UserPoolId"], ManagedLoginBrandingId=style)


def with_oidc(lab: Installation, issuer: str = "https://login.example/tenant") -> str:
    lab.set(OIDC_ISSUER=issuer, OIDC_CLIENT_ID="lab", OIDC_CLIENT_SECRET="oidc-secret")
    return f"arn:aws:iam::{lab.stack.account}:oidc-provider/{issuer.partition('://')[2]}"


@fault("oidc", "IAM has no provider")
def provider_that_iam_does_not_know(lab: Installation) -> None:
    with_oidc(lab, f"https://login.example/{secrets.token_hex(4)}")


@fault("oidc", "does not list the client ID lab")
def provider_with_another_client(lab: Installation) -> None:
    issuer = f"https://login.example/{secrets.token_hex(4)}"
    with_oidc(lab, issuer)
    lab.client("iam").create_open_id_connect_provider(Url=issuer, ClientIDList=["other"])


def with_saml(lab: Installation, name: str, registered: SamlIdp, **values: str) -> None:
    """A provider in IAM and in the settings, whose own metadata are in a file."""
    path, present = lab.directory / f"{name}.xml", SamlIdp()
    path.write_text(present.metadata)
    # The account is one for all tests of a process, and the same faults are mended by the AWS CLI in others.
    own = f"{name}-{secrets.token_hex(4)}"
    made = lab.client("iam").create_saml_provider(Name=own, SAMLMetadataDocument=registered.metadata)
    lab.set(SAML_METADATA_FILE=str(path), SAML_PROVIDER_ARN=made["SAMLProviderArn"], **values)


@fault("saml", "this application calls itself")
def another_audience(lab: Installation) -> None:
    with_saml(lab, "Audience", SamlIdp(), SAML_ENTITY_ID="https://lab.example")


@fault("saml", "expired on")
def certificate_that_has_expired(lab: Installation) -> None:
    idp = SamlIdp()
    idp.certificate = self_signed("idp.example.com", idp.key, days=0)
    with_saml(lab, "Expired", idp)


@fault("saml", "expires on")
def certificate_that_will_expire_soon(lab: Installation) -> None:
    idp = SamlIdp()
    idp.certificate = self_signed("idp.example.com", idp.key, days=9)
    with_saml(lab, "Soon", idp)


@fault("saml", "IAM has no provider")
def saml_provider_that_iam_does_not_know(lab: Installation) -> None:
    with_saml(lab, "Gone", SamlIdp())
    lab.client("iam").delete_saml_provider(SAMLProviderArn=lab.env["SAML_PROVIDER_ARN"])


# --- 11-12: roles -----------------------------------------------------------------------------------------------------


@fault("roles", "no role for people who sign in")
def no_role_for_people(lab: Installation) -> None:
    change_roles(lab, lambda roles: roles["Roles"].pop("authenticated"))


@fault("roles", "is not there")
def role_that_was_deleted(lab: Installation) -> None:
    iam, name = lab.client("iam"), role_name(lab, "AuthenticatedRole")
    for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
    iam.delete_role(RoleName=name)


@fault("roles", "AUTHENTICATED_ROLE_ARN is")
def role_of_another_stack_in_the_settings(lab: Installation) -> None:
    lab.set(AUTHENTICATED_ROLE_ARN=f"arn:aws:iam::{lab.stack.account}:role/Former")


@fault("trust", "a guest of another pool gets in")
def any_pool_in_the_world(lab: Installation) -> None:
    change_trust(
        lab, "GuestRole", lambda statement: statement["Condition"]["StringEquals"].update({f"{COGNITO}:aud": "*"})
    )
    change_trust(lab, "GuestRole", _like_any)


def _like_any(statement: dict[str, Any]) -> None:
    del statement["Condition"]["StringEquals"]
    statement["Condition"]["StringLike"] = {f"{COGNITO}:aud": "us-east-1:*"}


@fault("trust", "a guest of this pool gets in")
def guests_in_the_role_of_people(lab: Installation) -> None:
    change_trust(lab, "AuthenticatedRole", lambda statement: statement["Condition"].pop("ForAnyValue:StringLike"))


@fault("trust", "somebody signed in here is kept out")
def wrong_amr(lab: Installation) -> None:
    amr = {f"{COGNITO}:amr": "unauthenticated"}
    change_trust(lab, "AuthenticatedRole", lambda one: one["Condition"].update({"ForAnyValue:StringLike": amr}))


@fault("trust", "with tags is kept out")
def no_tagging(lab: Installation) -> None:
    change_trust(lab, "EngineersRole", lambda one: one.update(Action="sts:AssumeRoleWithWebIdentity"))


@fault("trust", "a guest of this pool is kept out")
def trust_in_another_pool(lab: Installation) -> None:
    aud = {f"{COGNITO}:aud": "us-east-1:00000000-1111-2222-3333-444444444444"}
    change_trust(lab, "GuestRole", lambda one: one["Condition"].update({"StringEquals": aud}))


@fault("trust", "a condition on aws:SourceIp")
def condition_on_the_network(lab: Installation) -> None:
    change_trust(
        lab, "GuestRole", lambda one: one["Condition"].update({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    )


# --- 15-16, 18: rights ------------------------------------------------------------------------------------------------


@fault("guest-rights", "the action s3:*")
def guests_may_all_of_s3(lab: Installation) -> None:
    put_policy(lab, "GuestRole", {"Action": "s3:*", "Resource": "*"})


@fault("guest-rights", "the action iam:PassRole, sts:AssumeRole")
def guests_may_become_others(lab: Installation) -> None:
    put_policy(
        lab, "GuestRole", {"Action": ["iam:PassRole", "sts:AssumeRole", "s3:GetObject"], "Resource": "arn:aws:s3:::x/*"}
    )


@fault("guest-rights", "dynamodb:Scan on every resource")
def guests_may_read_every_table(lab: Installation) -> None:
    put_policy(lab, "GuestRole", {"Action": "dynamodb:Scan", "Resource": "*"})


@fault("guest-rights", "allows secretsmanager:GetSecretValue, which guests cannot use")
def rights_that_guests_cannot_use(lab: Installation) -> None:
    put_policy(lab, "GuestRole", {"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:::x"})


@fault("guest-rights", "does not allow s3:ListBucket, s3:GetObject, dynamodb:Scan")
def guests_may_not_read_the_samples(lab: Installation) -> None:
    arn = lab.stack.resources["SamplesPolicy"].made.physical_id
    lab.client("iam").detach_role_policy(RoleName=role_name(lab, "GuestRole"), PolicyArn=arn)


@fault("own-place", "without a slash behind it")
def place_without_a_slash(lab: Installation) -> None:
    bucket = lab.env["SAMPLE_PRIVATE_BUCKET"]
    put_policy(lab, "AuthenticatedRole", {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/{ME}*"})


@fault("own-place", "s3:ListBucket of the private bucket without a prefix")
def list_without_a_prefix(lab: Installation) -> None:
    bucket = lab.env["SAMPLE_PRIVATE_BUCKET"]
    put_policy(lab, "EngineersRole", {"Action": ["s3:ListBucket"], "Resource": f"arn:aws:s3:::{bucket}"})


@fault("own-place", "dynamodb:scan of the notes' table")
def scan_of_the_notes(lab: Installation) -> None:
    table = f"arn:aws:dynamodb:us-east-1:{lab.stack.account}:table/{lab.env['SAMPLE_NOTES_TABLE']}"
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [ME]}}
    actions = ["dynamodb:Query", "dynamodb:Scan"]
    put_policy(lab, "AuthenticatedRole", {"Action": actions, "Resource": table, "Condition": own})


@fault("own-place", "the notes' table without a condition")
def everybodys_notes(lab: Installation) -> None:
    table = f"arn:aws:dynamodb:us-east-1:{lab.stack.account}:table/{lab.env['SAMPLE_NOTES_TABLE']}"
    put_policy(lab, "AuthenticatedRole", {"Action": "dynamodb:Query", "Resource": table})


# --- 17: samples ------------------------------------------------------------------------------------------------------


@fault("samples", "there is no bucket")
def no_bucket(lab: Installation) -> None:
    lab.set(SAMPLE_PRIVATE_BUCKET=f"lab-not-made-{lab.stack.account}")


@fault("samples", "is in eu-central-1")
def bucket_in_another_region(lab: Installation) -> None:
    name = f"lab-elsewhere-{lab.stack.account}"
    there = {"LocationConstraint": "eu-central-1"}
    lab.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=there)
    lab.set(SAMPLE_PRIVATE_BUCKET=name)


@fault("samples", "does not block public access")
def bucket_open_to_the_public(lab: Installation) -> None:
    lab.client("s3").delete_public_access_block(Bucket=lab.env["SAMPLE_BUCKET"])


@fault("samples", "names no encryption")
def bucket_without_encryption(lab: Installation) -> None:
    lab.client("s3").delete_bucket_encryption(Bucket=lab.env["SAMPLE_PRIVATE_BUCKET"])


@fault("samples", "there is no object")
def no_object(lab: Installation) -> None:
    lab.client("s3").delete_object(Bucket=lab.env["SAMPLE_BUCKET"], Key=lab.env["SAMPLE_OBJECT_KEY"])


@fault("samples", "there is no table LabNotMade")
def no_table(lab: Installation) -> None:
    lab.set(SAMPLE_NOTES_TABLE="LabNotMade")


@fault("samples", "has other keys than IdentityId, NoteId")
def table_with_other_keys(lab: Installation) -> None:
    lab.client("dynamodb").create_table(
        TableName="OtherKeys",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
    )
    lab.set(SAMPLE_NOTES_TABLE="OtherKeys")


@fault("samples", "there is no parameter")
def no_parameter(lab: Installation) -> None:
    lab.client("ssm").delete_parameter(Name="/identity-pools-lab/greeting")


# --- 22: this installation --------------------------------------------------------------------------------------------


@fault("site", "has the mode 644")
def file_that_others_read(lab: Installation) -> None:
    path = lab.directory / ".env"
    path.write_text("SECRET_KEY=x\n")
    path.chmod(0o644)


@fault("site", "has the mode 770")
def directory_that_others_write(lab: Installation) -> None:
    (lab.directory / "data").chmod(0o770)


@fault("site", "PUBLIC_URL is http://lab.example")
def pages_without_tls(lab: Installation) -> None:
    lab.set(PUBLIC_URL="http://lab.example")
    lab.settings.ALLOWED_HOSTS, lab.settings.TRUSTED_PROXIES = ["lab.example"], ["loopback"]


# --- The tests --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nothing_is_found_where_nothing_is_wrong(lab: Installation) -> None:
    for listed in CHECKS:
        if listed.name not in ("server", "quotas", "trail", "discovery"):
            row = lab.examine(listed.name)
            assert (row.state, row.findings) == ("ok", ()), row


@pytest.mark.parametrize(("plant", "name", "told"), FAULTS)
def test_a_fault_is_found_and_cleared_by_what_is_printed(lab: Installation, plant: Plant, name: str, told: str) -> None:
    plant(lab)
    row = lab.examine(name)
    assert row.state in ("warning", "error"), row
    finding = next((one for one in row.findings if told in one.found), None)
    assert finding is not None, row
    assert finding.expected
    assert finding.why
    assert finding.fixes
    lab.mend(row)
    assert lab.examine(name).findings == (), lab.run_commands
    _put_back(lab)


def _put_back(lab: Installation) -> None:
    """What a fault left that is none: rules in place of the token, a policy that is harmless now."""
    provider = f"cognito-idp.us-east-1.amazonaws.com/{lab.stack.outputs['CognitoUserPoolId']}"
    key = f"{provider}:{lab.stack.outputs['CognitoAppClientId']}"
    roles = {"authenticated": lab.stack.outputs["AuthenticatedRoleArn"]}
    roles["unauthenticated"] = lab.stack.outputs["UnauthenticatedRoleArn"]
    mapping = {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}
    lab.client("cognito-identity").set_identity_pool_roles(
        IdentityPoolId=lab.stack.outputs["CognitoIdentityPoolId"], Roles=roles, RoleMappings={key: mapping}
    )
    iam = lab.client("iam")
    for logical in ("GuestRole", "AuthenticatedRole", "EngineersRole"):
        for name in iam.list_role_policies(RoleName=role_name(lab, logical))["PolicyNames"]:
            if name != "Team":
                iam.delete_role_policy(RoleName=role_name(lab, logical), PolicyName=name)
    attached = {"GuestRole": ["SamplesPolicy"], "AuthenticatedRole": ["SamplesPolicy", "OwnPolicy"]}
    for logical, policies in attached.items():
        for policy in policies:
            arn = lab.stack.resources[policy].made.physical_id
            iam.attach_role_policy(RoleName=role_name(lab, logical), PolicyArn=arn)


def test_commands_that_replace_a_whole_do_not_undo_each_other(lab: Installation) -> None:
    """Two in the pool, two in its roles, two in the client: all found at once, all mended in the printed order."""
    change_rules(
        lab, {"Claim": "custom:department", "Value": "engineers"}, {"Claim": "custom:department", "Value": "engineers"}
    )
    no_guest_role(lab)
    user_pool_not_trusted_and_guests_off(lab)
    change_client(lab, CallbackURLs=["https://elsewhere.example/"], WriteAttributes=["email", "custom:department"])
    names = ["guests", "logins", "user-pool", "mappings", "tags"]
    rows = [row for row in examine(only=names).rows if row.findings]
    for row in rows:
        lab.mend(row)
    assert [row for row in examine(only=names).rows if row.findings] == [], lab.run_commands
    _put_back(lab)


def user_pool_not_trusted_and_guests_off(lab: Installation) -> None:
    change_pool(lab, "CognitoIdentityProviders", AllowUnauthenticatedIdentities=False)


def test_an_issuer_with_a_slash_at_its_end_is_found_by_either_spelling(lab: Installation) -> None:
    issuer = "https://login.example/slash/"
    lab.set(OIDC_ISSUER=issuer, OIDC_CLIENT_ID="lab", OIDC_CLIENT_SECRET="oidc-secret")
    made = lab.client("iam").create_open_id_connect_provider(Url=issuer, ClientIDList=["lab"])
    change_pool(lab, OpenIdConnectProviderARNs=[made["OpenIDConnectProviderArn"]])
    try:
        assert lab.examine("oidc").findings == ()
        assert lab.examine("logins").findings == ()
    finally:
        change_pool(lab, "OpenIdConnectProviderARNs")
        _put_back(lab)


def test_each_row_has_a_fault() -> None:
    """Rows whose faults take another wire have theirs in the files beside this one."""
    elsewhere = {"clock", "discovery", "server", "quotas", "trail", "from-above"}
    planted = {param.values[1] for param in FAULTS}
    assert planted | elsewhere == {listed.name for listed in CHECKS}
    assert not planted & elsewhere


def test_rows_are_found_by_their_numbers_too(lab: Installation) -> None:
    row: ReportRow = lab.examine("lab.D05")
    assert row.name == "classic"
