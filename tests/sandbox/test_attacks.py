"""Attacks on the exchange: what an outsider, or the administrator of another account, could try."""

import base64
import json
import socket
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.aws.cognito_identity.logins import keys
from sandbox.aws.cognito_identity.logins.jwt import Jwts, NotAJwt
from tests.sandbox.issuers import CLIENT, USER_POOL, Issuer, Providers
from tests.sandbox.lab import COGNITO, Lab, allow, refused, trust, unchecked
from tests.sandbox.saml_idp import SamlIdp
from tests.sandbox.signing import FORM, presigned_query, signed_json, signed_query
from tests.sandbox.wire import Answer, call_json, call_query, send

DAY = 86_400
ROLE = "arn:aws:iam::123456789012:role/x-role"
LONE = "\ud800"  # half of a surrogate pair: JSON can say it, UTF-8 cannot
HUGE = 10**400
NUMBERS = [pytest.param(HUGE, id="huge"), pytest.param(-HUGE, id="-huge"), 1e308, -1, 0, 2**63]


@pytest.fixture
def other(lab: Lab) -> Lab:
    return Lab(lab.sandbox, lab.providers)


def is_refusal(answer: Answer) -> bool:
    return 400 <= answer.status < 500 and (b"__type" in answer.body or b"<Code>" in answer.body)


def signed_claims(lab: Lab, claims: dict[str, Any]) -> str:
    """A token that the user pool signed, whatever is in it."""
    header = {"alg": "RS256", "kid": lab.user_pool.kid}
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims))
    signature = lab.user_pool.key.sign(head + b"." + body, PKCS1v15(), SHA256())
    return b".".join([head, body, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


# --- Tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat", "auth_time"])
@pytest.mark.parametrize("value", NUMBERS)
def test_a_time_of_any_size(lab: Lab, claim: str, value: Any) -> None:
    pool_id = lab.pool(roles=False)
    token = lab.user_pool.token("u-1", **{claim: value})
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": pool_id, "Logins": {USER_POOL: token}})
    assert answer.status == 200 or is_refusal(answer), answer.body
    answer = call_query(
        lab.sandbox, "AssumeRoleWithWebIdentity", RoleArn=ROLE, RoleSessionName="x1", WebIdentityToken=token
    )
    assert is_refusal(answer), answer.body


@pytest.mark.parametrize("claim", ["sub", "iss", "aud", "azp", "token_use", "cognito:username", "custom:x"])
@pytest.mark.parametrize("value", [LONE, "a\x00b", "a\r\nX-Evil: 1", "${aws:userid}", "*", "\u202e", "x" * 3000, ["a"]])
def test_a_claim_of_any_text(lab: Lab, claim: str, value: Any) -> None:
    pool_id = lab.pool(roles=False)
    provider = lab.pools.set_principal_tag_attribute_map
    provider(IdentityPoolId=pool_id, IdentityProviderName=USER_POOL, PrincipalTags={"x": "custom:x"})
    now = int(time.time())
    claims = {"iss": lab.user_pool.url, "aud": CLIENT, "sub": "u-2", "iat": now, "exp": now + 600, claim: value}
    token = signed_claims(lab, claims)
    logins = {USER_POOL: token}
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": pool_id, "Logins": logins})
    assert answer.status == 200 or is_refusal(answer), answer.body
    if answer.status == 200:
        identity = answer.json["IdentityId"]
        for operation in ("GetOpenIdToken", "GetCredentialsForIdentity"):
            answer = call_json(lab.sandbox, operation, {"IdentityId": identity, "Logins": logins})
            assert answer.status == 200 or is_refusal(answer), answer.body
    answer = call_query(
        lab.sandbox, "AssumeRoleWithWebIdentity", RoleArn=ROLE, RoleSessionName="x1", WebIdentityToken=token
    )
    assert is_refusal(answer), answer.body
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256", "kid": "key-1", "crit": ["b64"], "b64": False},
        {"alg": "RS256", "kid": "key-1", "zip": "DEF"},
        {"alg": "RS256", "kid": "../../../../dev/null"},
        {"alg": "RS256", "kid": "' OR 1=1 --"},
        {"alg": "RS256", "kid": ["key-1"]},
        {"alg": "RS256", "kid": "key-1", "jku": "http://169.254.169.254/keys", "x5u": "http://169.254.169.254/"},
        {"alg": "rs256", "kid": "key-1"},
        {"alg": "RS256 ", "kid": "key-1"},
        {"alg": "PS256", "kid": "key-1"},
        {"alg": "EdDSA", "kid": "key-1"},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "nOnE", "kid": ""},
        {"alg": ["RS256"], "kid": "key-1"},
    ],
)
@pytest.mark.parametrize("signature", ["", "AAAA", "A" * 342])
def test_a_header_that_nobody_signed(lab: Lab, header: dict[str, Any], signature: str) -> None:
    pool_id = lab.pool(roles=False)
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    body = lab.user_pool.token("victim").split(".")[1]
    token = f"{head}.{body}.{signature}"
    answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": pool_id, "Logins": {USER_POOL: token}})
    assert (answer.status, answer.json["__type"]) == (400, "NotAuthorizedException")


