"""STS: direct OpenID Connect, SAML, chained roles, session policies, and the words of its refusals."""

import json
import re
import time
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sandbox.issuers import OTHER_KEY, Issuer
from tests.sandbox.lab import Lab, allow, decisions_of, refused, trust
from tests.sandbox.saml_idp import SESSION_NAME, SamlIdp
from tests.sandbox.wire import call_query, send

IDP = SamlIdp()
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements"
)


def refusal(call: Any, **params: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        call(**params)
    assert decisions_of(error.value.response)[-1]["verdict"] == "deny"
    return refused(error.value)


class Direct:
    """An issuer registered in IAM, and a role that trusts it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.issuer: Issuer = lab.providers.issuer("generic")
        self.arn = lab.oidc(self.issuer, "app-1")
        self.role = self.trusting("Direct", {"StringEquals": {f"{self.issuer.name}:aud": "app-1"}})

    def trusting(self, name: str, condition: dict[str, Any], *actions: str) -> str:
        """A new role for those who come from the issuer and fulfil the condition; they may bring tags."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": self.arn},
            "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", *actions],
            "Condition": condition,
        }
        return self.lab.role(name, {"Version": "2012-10-17", "Statement": [statement]}, allow("*"))

    def assume(self, token: str, **more: Any) -> dict[str, Any]:
        params = {"RoleArn": self.role, "RoleSessionName": "direct", "WebIdentityToken": token, **more}
        return dict(self.lab.sts.assume_role_with_web_identity(**params))


@pytest.fixture
def direct(lab: Lab) -> Direct:
    return Direct(lab)


@pytest.mark.parametrize(("registered", "in_token"), [("/", "/"), ("/", ""), ("", "/")])
def test_arn_and_keys_have_the_last_slash_of_the_url_that_was_registered(
    lab: Lab, registered: str, in_token: str
) -> None:
    """Eight of ten public trust policies for Entra ID's version 1 tokens are written with it. What the token has is
    only compared."""
    url = f"{lab.providers.url}/entra{len(registered)}{len(in_token)}"
    issuer = lab.providers.issuer(url.rpartition("/")[2], url + in_token)
    arn = lab.iam.create_open_id_connect_provider(Url=url + registered, ClientIDList=["api://app"])
    name = issuer.name.rstrip("/") + registered
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{lab.account}:oidc-provider/{name}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{name}:aud": "api://app", f"{name}:sub": "oid-1"}},
    }
    role = lab.role("Entra", {"Version": "2012-10-17", "Statement": [statement]})
    token = issuer.token("oid-1", "api://app", ver="1.0")
    answer = lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="entra", WebIdentityToken=token)
    assert answer["Provider"] == arn["OpenIDConnectProviderArn"]


def test_a_direct_token(direct: Direct) -> None:
    answer = direct.assume(direct.issuer.token("ana", "app-1"))
    assert answer["Provider"] == direct.arn
    assert (answer["Audience"], answer["SubjectFromWebIdentityToken"]) == ("app-1", "ana")
    assert direct.lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Arn"].endswith("/direct")


@pytest.mark.parametrize(
    ("claims", "code", "message"),
    [
        ({"aud": "app-9"}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"sub": None}, "InvalidIdentityToken", "Missing a required claim: sub"),
        ({"aud": None}, "InvalidIdentityToken", "Missing a required claim: aud"),
        (
            {"iss": "https://unknown.example"},
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://unknown.example",
        ),
        (
            {"kid": "nobody"},
            "InvalidIdentityToken",
            NO_KEY,
        ),
        ({"key": OTHER_KEY}, "InvalidIdentityToken", "Provided Token has an invalid signature"),
    ],
)
def test_a_direct_token_that_is_refused(direct: Direct, claims: dict[str, Any], code: str, message: str) -> None:
    token = direct.issuer.token(**{"sub": "ana", "aud": "app-1", **claims})
    assert refusal(direct.assume, token=token) == (400, code, message)


