"""Clock, faults, reset: each for its own account, signed by its administrator."""

import json
import time
from urllib.error import HTTPError

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.sandbox.lab import Lab, refused
from tests.sandbox.wire import send


@pytest.fixture
def other(lab: Lab) -> Lab:
    return Lab(lab.sandbox, lab.providers)


def switch(lab: Lab, path: str, body: dict[str, object] | None = None, method: str = "POST") -> dict:
    return dict(lab.sandbox.switch(path, body, method=method, account=lab.account))


def get_id(lab: Lab, pool_id: str) -> str:
    """`ok`, or the code of the refusal."""
    try:
        lab.guest(pool_id)
    except ClientError as error:
        return refused(error)[1]
    return "ok"


def test_the_clock_is_the_accounts_own(lab: Lab, other: Lab) -> None:
    ahead = switch(lab, "clock", {"advance": 3600})
    assert ahead["advanced"] == 3600
    assert ahead["now"] == pytest.approx(time.time() + 3600, abs=60)
    assert switch(other, "clock", method="GET")["advanced"] == 0
    assert switch(lab, "clock", {"advance": -600})["advanced"] == 3000
    assert switch(lab, "clock", method="DELETE")["advanced"] == 0


@pytest.mark.parametrize("body", [{}, {"advance": "1"}, {"advance": True}, {"advance": 1e300}, {"advance": None}])
def test_a_clock_that_cannot_be_set(lab: Lab, body: dict[str, object]) -> None:
    with pytest.raises(HTTPError) as error:
        switch(lab, "clock", body)
    assert error.value.code == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "clock", {"advance": 60, "account": "111122223333"}),
        ("POST", "clock?account=111122223333", {"advance": 60}),
        ("POST", "reset", {"account": "111122223333"}),
        ("DELETE", "clock", {"account": "111122223333"}),
        ("GET", "mailbox?account=111122223333", {}),
        ("GET", "stand-ins?account=111122223333", {}),
    ],
)
def test_who_names_another_account_changes_nothing_of_the_own_one(
    lab: Lab, method: str, path: str, body: dict[str, object]
) -> None:
    pool_id = lab.pool(roles=False)
    with pytest.raises(HTTPError) as error:
        switch(lab, path, body, method)
    assert error.value.code == 400
    assert switch(lab, "clock", method="GET")["advanced"] == 0
    assert get_id(lab, pool_id) == "ok"


def test_an_error_on_request(lab: Lab, other: Lab) -> None:
    pool_id, untouched = lab.pool(roles=False), other.pool(roles=False)
    fault = {"operation": "GetId", "code": "InternalErrorException", "message": "on request", "status": 500, "times": 2}
    switch(lab, "faults", fault)
    assert get_id(other, untouched) == "ok"
    assert [get_id(lab, pool_id) for _ in range(3)] == ["InternalErrorException", "InternalErrorException", "ok"]


def test_a_fault_of_one_pool(lab: Lab) -> None:
    struck, spared = lab.pool(roles=False), lab.pool(roles=False)
    guest = lab.guest(struck)
    switch(lab, "faults", {"pool": struck, "code": "ResourceConflictException"})
    assert get_id(lab, spared) == "ok"
    assert get_id(lab, struck) == "ResourceConflictException"
    with pytest.raises(ClientError) as error:
        lab.public.get_open_id_token(IdentityId=guest)
    assert refused(error.value)[1] == "ResourceConflictException"
    assert len(switch(lab, "faults", method="GET")["faults"]) == 1
    assert switch(lab, "faults", method="DELETE") == {"faults": []}
    assert get_id(lab, struck) == "ok"