@pytest.mark.slow
def test_tokens_that_nobody_signed_are_not_remembered(lab: Lab) -> None:
    """Whoever may send anything must not be able to fill the memory with it."""
    jwts = Jwts(None)  # type: ignore[arg-type]
    head = base64.urlsafe_b64encode(b'{"alg":"RS256"}').rstrip(b"=").decode()
    tracemalloc.start()
    for number in range(1000):
        claims = json.dumps({"sub": str(number), "x": "y" * 30_000}).encode()
        jwts.parse(f"{head}.{base64.urlsafe_b64encode(claims).rstrip(b'=').decode()}.AAAA")
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 8 * 1024 * 1024
    with pytest.raises(NotAJwt):
        jwts.parse("x")


def test_a_token_of_one_pool_is_none_of_another(lab: Lab, other: Lab) -> None:
    """Neither under the pool's own key nor at STS; also when the other pool is another account's."""
    mine, theirs = lab.pool(), other.pool()
    token = lab.public.get_open_id_token(IdentityId=lab.guest(mine))["Token"]
    victim = other.guest(theirs)
    with pytest.raises(ClientError) as error:
        other.public.get_credentials_for_identity(IdentityId=victim, Logins={COGNITO: token})
    assert refused(error.value)[1] == "NotAuthorizedException"
    role = other.pools.get_identity_pool_roles(IdentityPoolId=theirs)["Roles"]["unauthenticated"]
    with pytest.raises(ClientError) as error:
        other.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="x1", WebIdentityToken=token)
    assert refused(error.value)[:2] == (403, "AccessDenied")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {f"{COGNITO}:aud": "us-east-1:00000000-0000-0000-0000-000000000000"}},
        {"StringEqualsIfExists": {f"{COGNITO}:aud": "us-east-1:00000000-0000-0000-0000-000000000000"}},
        {"StringEquals": {f"{COGNITO}:AUD": "us-east-1:00000000-0000-0000-0000-000000000000"}},
        {"StringEquals": {f"{COGNITO}:aud": "*"}},
        {"StringEquals": {f"{COGNITO}:aud": "${" + COGNITO + ":aud}x"}},
    ],
)
def test_a_trust_policy_means_what_it_says(lab: Lab, condition: dict[str, Any]) -> None:
    pool_id = lab.pool()
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {**condition, "StringLike": {f"{COGNITO}:aud": "*"}},
    }
    role = lab.role("Odd", {"Version": "2012-10-17", "Statement": [statement]}, Tags=[
        {"Key": "sandbox:legacy-trust", "Value": "true"}])  # fmt: skip
    token = lab.public.get_open_id_token(IdentityId=lab.guest(pool_id))["Token"]
    params = {"RoleArn": role, "RoleSessionName": "x1", "WebIdentityToken": token}
    if "StringNotEquals" in condition:
        assert lab.sts.assume_role_with_web_identity(**params)["Credentials"]
        return
    with pytest.raises(ClientError) as error:
        lab.sts.assume_role_with_web_identity(**params)
    assert refused(error.value)[:2] == (403, "AccessDenied")