def test_an_expired_direct_token(direct: Direct) -> None:
    status, code, message = refusal(direct.assume, token=direct.issuer.token("ana", "app-1", exp=int(time.time()) - 1))
    assert (status, code) == (400, "ExpiredTokenException")
    pattern = r"Token expired: current date/time (\d{10}) must be before the expiration date/time (\d{10})"
    found = re.fullmatch(pattern, message)
    assert found is not None
    assert int(found[1]) > int(found[2])


def test_a_direct_token_that_was_issued_days_ago(direct: Direct) -> None:
    now = int(time.time())
    status, code, message = refusal(direct.assume, token=direct.issuer.token("ana", "app-1", iat=now - 441_310))
    assert (status, code) == (400, "ExpiredTokenException")
    assert message.startswith("Token too old: 4413")
    assert direct.assume(direct.issuer.token("ana", "app-1", iat=now - 80_000))


def test_a_direct_token_before_its_time(direct: Direct) -> None:
    now = int(time.time())
    told = refusal(direct.assume, token=direct.issuer.token("ana", "app-1", nbf=now + 400))
    assert told == (400, "InvalidIdentityToken", "Token is not yet valid.")
    assert direct.assume(direct.issuer.token("ana", "app-1", nbf=now + 200))  # an issuer's clock may be ahead


def test_condition_keys_of_a_direct_token(direct: Direct) -> None:
    name = direct.issuer.name
    wanted = {
        f"{name}:aud": "app-1",
        f"{name}:oaud": "resource",
        f"{name}:email": "ana@corp.example",
        "aws:FederatedProvider": direct.arn,
    }
    direct.role = direct.trusting("Mailed", {"StringEquals": wanted})
    claims = {"azp": "app-1", "email": "ana@corp.example"}
    assert direct.assume(direct.issuer.token("ana", "resource", **claims))["Audience"] == "app-1"
    assert refusal(direct.assume, token=direct.issuer.token("ana", "other", **claims))[1] == "AccessDenied"


@pytest.mark.parametrize("token", ["not-a-jwt", "a.b.c", "EAAopaque"])
def test_what_is_no_jwt(direct: Direct, token: str) -> None:
    message = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
    assert refusal(direct.assume, token=token) == (400, "InvalidIdentityToken", message)


def test_session_tags_of_a_direct_token(direct: Direct) -> None:
    tags = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["blue"]}}}
    assert direct.assume(direct.issuer.token("ana", "app-1", **tags))["PackedPolicySize"] > 0
    bad = {"https://aws.amazon.com/tags": {"principal_tags": {"team": {"a": "b"}}}}
    assert refusal(direct.assume, token=direct.issuer.token("ana", "app-1", **bad))[1] == "InvalidIdentityToken"


def test_facebook_and_amazon_by_access_token(lab: Lab) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "graph.facebook.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"graph.facebook.com:app_id": "fb-app"}},
    }
    role = lab.role("Facebook", {"Version": "2012-10-17", "Statement": [statement]}, allow("*"))
    lab.providers.tokens["fb-direct"] = ("fb-app", "fb-user")
    params = {"RoleArn": role, "RoleSessionName": "fb", "ProviderId": "graph.facebook.com"}
    answer = lab.sts.assume_role_with_web_identity(**params, WebIdentityToken="fb-direct")
    assert (answer["Provider"], answer["SubjectFromWebIdentityToken"]) == ("graph.facebook.com", "fb-user")
    status, code, message = refusal(lab.sts.assume_role_with_web_identity, **params, WebIdentityToken="unknown")
    assert (status, code) == (403, "IDPRejectedClaim")
    assert message == "graph.facebook.com: graph.facebook.com responded with HTTP/1.1 400 Bad Request"


