"""Faults that take another wire: clock, issuer, quotas, trail, policies from above; and the server's own role."""

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore import xform_name

from operations.doctor.examination import examine
from tests import ROOT
from tests.clients.conftest import OpenIdProvider, openid_provider
from tests.operations.doctor.conftest import Installation
from tests.operations.doctor.test_faults import _put_back

__all__ = ["openid_provider"]
TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"


@dataclass
class Wire:
    """What the sandbox does not have: services of AWS as they answer, by the name of the operation."""

    url: str = ""
    skew: timedelta = timedelta()
    answers: dict[str, Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]] = field(default_factory=dict)

    documents: Mapping[str, Any] = field(default_factory=dict)
    caller: str = "arn:aws:iam::123456789012:root"

    def answer(self, target: str, body: bytes) -> tuple[int, bytes]:
        if not target:  # STS speaks XML, and is asked one question
            return 200, (
                b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
                b"<Arn>%s</Arn><UserId>1</UserId><Account>123456789012</Account>"
                b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
            ) % self.caller.encode()
        status, found = self.answers[target.rpartition(".")[2]](json.loads(body))
        return status, json.dumps(found).encode()


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps(found.documents[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = found.answer(self.headers.get("X-Amz-Target", ""), body)
            self.send_response_only(status)
            self.send_header("Date", format_datetime(datetime.now(UTC) - found.skew, usegmt=True))
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()


@pytest.fixture
def rewired(lab: Installation, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Installation]:
    """Has the doctor meet a service at the wire, and all others where they are."""

    def rewire(service: str) -> Installation:
        lab.settings.AWS_ENDPOINT = None
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", wire.url)
        return lab

    return rewire


@pytest.mark.parametrize(("skew", "told"), [(301, "301 seconds ahead"), (-90, "90 seconds behind")])
def test_a_clock_that_is_off(rewired: Callable[[str], Installation], wire: Wire, skew: int, told: str) -> None:
    lab, wire.skew = rewired("STS"), timedelta(seconds=skew)
    row = lab.examine("clock")
    assert row.state == "error"
    said, wanted = int(re.findall(r"\d+", row.findings[0].found)[0]), abs(skew)
    assert abs(said - wanted) <= 5, told
    assert row.findings[0].found.endswith(told.split()[-1])
    assert row.findings[0].fixes[0].text == "sudo timedatectl set-ntp true"
    wire.skew = timedelta()  # which is what the command does
    assert lab.examine("clock").state == "ok"


def test_the_root_user(rewired: Callable[[str], Installation], wire: Wire) -> None:
    lab = rewired("STS")
    lab.set(AWS_ACCOUNT_ID="123456789012")
    lab.settings.AWS_ENDPOINT = None
    row = lab.examine("caller")
    assert [one.found for one in row.findings] == ["the credentials are the root user’s"]
    assert row.findings[0].fixes
    wire.caller = "arn:aws:sts::123456789012:assumed-role/Server/i-0"
    assert lab.examine("caller").state == "ok"


def test_no_credentials(lab: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    for name in keys:
        monkeypatch.delenv(name)
    report = examine()
    states = {row.name: row.state for row in report.rows}
    assert (states["caller"], states["pool"], states["trust"]) == ("error", "unchecked", "unchecked")
    assert states["site"] == "ok"
    assert report.rows[0].findings[0].fixes[0].text == "aws sso login"
    assert report.code == 2
    for name, value in keys.items():  # which the command finds anew
        monkeypatch.setenv(name, value)
    assert lab.examine("caller").state == "ok"


def test_an_issuer_that_calls_itself_otherwise(lab: Installation, openid_provider: OpenIdProvider) -> None:
    lab.set(OIDC_ISSUER="https://login.example", OIDC_CLIENT_ID="lab", OIDC_CLIENT_SECRET="oidc-secret")
    lab.settings.PROVIDER_ENDPOINTS["https://login.example/"] = f"{openid_provider.issuer}/"
    row = lab.examine("discovery")
    assert [one.found for one in row.findings] == [f"the issuer calls itself {openid_provider.issuer}"]
    lab.mend(row)
    assert lab.examine("discovery").state == "ok"


def test_an_issuer_without_a_key_for_rs256(lab: Installation, wire: Wire) -> None:
    documents: dict[str, Any] = {
        "/.well-known/openid-configuration": {
            "issuer": "https://login.example",
            "jwks_uri": "https://login.example/keys",
        },
        "/keys": {"keys": [{"kty": "EC", "alg": "ES256", "kid": "1"}]},
    }
    wire.documents = documents
    lab.set(OIDC_ISSUER="https://login.example", OIDC_CLIENT_ID="lab", OIDC_CLIENT_SECRET="oidc-secret")
    lab.settings.PROVIDER_ENDPOINTS["https://login.example/"] = f"{wire.url}/"
    (finding,) = lab.examine("discovery").findings
    assert finding.found == "no key for RS256 at https://login.example/keys"
    documents["/keys"]["keys"].append({"kty": "RSA", "kid": "2"})
    assert lab.examine("discovery").state == "ok"


def test_an_issuer_that_nobody_reaches(lab: Installation, wire: Wire) -> None:
    lab.set(OIDC_ISSUER="https://login.example", OIDC_CLIENT_ID="lab", OIDC_CLIENT_SECRET="oidc-secret")
    lab.settings.PROVIDER_ENDPOINTS["https://login.example/"] = "http://127.0.0.1:9/"
    (finding,) = lab.examine("discovery").findings
    assert finding.found == "https://login.example/.well-known/openid-configuration: no answer"
    assert finding.fixes
    wire.documents = {
        "/.well-known/openid-configuration": {"issuer": "https://login.example", "jwks_uri": "https://login.example/k"},
        "/k": {"keys": [{"kty": "RSA", "kid": "1"}]},
    }
    lab.settings.PROVIDER_ENDPOINTS["https://login.example/"] = f"{wire.url}/"
    assert lab.examine("discovery").state == "ok"


def test_the_company_s_issuer(lab: Installation, wire: Wire) -> None:
    """Its slash at the end may be left out, its name may not be another, and it has a key for RS256."""
    issuer = "https://company.example"
    documents: dict[str, Any] = {
        "/.well-known/openid-configuration": {"issuer": f"{issuer}/", "jwks_uri": f"{issuer}/keys"},
        "/keys": {"keys": [{"kty": "RSA", "kid": "1"}]},
    }
    wire.documents = documents
    lab.set(COMPANY_ISSUER=issuer, COMPANY_CLIENT_ID="the-site", COMPANY_CLIENT_SECRET="of-the-company")
    lab.settings.PROVIDER_ENDPOINTS[f"{issuer}/"] = f"{wire.url}/"
    row = lab.examine("discovery")
    assert (row.state, row.said.rpartition(", ")[2]) == ("ok", issuer)

    documents["/.well-known/openid-configuration"]["issuer"] = "https://other.example"
    documents["/keys"]["keys"] = []
    row = lab.examine("discovery")
    assert [one.found for one in row.findings] == [
        "the issuer calls itself https://other.example",
        "no key for RS256 at https://company.example/keys",
    ]
    assert row.findings[0].fixes[0].text == "COMPANY_ISSUER=https://other.example"
    assert row.findings[1].why == "This application takes ID tokens that are signed with RS256, and no others."


@dataclass
class Imported:
    """A pool with what AWS does not take of anybody, until somebody sets it: answers go on, with one member changed.

    Attributes:
        reading: the operation whose answers are changed; once another answer comes, they are as they come.
    """

    lab: Installation
    wire: Wire
    reading: str
    change: Callable[[dict[str, Any]], dict[str, Any]]

    def __post_init__(self) -> None:
        self._planted: dict[str, Any] | None = None
        model = self.lab.client("cognito-identity").meta.service_model
        self.wire.answers = {name: partial(self._answer, name) for name in model.operation_names}

    def _answer(self, operation: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = dict(getattr(self.lab.client("cognito-identity"), xform_name(operation))(**params))
        answer.pop("ResponseMetadata")
        if operation != self.reading or not self.change(answer):
            return 200, answer
        self._planted = self._planted or answer
        return 200, self.change(answer) if answer == self._planted else answer


def with_mapping(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Changes the pool's role mapping in an answer of GetIdentityPoolRoles; a member that is None is left out."""

    def change(answer: dict[str, Any]) -> dict[str, Any]:
        ((key, mapping),) = answer["RoleMappings"].items()
        changed = {name: value for name, value in {**mapping, **changes}.items() if value is not None}
        return {**answer, "RoleMappings": {key: changed}}

    return change


def test_a_mapping_that_does_not_say_what_happens_when_nothing_fits(
    rewired: Callable[[str], Installation], wire: Wire
) -> None:
    lab = rewired("COGNITO_IDENTITY")
    Imported(lab, wire, "GetIdentityPoolRoles", with_mapping(AmbiguousRoleResolution=None))
    row = lab.examine("mappings")
    assert "says no AmbiguousRoleResolution" in row.findings[0].found
    lab.mend(row)
    assert lab.examine("mappings").findings == ()
    _put_back(lab)


def test_a_mapping_with_more_rules_than_a_pool_takes(rewired: Callable[[str], Installation], wire: Wire) -> None:
    lab = rewired("COGNITO_IDENTITY")
    role = lab.stack.resources["EngineersRole"].made.attributes["Arn"]
    named = {"Claim": "custom:department", "MatchType": "Equals", "RoleARN": role}
    rules = [{**named, "Value": f"team-{number}"} for number in range(26)]
    Imported(lab, wire, "GetIdentityPoolRoles", with_mapping(Type="Rules", RulesConfiguration={"Rules": rules}))
    row = lab.examine("mappings")
    assert row.findings[0].found.endswith("has 26 rules")
    lab.mend(row)
    assert lab.examine("mappings").findings == ()
    pool_id = lab.env["COGNITO_IDENTITY_POOL_ID"]
    (mapping,) = lab.client("cognito-identity").get_identity_pool_roles(IdentityPoolId=pool_id)["RoleMappings"].values()
    assert mapping["RulesConfiguration"]["Rules"] == rules[:25]
    _put_back(lab)


def test_more_tags_than_a_pool_takes(rewired: Callable[[str], Installation], wire: Wire) -> None:
    lab = rewired("COGNITO_IDENTITY")
    api, pool_id = lab.client("cognito-identity"), lab.env["COGNITO_IDENTITY_POOL_ID"]
    provider = f"cognito-idp.us-east-1.amazonaws.com/{lab.stack.outputs['CognitoUserPoolId']}"
    named = {"IdentityPoolId": pool_id, "IdentityProviderName": provider}
    before = api.get_principal_tag_attribute_map(**named)
    many = {f"tag{number}": f"claim{number}" for number in range(51)}

    def change(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "PrincipalTags": many} if answer["IdentityProviderName"] == provider else {}

    Imported(lab, wire, "GetPrincipalTagAttributeMap", change)
    row = lab.examine("tags")
    assert [one.found for one in row.findings] == [f"{provider} has 51 tags"]
    lab.mend(row)
    assert lab.examine("tags").findings == ()
    assert len(api.get_principal_tag_attribute_map(**named)["PrincipalTags"]) == 50
    kept = {name: before[name] for name in ("UseDefaults", "PrincipalTags") if name in before}
    api.set_principal_tag_attribute_map(**named, **kept)


def test_more_get_id_a_second_than_the_account_has(rewired: Callable[[str], Installation], wire: Wire) -> None:
    quotas = [{"QuotaName": "Rate of GetId requests", "QuotaCode": "L-1", "Value": 10.0}]
    wire.answers["ListServiceQuotas"] = lambda params: (200, {"Quotas": quotas})
    lab = rewired("SERVICE_QUOTAS")
    row = lab.examine("quotas")
    assert [one.found for one in row.findings] == ["GET_ID_PER_SECOND is 20, and the account has 10 a second"]
    (fix,) = row.findings[0].fixes
    assert fix.text == "GET_ID_PER_SECOND=8"
    lab.settings.GET_ID_PER_SECOND = 8
    assert lab.examine("quotas").state == "ok"


def test_a_trail_that_records_nothing_of_identity_pools(rewired: Callable[[str], Installation], wire: Wire) -> None:
    selectors: list[dict[str, Any]] = []

    def put(params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        selectors[:] = params["AdvancedEventSelectors"]
        return 200, {}

    wire.answers["DescribeTrails"] = lambda params: (200, {"trailList": [{"Name": "main", "TrailARN": TRAIL}]})
    wire.answers["GetEventSelectors"] = lambda params: (200, {"AdvancedEventSelectors": selectors})
    wire.answers["PutEventSelectors"] = put
    lab = rewired("CLOUDTRAIL")
    row = lab.examine("trail")
    assert (row.state, row.said) == ("note", "off")
    (fix,) = row.findings[0].fixes
    put(json.loads(fix.text.partition("--cli-input-json ")[2].strip("'")))
    assert (lab.examine("trail").state, lab.examine("trail").said) == ("ok", "recorded by main")
    assert [one["Name"] for one in selectors] == ["Management", "Identity pools"]


def test_a_policy_from_above(rewired: Callable[[str], Installation], wire: Wire) -> None:
    sentence = "User is not authorized to perform this with an explicit deny in a resource control policy"
    refusal = {"__type": "AccessDeniedException", "message": sentence}
    wire.answers["DescribeIdentityPool"] = lambda params: (400, refusal)
    lab = rewired("COGNITO_IDENTITY")
    rows = {row.name: row for row in examine(only=["pool", "from-above"]).rows}
    assert (rows["pool"].state, rows["pool"].said) == ("unchecked", "needs cognito-identity:DescribeIdentityPool")
    assert rows["from-above"].state == "warning"
    assert sentence in rows["from-above"].findings[0].found
    assert rows["from-above"].findings[0].fixes
    Imported(lab, wire, "DescribeIdentityPool", lambda answer: {})  # nobody forbids it any more
    rows = {row.name: row for row in examine(only=["pool", "from-above"]).rows}
    assert (rows["pool"].state, rows["from-above"].findings) == ("ok", ())


# --- The server's own role --------------------------------------------------------------------------------------------


def documented_policy(lab: Installation) -> dict[str, Any]:
    """The least-privilege policy of docs/aws-setup.md, for this account."""
    page = (ROOT / "docs" / "aws-setup.md").read_text()
    (text,) = re.findall(r"```json\n(\{.*?)```", page, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture
def as_role(lab: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Makes the server a role with these statements, and gives its name."""
    iam: Any = lab.client("iam")
    made: list[str] = []

    def assume(*statements: dict[str, Any]) -> str:
        name = f"Server{len(made)}"
        made.append(name)
        whom = {"Principal": {"AWS": f"arn:aws:iam::{lab.stack.account}:root"}, "Action": "sts:AssumeRole"}
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **whom}]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
        if statements:
            rights = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(RoleName=name, PolicyName="Server", PolicyDocument=json.dumps(rights))
        keys = lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="server")["Credentials"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
        return name

    yield assume
    for name in made:
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)


def test_the_documented_policy_is_enough_for_every_check(lab: Installation, as_role: Callable[..., str]) -> None:
    as_role(*documented_policy(lab)["Statement"])
    names = [row.name for row in examine().rows if row.state == "unchecked"]
    assert names == ["quotas", "trail"]  # which the sandbox does not have
    assert lab.examine("quotas").said != "needs servicequotas:ListServiceQuotas"


def test_the_server_may_not_vouch_for_people_and_then_it_may(lab: Installation, as_role: Callable[..., str]) -> None:
    as_role(*documented_policy(lab)["Statement"])
    row = lab.examine("server")
    assert row.state == "error"
    assert "may not call GetOpenIdTokenForDeveloperIdentity" in row.findings[0].found
    lab.mend(row)
    assert lab.examine("server").state == "ok"


def test_the_server_may_do_more_than_it_does(lab: Installation, as_role: Callable[..., str]) -> None:
    pool = {"Effect": "Allow", "Action": "cognito-identity:GetOpenIdTokenForDeveloperIdentity", "Resource": "*"}
    as_role(*documented_policy(lab)["Statement"], pool, {"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    row = lab.examine("server")
    assert [one.found.partition(" may ")[2] for one in row.findings] == ["also do iam:*"]
    lab.mend(row)
    assert lab.examine("server").state == "ok"


def test_what_is_not_allowed_is_named_and_the_rest_is_checked(lab: Installation, as_role: Callable[..., str]) -> None:
    allowed = ["cognito-identity:DescribeIdentityPool", "cognito-identity:GetIdentityPoolRoles"]
    as_role({"Effect": "Allow", "Action": allowed, "Resource": "*"})
    rows = {row.name: row for row in examine().rows}
    assert (rows["guests"].state, rows["classic"].state) == ("ok", "ok")
    assert (rows["trust"].state, rows["trust"].said[:5]) == ("unchecked", "needs")
    assert rows["user-pool"].said == "needs cognito-idp:DescribeUserPoolClient"
    assert [row.name for row in rows.values() if row.state == "error"] == []