def test_the_proof_of_one_person_does_not_open_the_identity_of_another(lab: Lab) -> None:
    pool_id = lab.pool()
    victim = lab.person(pool_id, "victim")
    thief = {USER_POOL: lab.user_pool.token("thief")}
    calls: list[tuple[Any, dict[str, Any]]] = [
        (lab.public.get_credentials_for_identity, {}),
        (lab.public.get_open_id_token, {}),
        (lab.public.unlink_identity, {"LoginsToRemove": [USER_POOL]}),
    ]
    for call, more in calls:
        with pytest.raises(ClientError) as error:
            call(IdentityId=victim, Logins=thief, **more)
        assert refused(error.value)[1] == "NotAuthorizedException"
    assert lab.person(pool_id, "victim") == victim


# --- Accounts ---------------------------------------------------------------------------------------------------------


def test_the_clock_of_another_account_does_not_lengthen_a_session(lab: Lab, other: Lab) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": other.account}, "Action": "sts:AssumeRole"}
    role = lab.role("Shared", {"Version": "2012-10-17", "Statement": [statement]}, allow("*"))
    other.sandbox.switch("clock", {"advance": 30 * DAY}, account=other.account)
    made = other.client("sts").assume_role(RoleArn=role, RoleSessionName="x1")["Credentials"]
    assert made["Expiration"].timestamp() < time.time() + DAY
    lab.sandbox.switch("clock", {"advance": DAY}, account=lab.account)
    with pytest.raises(ClientError) as error:
        lab.with_credentials("sts", made).get_caller_identity()
    assert "Expired" in refused(error.value)[1]


def test_the_clock_of_another_account_does_not_bring_back_a_spent_assertion(lab: Lab, other: Lab) -> None:
    idp = SamlIdp()

    def provider(owner: Lab) -> tuple[str, str]:
        arn = str(owner.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=idp.metadata)["SAMLProviderArn"])
        return arn, owner.pool(SamlProviderARNs=[arn], roles=False)

    arn, pool_id = provider(lab)
    response = idp.response()
    assert lab.public.get_id(IdentityPoolId=pool_id, Logins={arn: response})
    elsewhere, other_pool = provider(other)
    other.sandbox.switch("clock", {"advance": 30 * DAY}, account=other.account)
    later = idp.response(seconds=60 * DAY)
    assert other.public.get_id(IdentityPoolId=other_pool, Logins={elsewhere: later})
    with pytest.raises(ClientError) as error:
        lab.public.get_id(IdentityPoolId=pool_id, Logins={arn: response})
    assert "already been used" in refused(error.value)[2]


def test_developer_identities_are_for_the_pools_own_account(lab: Lab, other: Lab) -> None:
    pool_id = lab.pool(roles=False, DeveloperProviderName="login.example")
    mine = lab.pools.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, Logins={"login.example": "victim"}
    )["IdentityId"]
    calls: list[tuple[Any, dict[str, Any]]] = [
        (other.pools.get_open_id_token_for_developer_identity, {"Logins": {"login.example": "victim"}}),
        (other.pools.lookup_developer_identity, {"DeveloperUserIdentifier": "victim"}),
        (other.pools.merge_developer_identities, {"SourceUserIdentifier": "victim", "DestinationUserIdentifier": "x",
                                                   "DeveloperProviderName": "login.example"}),
        (other.pools.unlink_developer_identity, {"IdentityId": mine, "DeveloperProviderName": "login.example",
                                                  "DeveloperUserIdentifier": "victim"}),
        (other.pools.describe_identity_pool, {}),
        (other.pools.delete_identity_pool, {}),
        (other.pools.set_identity_pool_roles, {"Roles": {}}),
        (other.pools.list_identities, {"MaxResults": 5}),
    ]  # fmt: skip
    for call, more in calls:
        with pytest.raises(ClientError) as error:
            call(IdentityPoolId=pool_id, **more)
        assert refused(error.value)[:2] == (400, "ResourceNotFoundException")
    with pytest.raises(ClientError) as error:
        other.pools.describe_identity(IdentityId=mine)
    assert refused(error.value)[1] == "ResourceNotFoundException"
    left = other.pools.delete_identities(IdentityIdsToDelete=[mine])["UnprocessedIdentityIds"]
    assert [entry["IdentityId"] for entry in left] == [mine]
    assert lab.pools.describe_identity(IdentityId=mine)