def test_a_forged_pool_token_is_refused(lab: Lab) -> None:
    import jwt

    pool_id = lab.pool()
    role = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["authenticated"]
    now = int(time.time())
    claims = {"sub": "us-east-1:1", "aud": pool_id, "amr": ["authenticated"], "exp": now + 600, "iat": now}
    claims["iss"] = "https://cognito-identity.amazonaws.com"
    forged = jwt.encode(claims, OTHER_KEY, algorithm="RS512", headers={"kid": "us-east-1-7", "typ": "JWS"})
    params = {"RoleArn": role, "RoleSessionName": "forged", "WebIdentityToken": forged}
    assert refusal(lab.sts.assume_role_with_web_identity, **params)[:2] == (400, "InvalidIdentityToken")


def test_a_guest_cannot_take_the_authenticated_role(lab: Lab) -> None:
    pool_id = lab.pool()
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))["Token"]
    role = lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]["authenticated"]
    params = {"RoleArn": role, "RoleSessionName": "climber", "WebIdentityToken": token}
    expected = (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    assert refusal(lab.sts.assume_role_with_web_identity, **params) == expected


def test_an_address_condition_holds_in_the_basic_flow_only(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    condition = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    role = lab.role("HereOnly", trust(pool_id, "unauthenticated", extra=condition), allow("*"))
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": role})
    guest = lab.guest(pool_id)
    token = lab.public.get_open_id_token(IdentityId=guest)["Token"]
    assert lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="here", WebIdentityToken=token)
    code = refusal(lab.public.get_credentials_for_identity, IdentityId=guest)[1]
    assert code == "InvalidIdentityPoolConfigurationException"


def test_a_session_policy_limits_the_session(direct: Direct) -> None:
    policy = json.dumps(allow("iam:GetRole"))
    session = direct.assume(direct.issuer.token("ana", "app-1"), Policy=policy)
    client = direct.lab.with_credentials("iam", session["Credentials"])
    assert client.get_role(RoleName="Direct")
    with pytest.raises(ClientError) as error:
        client.list_roles()
    assert "because no session policy allows the iam:ListRoles action" in refused(error.value)[2]


def test_a_large_policy_of_aws_as_session_policy(direct: Direct) -> None:
    """By name it takes no room in the token; on AWS this one is the commonest of all."""
    arns = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    session = direct.assume(direct.issuer.token("ana", "app-1"), PolicyArns=arns)["Credentials"]
    assert len(session["SessionToken"]) < 2000
    client = direct.lab.with_credentials("iam", session)
    assert client.list_roles()
    with pytest.raises(ClientError) as error:
        client.delete_role(RoleName="Direct")
    assert "because no session policy allows the iam:DeleteRole action" in refused(error.value)[2]


def test_a_managed_session_policy(direct: Direct) -> None:
    made = direct.lab.iam.create_policy(PolicyName="OnlyGetRole", PolicyDocument=json.dumps(allow("iam:GetRole")))
    arns = [{"arn": made["Policy"]["Arn"]}]
    session = direct.assume(direct.issuer.token("ana", "app-1"), PolicyArns=arns)
    client = direct.lab.with_credentials("iam", session["Credentials"])
    assert client.get_role(RoleName="Direct")
    with pytest.raises(ClientError):
        client.list_roles()


def test_a_session_policy_of_another_account(direct: Direct) -> None:
    other = Lab(direct.lab.sandbox, direct.lab.providers)
    made = other.iam.create_policy(PolicyName="Theirs", PolicyDocument=json.dumps(allow("iam:*")))
    token = direct.issuer.token("ana", "app-1")
    message = refusal(direct.assume, token=token, PolicyArns=[{"arn": made["Policy"]["Arn"]}])[2]
    assert message.endswith("policy/Theirs does not exist or is not attachable.")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"Policy": "{"}, 400, "MalformedPolicyDocument"),
        (
            {
                "Policy": json.dumps(allow("s3:*", resource="arn:aws:s3:::" + "b" * 1930)),
                "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
            },
            400,
            "PackedPolicyTooLarge",
        ),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/NoSuchPolicy"}]}, 400, "ValidationError"),
        ({"DurationSeconds": 3601}, 400, "ValidationError"),
        ({"RoleArn": "arn:aws:iam::123456789012:user/NotARole"}, 400, "ValidationError"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/NoSuchRole"}, 400, "InvalidIdentityToken"),
    ],
)
def test_parameters_that_are_refused(direct: Direct, more: dict[str, Any], status: int, code: str) -> None:
    with pytest.raises(ClientError) as error:
        direct.assume(direct.issuer.token("ana", "app-1"), **more)
    assert refused(error.value)[:2] == (status, code)