def test_throttling_in_the_words_of_aws(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    switch(lab, "faults", {"operation": "GetId", "rate": 0})
    with pytest.raises(ClientError) as error:
        lab.guest(pool_id)
    assert refused(error.value) == (400, "TooManyRequestsException", "Rate exceeded")


def test_a_delay(lab: Lab) -> None:
    pool_id = lab.pool(roles=False)
    switch(lab, "faults", {"operation": "GetId", "delay": 0.3})
    began = time.monotonic()
    assert get_id(lab, pool_id) == "ok"
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("body", [{"unknown": 1}, {"rate": "x"}, {"status": 200}, {"delay": -1}, {"times": True}])
def test_a_fault_that_cannot_be(lab: Lab, body: dict[str, object]) -> None:
    with pytest.raises(HTTPError) as error:
        switch(lab, "faults", body)
    assert error.value.code == 400


@pytest.mark.slow
def test_reset_empties_one_account(lab: Lab, other: Lab) -> None:
    pool_id, kept = lab.pool(), other.pool()
    lab.client("s3").create_bucket(Bucket=f"bucket-{lab.account}")
    lab.client("ssm").put_parameter(Name="/kept", Value="no", Type="String")
    for one in (lab, other):
        one.client("s3").create_bucket(Bucket=f"objects-{one.account}")
        one.client("s3").put_object(Bucket=f"objects-{one.account}", Key="note", Body=b"mine")
    switch(lab, "clock", {"advance": 10})
    switch(lab, "reset")
    assert get_id(lab, pool_id) == "ResourceNotFoundException"
    assert lab.iam.list_roles()["Roles"] == []
    assert lab.client("s3").list_buckets()["Buckets"] == []
    assert lab.client("ssm").describe_parameters()["Parameters"] == []
    assert switch(lab, "clock", method="GET")["advanced"] == 0
    assert get_id(other, kept) == "ok"
    note = other.client("s3").get_object(Bucket=f"objects-{other.account}", Key="note")
    assert note["Body"].read() == b"mine"


def test_the_switches_want_a_signature(lab: Lab) -> None:
    answer = send(lab.sandbox, "POST", "/_sandbox/clock", b'{"advance": 1}')
    assert (answer.status, answer.json["__type"]) == (400, "MissingAuthenticationTokenException")


def test_the_switches_are_not_for_sessions(lab: Lab) -> None:
    got = lab.public.get_credentials_for_identity(IdentityId=lab.guest(lab.pool()))["Credentials"]
    keys = Credentials(got["AccessKeyId"], got["SecretKey"], got["SessionToken"])
    request = AWSRequest("POST", f"{lab.sandbox.url}/_sandbox/reset", data=b"{}")
    SigV4Auth(keys, "sandbox", "us-east-1").add_auth(request)
    answer = send(lab.sandbox, "POST", "/_sandbox/reset", b"{}", dict(request.headers.items()))
    assert answer.json["__type"] == "AccessDeniedException"


@pytest.mark.parametrize("path", ["clock", "faults", "reset"])
def test_no_page_of_a_browser_may_use_the_switches(lab: Lab, path: str) -> None:
    """The answer to the preflight, without which a browser sends no Authorization header, grants nothing."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-amz-date"}
    answer = send(lab.sandbox, "OPTIONS", f"/_sandbox/{path}", headers={"Origin": "http://app.example", **asked})
    assert answer.status == 400
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    refused = send(lab.sandbox, "POST", f"/_sandbox/{path}", b"{}", {"Origin": "http://app.example"})
    assert not [name for name in refused.headers if name.startswith("access-control-")]


def test_the_answer_of_a_switch_is_for_no_page_either(lab: Lab) -> None:
    request = AWSRequest("GET", f"{lab.sandbox.url}/_sandbox/clock")
    SigV4Auth(Credentials(lab.account, "test"), "sandbox", "us-east-1").add_auth(request)
    answer = send(lab.sandbox, "GET", "/_sandbox/clock", b"", dict(request.headers.items()))
    assert (answer.status, answer.json["account"]) == (200, lab.account)
    assert "access-control-allow-origin" not in answer.headers


def test_a_signature_in_the_address_is_not_taken(lab: Lab) -> None:
    """Browsers send such a request to any origin without asking."""
    request = AWSRequest("POST", f"{lab.sandbox.url}/_sandbox/clock", data=b'{"advance": 60}')
    SigV4QueryAuth(Credentials(lab.account, "test"), "sandbox", "us-east-1").add_auth(request)
    answer = send(lab.sandbox, "POST", request.url.removeprefix(lab.sandbox.url), b'{"advance": 60}')
    assert answer.json["__type"] == "MissingAuthenticationTokenException"
    assert switch(lab, "clock", method="GET")["advanced"] == 0


def test_what_browsers_need_stays_open_to_them(lab: Lab) -> None:
    for path in ("/_sandbox/health", "/.well-known/jwks_uri", "/.well-known/openid-configuration"):
        assert send(lab.sandbox, "GET", path).headers["access-control-allow-origin"] == "*"
        asked = {"Origin": "http://app.example", "Access-Control-Request-Method": "GET"}
        assert send(lab.sandbox, "OPTIONS", path, headers=asked).headers["access-control-allow-origin"] == "*"


def test_a_page_that_does_not_exist(lab: Lab) -> None:
    for path in ("/_sandbox/", "/_sandbox/requests/none", "/.well-known/else", "/_sandbox/moto-api/reset"):
        assert send(lab.sandbox, "GET", path).status == 404
    assert json.loads(send(lab.sandbox, "GET", "/_sandbox/health").body)["status"] == "ok"


def test_faults_together_keep_a_call_waiting_no_longer_than_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.aws.endpoint.faults._LONGEST_DELAY", 0.2)
    for _ in range(100):
        switch(lab, "faults", {"operation": "ListIdentityPools", "delay": 0.2})
    began = time.monotonic()
    lab.pools.list_identity_pools(MaxResults=1)
    assert 0.2 <= time.monotonic() - began < 15, "twenty seconds would be all of them"