@pytest.mark.parametrize("text", [LONE, "a\x00b", "\r\nX-Evil: 1", "x" * 1025])
def test_a_developer_user_of_any_name(lab: Lab, text: str) -> None:
    pool_id = lab.pool(roles=False, DeveloperProviderName="login.example")
    requests: list[tuple[str, dict[str, Any]]] = [
        ("GetOpenIdTokenForDeveloperIdentity", {"Logins": {"login.example": text}}),
        ("GetOpenIdTokenForDeveloperIdentity", {"Logins": {"login.example": "u"}, "PrincipalTags": {"t": text}}),
        ("LookupDeveloperIdentity", {"DeveloperUserIdentifier": text}),
        ("LookupDeveloperIdentity", {"DeveloperUserIdentifier": "u", "NextToken": text}),
        ("MergeDeveloperIdentities", {"SourceUserIdentifier": text, "DestinationUserIdentifier": "u",
                                      "DeveloperProviderName": "login.example"}),
        ("UpdateIdentityPool", {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True,
                                "IdentityPoolTags": {"t": text}}),
        ("UpdateIdentityPool", {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True,
                                "IdentityPoolTags": {text: "t"}}),
        ("UpdateIdentityPool", {"IdentityPoolName": "p", "AllowUnauthenticatedIdentities": True,
                                "SamlProviderARNs": [f"arn:aws:iam::{lab.account}:saml-provider/{text}"]}),
        ("SetIdentityPoolRoles", {"Roles": {"authenticated": f"arn:aws:iam::{lab.account}:role/{text}"}}),
        ("ListIdentities", {"MaxResults": 1, "NextToken": text}),
    ]  # fmt: skip
    for operation, more in requests:
        body = json.dumps({"IdentityPoolId": pool_id, **more}).encode()
        target = f"AWSCognitoIdentityService.{operation}"
        answer = signed_json(lab.sandbox, target, body, "cognito-identity", key=lab.account).send(lab.sandbox)
        assert answer.status == 200 or is_refusal(answer), (operation, answer.body)
        assert "x-evil" not in answer.headers


def test_a_role_is_given_to_a_pool_only_by_who_may_pass_it(lab: Lab) -> None:
    """Otherwise whoever may set a pool's roles could take every role of the account through that pool."""
    pool_id = lab.pool(roles=False)
    statement = {"Effect": "Allow", "Principal": {"AWS": lab.account}, "Action": "sts:AssumeRole"}
    trusting = {"Version": "2012-10-17", "Statement": [statement]}
    admin = lab.role("AdminRole", trust(pool_id, "unauthenticated"), allow("*"))
    plain = lab.role("PlainRole", trust(pool_id, "unauthenticated"), allow("s3:GetObject"))
    rights = [
        {"Effect": "Allow", "Action": "cognito-identity:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": plain},
    ]
    setter = lab.role("Setter", trusting, {"Version": "2012-10-17", "Statement": rights})
    session = lab.client("sts").assume_role(RoleArn=setter, RoleSessionName="x1")["Credentials"]
    client = lab.with_credentials("cognito-identity", session)
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": plain})
    with pytest.raises(ClientError) as error:
        client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": admin})
    assert refused(error.value) == (400, "NotAuthorizedException", f"Access to Role '{admin}' is forbidden.")
    assert lab.pools.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"] == {"unauthenticated": plain}


# --- Signatures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["é" * 64, "\xff", "A" * 64, "", " ", "0" * 63, "0" * 65])
def test_a_signature_of_any_text(lab: Lab, text: str) -> None:
    request = signed_query(lab.sandbox)
    head, _, _ = request.headers["Authorization"].partition("Signature=")
    request.headers["Authorization"] = f"{head}Signature={text}"
    answer = request.send(lab.sandbox)
    assert is_refusal(answer), answer.body


@pytest.mark.parametrize("name", ["X-Amz-Signature", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders",
                                  "X-Amz-Security-Token", "X-Amz-Expires", "X-Amz-Algorithm"])  # fmt: skip
@pytest.mark.parametrize("value", ["%FF", "%ED%A0%80", "%00", "%C3%A9", "a%0D%0Ab", "", "9" * 400])
def test_a_presigned_parameter_of_any_text(lab: Lab, name: str, value: str) -> None:
    for path in ("/", "/bucket/key"):
        request = presigned_query(lab.sandbox)
        kept = [part for part in request.path.partition("?")[2].split("&") if not part.startswith(f"{name}=")]
        query = "&".join([*kept, f"{name}={value}"])
        answer = send(lab.sandbox, "GET", f"{path}?{query}")
        assert is_refusal(answer), answer.body
        credential = f"{value}/20260101/us-east-1/s3/aws4_request"
        answer = send(lab.sandbox, "GET", f"{path}?X-Amz-Credential={credential}&{query}")
        assert is_refusal(answer), answer.body