def test_a_validation_error_of_the_query_protocol(lab: Lab) -> None:
    answer = call_query(
        lab.sandbox, "AssumeRoleWithWebIdentity", RoleArn="arn:aws:iam::1:role/x", RoleSessionName="a b"
    )
    assert answer.status == 400
    assert answer.headers["content-type"] == "text/xml"
    assert b"<Code>ValidationError</Code>" in answer.body
    assert b"<Type>Sender</Type>" in answer.body
    assert b"Value &#x27;" not in answer.body
    assert b"'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression" in answer.body
    assert b"'webIdentityToken' failed to satisfy constraint: Member must not be null" in answer.body


def test_an_action_that_does_not_exist(lab: Lab) -> None:
    answer = call_query(lab.sandbox, "AssumeNothing<&>")
    assert (answer.status, b"<Code>InvalidAction</Code>" in answer.body) == (400, True)
    assert b"Could not find operation AssumeNothing&lt;&amp;&gt; for version 2011-06-15" in answer.body


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Action=GetCallerIdentity&Version=2012-01-01", "InvalidAction"),
        ("Version=2011-06-15", "MissingAction"),
        ("Action=GetCallerIdentity&Action=GetAccessKeyInfo&Version=2011-06-15", "MalformedQueryString"),
    ],
)
def test_a_query_that_is_none(lab: Lab, body: str, code: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", lab.sandbox.url, data=body, headers=headers)
    SigV4Auth(Credentials(lab.account, lab.sandbox.config.secret_access_key), "sts", "us-east-1").add_auth(request)
    answer = send(lab.sandbox, "POST", "/", body.encode(), dict(request.headers.items()))
    assert (answer.status, f"<Code>{code}</Code>" in answer.body.decode()) == (400, True)


@pytest.mark.parametrize(("curve", "alg"), [(ec.SECP256R1, "ES256"), (ec.SECP384R1, "ES384")])
def test_elliptic_curves_are_for_sts_and_not_for_identity_pools(lab: Lab, curve: Any, alg: str) -> None:
    issuer = lab.providers.issuer(f"elliptic-{alg}")
    issuer.key = ec.generate_private_key(curve())
    arn = lab.oidc(issuer)
    statement = {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithWebIdentity"}
    role = lab.role("Elliptic", {"Version": "2012-10-17", "Statement": [statement]}, allow("*"))
    token = issuer.token("ana", alg=alg)
    assert lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="curve", WebIdentityToken=token)
    head, body, signature = token.split(".")
    changed = f"{head}.{body}.{signature[:-8]}AAAAAAAA"
    params = {"RoleArn": role, "RoleSessionName": "curve", "WebIdentityToken": changed}
    assert refusal(lab.sts.assume_role_with_web_identity, **params)[1] == "InvalidIdentityToken"
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[arn])
    message = refusal(lab.public.get_id, IdentityPoolId=pool_id, Logins={issuer.name: token})[2]
    assert message == "Invalid login token. Couldn't verify signed token."


# --- AssumeRole ---


