"""`GET /_sandbox/calls`: what the people of an account did by CLI or SDK, without their secrets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from flows.exchange import clients
from sandbox.aws.endpoint import call_log
from sandbox.core.config import SandboxConfig
from sandbox.core.facts import identity_pool_id
from sandbox.management.commands.sandbox import config_from_settings
from sandbox.testing import RunningSandbox, running_sandbox

HOME = "000000000000"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    data_file = tmp_path_factory.mktemp("calls") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0)) as sandbox:
        yield sandbox


class Learner:
    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.number, self.secret = sandbox.make_account(name="Learner")
        self.pool = identity_pool_id("us-east-1", self.number, HOME, 1)

    def calls(self, after: str = "", **query: str) -> dict[str, Any]:
        more = "".join(f"&{name}={value}" for name, value in query.items())
        found: dict[str, Any] = self.sandbox.switch(
            f"calls?after={after}{more}", method="GET", account=self.number, secret_key=self.secret
        )
        return found

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, access_key=self.number, secret_key=self.secret)


@pytest.fixture
def learner(lab: RunningSandbox) -> Learner:
    return Learner(lab)


@pytest.mark.slow
def test_calls_by_key_and_unsigned_ones_by_pool(learner: Learner) -> None:
    guest = learner.sandbox.anonymous("cognito-identity")
    identity = guest.get_id(IdentityPoolId=learner.pool)["IdentityId"]
    keys = guest.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    s3 = learner.sandbox.client(
        "s3", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"]
    )
    with pytest.raises(s3.exceptions.ClientError):
        s3.put_object(Bucket="identity-pools-lab-public", Key="x.txt", Body=b"no")
    learner.client("dynamodb").scan(TableName="SampleProducts", Limit=1)
    learner.sandbox.client("sts").get_caller_identity()  # of the home account
    found = learner.calls()
    operations = [(call["service"], call["operation"], call["status"], call["signed"]) for call in found["calls"]]
    assert operations == [
        ("cognito-identity", "GetId", 200, False),
        ("cognito-identity", "GetCredentialsForIdentity", 200, False),
        ("s3", "PutObject", 403, True),
        ("dynamodb", "Scan", 200, True),
    ]
    first, second, third, fourth = found["calls"]
    assert first["request_params"] == {"IdentityPoolId": learner.pool}
    assert first["response_params"] == {"IdentityId": identity}
    assert (first["method"], first["attempts"][0]["number"]) == ("POST", 1)
    assert first["decisions"][0]["code"] == "pool.exists"
    assert {entry["source"] for entry in first["decisions"]} == {"sandbox"}
    assert second["response_params"]["Credentials"]["AccessKeyId"] == keys["AccessKeyId"]
    assert third["access_key_id"] == keys["AccessKeyId"]
    assert third["request_params"] == {"Bucket": "identity-pools-lab-public", "Key": "x.txt"}
    assert (third["error_code"], third["decisions"][-1]["verdict"]) == ("AccessDenied", "deny")
    assert fourth["access_key_id"] == learner.number
    assert len({call["request_id"] for call in found["calls"]}) == 4
    text = json.dumps(found, ensure_ascii=False)
    for secret in (keys["SecretKey"], keys["SessionToken"], learner.secret):
        assert secret not in text


@pytest.mark.slow
def test_secrets_are_gone_before_a_call_is_kept(learner: Learner) -> None:
    logins = learner.sandbox.logins("google", "ana", account=learner.number, secret_key=learner.secret)
    guest = learner.sandbox.anonymous("cognito-identity")
    identity = guest.get_id(IdentityPoolId=learner.pool, Logins=logins)["IdentityId"]
    token = guest.get_open_id_token(IdentityId=identity, Logins=logins)["Token"]
    sts = learner.sandbox.anonymous("sts")
    role = f"arn:aws:iam::{learner.number}:role/LabAuthenticated"
    sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="ana", WebIdentityToken=token)
    users = learner.client("cognito-idp")
    pool = users.create_user_pool(PoolName="mine")["UserPool"]["Id"]
    users.admin_create_user(UserPoolId=pool, Username="eve", TemporaryPassword="Planted-Passw0rd!")
    users.admin_set_user_password(UserPoolId=pool, Username="eve", Password="Planted-Passw0rd!", Permanent=True)
    url = learner.client("s3").generate_presigned_url("get_object", {"Bucket": "identity-pools-lab-public", "Key": "a"})
    with pytest.raises(HTTPError):
        urlopen(url)
    found = learner.calls()["calls"]
    kept = json.dumps(found, ensure_ascii=False)
    signature = url.rpartition("X-Amz-Signature=")[2]
    for secret in (*logins.values(), token, "Planted-Passw0rd!", signature):
        assert secret not in kept
    assert [call["operation"] for call in found if call["service"] == "sts"] == ["AssumeRoleWithWebIdentity"]
    asked, given, assumed = found[1], found[1], next(call for call in found if call["service"] == "sts")
    assert asked["tokens"][0]["kind"] == "login token"
    assert any(one["claims"].get("amr") for one in given["tokens"])
    by_where = {one["where"]: one["fingerprint"] for one in given["tokens"]}
    assert assumed["tokens"][0]["fingerprint"] == by_where["response.Token"], "the same token has the same mark"


def test_an_answer_in_json_is_kept_as_one_in_xml_and_without_secrets(learner: Learner) -> None:
    guest = learner.sandbox.anonymous("cognito-identity")
    identity = guest.get_id(IdentityPoolId=learner.pool)["IdentityId"]
    token = guest.get_open_id_token(IdentityId=identity)["Token"]
    fields = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": f"arn:aws:iam::{learner.number}:role/LabGuest",
        "RoleSessionName": "gateway",
        "WebIdentityToken": token,
    }
    url = f"{learner.sandbox.url}/?{urlencode(fields)}"
    with urlopen(Request(url, headers={"Accept": "application/json"})) as answer:
        keys = json.load(answer)["AssumeRoleWithWebIdentityResponse"]["AssumeRoleWithWebIdentityResult"]["Credentials"]
    with pytest.raises(HTTPError):
        urlopen(Request(url.replace("LabGuest", "Nobody"), headers={"Accept": "application/json"}))
    found = [call for call in learner.calls()["calls"] if call["service"] == "sts"]
    text = json.dumps(found)
    for secret in (token, keys["SecretAccessKey"], keys["SessionToken"]):
        assert secret not in text
    assert found[0]["response_params"]["AssumedRoleUser"]["Arn"].endswith("assumed-role/LabGuest/gateway")
    assert found[1]["error_code"] == "AccessDenied"


@pytest.mark.slow
def test_a_form_is_kept_without_what_it_brings(learner: Learner) -> None:
    guest = learner.sandbox.anonymous("cognito-identity")
    identity = guest.get_id(IdentityPoolId=learner.pool)["IdentityId"]
    keys = guest.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    s3 = learner.sandbox.client(
        "s3", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"]
    )
    form = s3.generate_presigned_post("identity-pools-lab-public", "mine")
    fields = [*form["fields"].items(), ("file", "text")]
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
    body = ("".join(parts) + "--b--\r\n").encode()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with pytest.raises(HTTPError):
        urlopen(Request(form["url"], data=body, headers=headers))
    (call,) = [call for call in learner.calls()["calls"] if call["service"] == "s3"]
    assert (call["error_code"], call["caller"].rpartition("/")[2]) == ("403", "CognitoIdentityCredentials")
    kept = json.dumps(call)
    for secret in (keys["SessionToken"], form["fields"]["x-amz-signature"], form["fields"]["policy"]):
        assert secret not in kept


def test_the_cursor_leads_on(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = learner.sandbox.anonymous("cognito-identity")
    guest.get_id(IdentityPoolId=learner.pool)
    first = learner.calls()
    assert (len(first["calls"]), first["missed"], first["more"]) == (1, False, False)
    assert learner.calls(first["cursor"])["calls"] == []
    guest.get_id(IdentityPoolId=learner.pool)
    second = learner.calls(first["cursor"])
    assert len(second["calls"]) == 1
    assert len(learner.calls("0123456789abcdef.77")["calls"]) == 2, "of an earlier start: from the beginning"
    assert learner.calls("0123456789abcdef.77")["missed"]
    monkeypatch.setattr(call_log, "_PAGE", 1)
    page = learner.calls()
    assert (len(page["calls"]), page["more"]) == (1, True)
    assert learner.calls(page["cursor"])["calls"] == second["calls"]
    monkeypatch.setattr(call_log, "MOST_CALLS", 2)
    guest.get_id(IdentityPoolId=learner.pool)
    assert learner.calls(first["cursor"])["missed"] is False
    guest.get_id(IdentityPoolId=learner.pool)
    assert learner.calls(first["cursor"])["missed"] is True


def test_which_accounts_were_called(lab: RunningSandbox, learner: Learner) -> None:
    def called(after: str = "", app: str = "") -> dict[str, Any]:
        found: dict[str, Any] = lab.switch(f"calls/accounts?after={after}&without-app={app}", method="GET")
        return found

    before = called()["cursor"]
    guest, other = learner.sandbox.anonymous("cognito-identity"), Learner(lab)
    guest.get_id(IdentityPoolId=learner.pool)
    first = called(before)
    assert set(first["accounts"]) == {learner.number}
    assert learner.calls(first["accounts"][learner.number])["calls"] == []
    assert called(first["cursor"])["accounts"] == {}
    assert learner.number in called("0123456789abcdef.77")["accounts"], "of an earlier start: from the beginning"

    app = Config(signature_version=UNSIGNED, user_agent_appid="my-app")
    mine = boto3.client("cognito-identity", region_name="us-east-1", endpoint_url=lab.url, config=app)
    mine.get_id(IdentityPoolId=other.pool)
    guest.get_id(IdentityPoolId=learner.pool)
    second = called(first["cursor"])
    assert set(second["accounts"]) == {learner.number, other.number}
    assert set(called(first["cursor"], "my-app")["accounts"]) == {learner.number}
    assert other.calls(**{"without-app": "my-app"})["calls"] == []
    assert len(other.calls(**{"without-app": "another"})["calls"]) == 1
    mine.get_id(IdentityPoolId=learner.pool)
    assert called(first["cursor"], "my-app")["accounts"] == {learner.number: second["accounts"][learner.number]}


def test_who_may_read(lab: RunningSandbox, learner: Learner) -> None:
    other = Learner(lab)
    learner.sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=learner.pool)
    assert other.calls()["calls"] == []
    with pytest.raises(HTTPError, match=r"400|403"):
        other.calls(account=learner.number)
    of_home = lab.switch(f"calls?account={learner.number}", method="GET")
    assert len(of_home["calls"]) == 1
    lab.client("sts").get_caller_identity()
    assert lab.switch("calls", method="GET")["calls"] == [], "the home account's are not kept"
    for number, secret in ((learner.number, learner.secret), (other.number, other.secret)):
        with pytest.raises(HTTPError, match=r"400|403"):
            lab.switch("calls/accounts", method="GET", account=number, secret_key=secret)
    for wrong in ("after=" + 65 * "x", "account=12", "after=a&after=b", "without-app=" + 51 * "x"):
        with pytest.raises(HTTPError):
            lab.switch(f"calls?{wrong}", method="GET")


def test_a_reset_ends_the_log(lab: RunningSandbox, learner: Learner) -> None:
    learner.sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=learner.pool)
    learner.secret = lab.switch("accounts", {"action": "reset", "account": learner.number})["SecretAccessKey"]
    assert learner.calls()["calls"] == []


def test_large_bodies_are_named_and_not_kept(learner: Learner) -> None:
    s3 = learner.client("s3")
    s3.create_bucket(Bucket=f"large-{learner.number}")
    s3.put_object(Bucket=f"large-{learner.number}", Key="a", Body=b"planted " * 100_000)
    put = learner.calls()["calls"][-1]
    assert put["operation"] == "PutObject"
    assert len(json.dumps(put)) < 10_000


def test_calls_of_an_application_that_records_them_itself_are_left_out(tmp_path: Path) -> None:
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, unlisted_apps=("my-app",))
    with running_sandbox(config) as sandbox:
        learner = Learner(sandbox)
        for app in ("my-app", "my-app-2", None):
            config_ = Config(signature_version=UNSIGNED, user_agent_appid=app)
            client = boto3.client("cognito-identity", "us-east-1", endpoint_url=sandbox.url, config=config_)
            client.get_id(IdentityPoolId=learner.pool)
        kept = learner.calls()["calls"]
    assert len(kept) == 2
    assert [" app/my-app" in call["user_agent"] for call in kept] == [True, False]
    assert " app/my-app-2" in kept[0]["user_agent"]


def test_the_command_leaves_out_what_the_web_application_calls_itself() -> None:
    assert config_from_settings().unlisted_apps == ("identity-pools-lab",)
    assert (
        clients.anonymous_client("cognito-identity", "us-east-1", "").meta.config.user_agent_appid
        == "identity-pools-lab"
    )