def test_a_session_token_goes_with_its_key_only(lab: Lab, other: Lab) -> None:
    """Key, secret and token of two sessions, mixed in every way, are the credentials of nobody."""
    sets = []
    for owner in (lab, other, lab):
        answer = owner.public.get_credentials_for_identity(IdentityId=owner.guest(owner.pool()))["Credentials"]
        sets.append((answer["AccessKeyId"], answer["SecretKey"], answer["SessionToken"]))
    for key, _, _ in sets:
        for _, secret, _ in sets:
            for _, _, token in sets:
                answer = signed_query(lab.sandbox, key=key, secret=secret, token=token).send(lab.sandbox)
                assert (answer.status == 200) is ((key, secret, token) in sets)
    key, secret, token = sets[0]
    for account in ("test", lab.account):
        assert is_refusal(signed_query(lab.sandbox, key=account, secret="test", token=token).send(lab.sandbox))
        assert is_refusal(signed_query(lab.sandbox, key=account, secret=secret).send(lab.sandbox))


def test_a_session_ends_with_its_role(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    policy = trust(pool_id, "unauthenticated")
    role = lab.role("Fleeting", policy, allow("s3:ListAllMyBuckets"))
    lab.pools.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"unauthenticated": role})
    made = lab.public.get_credentials_for_identity(IdentityId=lab.guest(pool_id))["Credentials"]
    client = lab.with_credentials("sts", made)
    assert client.get_caller_identity()
    lab.iam.delete_role_policy(RoleName="Fleeting", PolicyName="rights")
    lab.iam.delete_role(RoleName="Fleeting")
    with pytest.raises(ClientError):
        client.get_caller_identity()
    lab.role("Fleeting", policy, allow("*"))
    with pytest.raises(ClientError):
        client.get_caller_identity()


@pytest.mark.parametrize("part", ["body", "query", "path", "target", "host", "token"])
def test_a_signed_request_is_good_for_itself_only(lab: Lab, part: str) -> None:
    request = signed_json(lab.sandbox, "AWSCognitoIdentityService.ListIdentityPools", b'{"MaxResults":1}',
                          "cognito-identity", key=lab.account)  # fmt: skip
    assert request.send(lab.sandbox).status == 200
    if part == "body":
        request.body = b'{"MaxResults":2}'
    elif part == "query":
        request.path = "/?x=1"
    elif part == "path":
        request.path = "//"
    elif part == "target":
        request.headers["X-Amz-Target"] = "AWSCognitoIdentityService.DeleteIdentityPool"
    elif part == "host":
        request.headers["Host"] = f"localhost:{urlsplit(lab.sandbox.url).port}"
    else:
        request.headers["X-Amz-Security-Token"] = "added"
    assert is_refusal(request.send(lab.sandbox))


# --- Resources --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", [FORM, "application/x-amz-json-1.1"])
def test_a_large_body_of_a_stranger_does_not_hold_up_the_others(lab: Lab, content_type: str) -> None:
    """The event loop is one for all: what it parses for anybody has to be small."""
    body = b"Action=GetCallerIdentity&" + b"a=1&" * 7_500_000
    if "json" in content_type:
        body = b'{"IdentityPoolId":[' + b"{}," * 10_000_000 + b"{}]}"
    headers = {"Content-Type": content_type}
    for target in (None, "AWSCognitoIdentityService.GetId", "AWSCognitoIdentityProviderService.InitiateAuth"):
        sent = headers if target is None else {**headers, "X-Amz-Target": target}
        taken: list[float] = []
        while not taken or (min(taken) >= 0.5 and len(taken) < 5):  # other threads of the process take time as well
            began = time.process_time()
            answer = send(lab.sandbox, "POST", "/", body, sent)
            taken.append(time.process_time() - began)
            assert is_refusal(answer), answer.body
        assert min(taken) < 0.5