def assumable(lab: Lab, name: str, by: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": by}, "Action": ["sts:AssumeRole", "sts:TagSession"], **more}
    return lab.role(name, {"Version": "2012-10-17", "Statement": [statement]}, allow("sts:AssumeRole"))


def test_a_chain_of_roles(lab: Lab) -> None:
    first = assumable(lab, "First", lab.account)
    second = assumable(lab, "Second", first)
    session = lab.client("sts").assume_role(RoleArn=first, RoleSessionName="one")["Credentials"]
    client = lab.with_credentials("sts", session)
    answer = client.assume_role(RoleArn=second, RoleSessionName="two")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{lab.account}:assumed-role/Second/two"
    status, code, message = refusal(client.assume_role, RoleArn=second, RoleSessionName="two", DurationSeconds=7200)
    assert (status, code) == (400, "ValidationError")
    assert "1 hour session limit" in message


@pytest.mark.parametrize("name", ["root", "user/administrator"])
def test_the_administrator_assumes_roles_that_trust_the_account_or_the_user(lab: Lab, name: str) -> None:
    role = assumable(lab, "Trusting", f"arn:aws:iam::{lab.account}:{name}")
    answer = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="script")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{lab.account}:assumed-role/Trusting/script"


def test_a_trust_policy_may_ask_for_the_tags_of_the_role(lab: Lab) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    role, assume = assumable(lab, "Tagged", lab.account, Condition=condition), lab.client("sts").assume_role
    assert refusal(assume, RoleArn=role, RoleSessionName="script")[1] == "AccessDenied"
    lab.iam.tag_role(RoleName="Tagged", Tags=[{"Key": "team", "Value": "red"}])
    assert assume(RoleArn=role, RoleSessionName="script")["Credentials"]


def test_a_role_that_does_not_trust_the_caller(lab: Lab) -> None:
    role = assumable(lab, "Closed", "arn:aws:iam::999999999999:root")
    status, code, message = refusal(lab.client("sts").assume_role, RoleArn=role, RoleSessionName="x1")
    assert (status, code) == (403, "AccessDenied")
    assert f"is not authorized to perform: sts:AssumeRole on resource: {role}" in message


def test_an_external_id(lab: Lab) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "secret-handshake"}}
    role = assumable(lab, "Partner", lab.account, Condition=condition)
    assume = lab.client("sts").assume_role
    assert assume(RoleArn=role, RoleSessionName="x1", ExternalId="secret-handshake")["Credentials"]
    assert refusal(assume, RoleArn=role, RoleSessionName="x1", ExternalId="guess")[1] == "AccessDenied"


# --- AssumeRoleWithSAML ---


class Saml:
    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        made = lab.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IDP.metadata)
        self.provider = str(made["SAMLProviderArn"])
        condition = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
        self.role = self.trusting("SamlDirect", condition)

    def trusting(self, name: str, condition: dict[str, Any], *actions: str) -> str:
        """A new role for those who come from the provider and fulfil the condition."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": self.provider},
            "Action": ["sts:AssumeRoleWithSAML", *actions],
            "Condition": condition,
        }
        return self.lab.role(name, {"Version": "2012-10-17", "Statement": [statement]}, allow("*"))

    def assume(self, response: str) -> dict[str, Any]:
        params = {"RoleArn": self.role, "PrincipalArn": self.provider, "SAMLAssertion": response}
        return dict(self.lab.sts.assume_role_with_saml(**params))

    def response(self, **wishes: Any) -> str:
        wishes.setdefault("roles", ((self.role, self.provider),))
        wishes.setdefault("attributes", {SESSION_NAME: ["ana"]})
        return IDP.response(**wishes)


@pytest.fixture
def saml(lab: Lab) -> Saml:
    return Saml(lab)


def test_a_saml_response_for_sts(saml: Saml) -> None:
    answer = saml.assume(saml.response(name_id="ana@corp.example"))
    assert answer["Subject"] == "ana@corp.example"
    assert answer["Issuer"] == IDP.entity_id
    assert answer["AssumedRoleUser"]["Arn"].endswith("/SamlDirect/ana")
    assert saml.lab.with_credentials("sts", answer["Credentials"]).get_caller_identity()["Account"] == saml.lab.account


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"attributes": {}}, (400, "InvalidIdentityToken", "RoleSessionName is required in AuthnResponse")),
        (
            {"attributes": {SESSION_NAME: ["no blanks"]}},
            (400, "InvalidIdentityToken", "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        ),
        ({"sign": "none"}, (400, "InvalidIdentityToken", "Response signature invalid")),
        ({"issuer": "https://other"}, (400, "InvalidIdentityToken", "Issuer not present in specified provider")),
        ({"audience": "urn:x"}, (400, "InvalidIdentityToken", "Response does not contain the required audience.")),
        (
            {"seconds": -1},
            (400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"),
        ),
        ({"roles": ()}, (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")),
    ],
)
def test_a_saml_response_that_sts_refuses(saml: Saml, wishes: dict[str, Any], expected: tuple) -> None:
    with pytest.raises(ClientError) as error:
        saml.assume(saml.response(**wishes))
    assert refused(error.value) == expected


def test_condition_keys_of_a_saml_response(saml: Saml) -> None:
    condition = {
        "StringEquals": {"saml:mail": "ana@corp.example", "aws:FederatedProvider": saml.provider},
        "ForAnyValue:StringEquals": {"saml:eduPersonAffiliation": "staff"},
    }
    saml.role = saml.trusting("Staff", condition)
    attributes = {
        SESSION_NAME: ["ana"],
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": ["ana@corp.example"],
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["member", "staff"],
    }
    assert saml.assume(saml.response(attributes=attributes))["Credentials"]
    attributes["urn:oid:1.3.6.1.4.1.5923.1.1.1.1"] = ["member"]
    assert refusal(saml.assume, response=saml.response(attributes=attributes))[1] == "AccessDenied"


@pytest.mark.parametrize(
    ("oid", "key"),
    [
        ("2.5.4.3", "commonName"),
        ("2.5.4.3", "cn"),
        ("2.5.4.4", "surname"),
        ("2.5.4.42", "givenName"),
        ("2.5.4.45", "x500UniqueIdentifier"),
        ("0.9.2342.19200300.100.1.1", "uid"),
        ("0.9.2342.19200300.100.1.3", "mail"),
        ("0.9.2342.19200300.100.1.45", "organizationStatus"),
    ],
)
def test_attributes_of_x_500_are_known_by_their_oids(saml: Saml, oid: str, key: str) -> None:
    saml.role = saml.trusting("Known", {"ForAnyValue:StringEquals": {f"saml:{key}": "this"}})
    attributes = {SESSION_NAME: ["ana"], f"urn:oid:{oid}": ["this"]}
    assert saml.assume(saml.response(attributes=attributes))["Credentials"]
    attributes[f"urn:oid:{oid}"] = ["that"]
    assert refusal(saml.assume, response=saml.response(attributes=attributes))[1] == "AccessDenied"


def test_an_unknown_saml_provider(saml: Saml) -> None:
    saml.provider = saml.provider.replace("Corp", "Other")
    with pytest.raises(ClientError) as error:
        saml.assume(saml.response())
    assert refused(error.value) == (400, "InvalidIdentityToken", "Specified provider doesn't exist.")


@pytest.mark.parametrize(
    "text",
    [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
    ],
)
def test_what_is_no_arn_is_called_invalid(lab: Lab, text: str) -> None:
    sts = lab.client("sts")
    told = refusal(sts.assume_role, RoleArn=text, RoleSessionName="Session1")
    assert told == (400, "ValidationError", f"{text} is invalid")


def test_an_arn_of_something_else_is_no_roles(lab: Lab) -> None:
    for text in (f"arn:aws:iam::{lab.account}:user/administrator", "arn:aws:s3:::a-bucket-of-mine"):
        told = refusal(lab.client("sts").assume_role, RoleArn=text, RoleSessionName="Session1")
        assert told == (400, "ValidationError", "Request ARN is invalid")