def test_many_fields_of_a_form_are_refused(lab: Lab) -> None:
    answer = send(lab.sandbox, "POST", "/", b"Action=GetCallerIdentity" + b"&a=" * 5000, {"Content-Type": FORM})
    assert is_refusal(answer)


@pytest.mark.parametrize("seconds", [*NUMBERS[:3], float("nan"), float("inf"), True, "1", None, []])
def test_a_clock_is_not_moved_by_nonsense(lab: Lab, seconds: Any) -> None:
    body = json.dumps({"advance": seconds}).encode()
    made = AWSRequest("POST", f"{lab.sandbox.url}/_sandbox/clock", data=body)
    SigV4Auth(Credentials(lab.account, "test"), "sandbox", "us-east-1").add_auth(made)
    answer = send(lab.sandbox, "POST", "/_sandbox/clock", body, dict(made.headers.items()))
    assert (answer.status, answer.json["__type"]) in (
        (400, "ValidationException"),
        (400, "SerializationException"),
    )


def test_numbers_beyond_every_size_in_a_request(lab: Lab) -> None:
    pool_id = lab.pool(roles=False, DeveloperProviderName="login.example")
    for value in (10**400, 2**70, -(2**70)):
        with pytest.raises(ClientError) as error:
            unchecked(lab.pools, "ListIdentities", IdentityPoolId=pool_id, MaxResults=value)
        assert refused(error.value)[0] == 400


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.nip.io/x",
        "http://169.254.169.254/latest",
        "http://0.0.0.0/x",
        "http://[::ffff:169.254.169.254]/x",
        "http://0x7f000001/x",
        "http://2130706433/x",
        "http://127.1/x",
        "http://localhost.example.com/x",
        "http://127.0.0.1@example.com/x",
        "http://example.com#@127.0.0.1/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "//127.0.0.1/x",
    ],
)
def test_keys_are_fetched_from_this_machine_only(lab: Lab, identity_providers: Providers, url: str) -> None:
    """The discovery document of a registered issuer sends the sandbox elsewhere."""
    issuer = identity_providers.issuer("sending-" + base64.b32encode(url.encode()).decode().strip("=").lower())
    issuer.jwks_uri = url
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    with pytest.raises(ClientError) as error:
        lab.public.get_id(IdentityPoolId=pool_id, Logins={issuer.name: issuer.token()})
    assert refused(error.value)[1] == "ExternalServiceException"
    decisions = error.value.response["ResponseMetadata"]["HTTPHeaders"]["x-sandbox-decisions"]
    assert "fetches from this machine only" in decisions or "not an http URL" in decisions


@pytest.mark.slow
def test_slashes_after_an_issuer_ask_it_no_more_often(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each spelling of an issuer would otherwise be looked up anew, as often as somebody likes."""
    monkeypatch.setattr(keys, "_WINDOW", 3600.0)  # a busy machine may take longer than a minute for all of them
    issuer = lab.providers.issuer("many-slashes")
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer)])
    for number in range(130):
        token = issuer.token("u", iss=issuer.url + "/" * (number % 2), kid="unknown")
        answer = call_json(lab.sandbox, "GetId", {"IdentityPoolId": pool_id, "Logins": {issuer.name: token}})
        assert answer.json["__type"] == "NotAuthorizedException"
    assert issuer.fetched == 120  # discovery and key set, sixty times in all


@pytest.mark.slow
def test_an_issuer_that_never_finishes_keeps_no_thread(lab: Lab) -> None:
    """It sends a byte now and then, to as many requests as there are threads; buckets are served by the same ones."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended: list[socket.socket] = []

    def drip(connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                connection.sendall(b"x")
                time.sleep(0.3)
        except OSError:
            ended.append(connection)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    issuers = [Issuer("drip", f"{url}/{number}") for number in range(8)]
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[lab.oidc(issuer) for issuer in issuers])
    calls = [{"IdentityPoolId": pool_id, "Logins": {issuer.name: issuer.token()}} for issuer in issuers]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda params: call_json(lab.sandbox, "GetId", params), calls))
    assert {answer.json["__type"] for answer in answers} == {"ExternalServiceException"}
    assert lab.client("s3").list_buckets()["Buckets"] == []
    end = time.monotonic() + 60
    while len(ended) < 8:
        assert time.monotonic() < end
        time.sleep(0.05)
    listener.close()
