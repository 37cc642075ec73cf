"""What the redactor makes of one recorded call, member by member: what is marked, what stays, what is described."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import jwt
import pytest
from django.utils import timezone

from redaction import Marker, Redactor, Verification
from redaction.bodies import rewrite, rewrite_form
from redaction.calls import HttpAttempt, RecordedCall
from redaction.names import kind_of

ADDRESS = "https://sts.us-east-1.amazonaws.com/"
SECRET = "opaque-secret-1"  # no JSON Web Token


def marked(secret: str, kind: str) -> str:
    return Marker(b"k").mark(secret, kind)


def call_of(params: dict[str, Any] | None = None, **attempt: Any) -> RecordedCall:
    made = RecordedCall("sts", "AssumeRole", "query", params or {}, frozenset({"Pin"}), timezone.now(), 0.0)
    if attempt:
        sent = {"url": ADDRESS, "request_headers": {}, "request_body": b"", "status": 200, **attempt}
        made.attempts.append(HttpAttempt(1, "POST", began=0.0, **sent))
    return made


def stored(call: RecordedCall, **options: Any) -> dict[str, Any]:
    return Redactor(Marker(b"k"), **options).finished(call, [{"check": "expiry"}])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Pin": ["12", ("34",)]}, {"Pin": [marked("12", "sensitive value"), [marked("34", "sensitive value")]]}),
        ({"Names": {"b"}}, {"Names": ["b"]}),
        ({"None": None, "Yes": True, "Number": 1, "Part": 0.5}, {"None": None, "Yes": True, "Number": 1, "Part": 0.5}),
        ({"At": datetime(2026, 1, 2, tzinfo=UTC)}, {"At": "2026-01-02T00:00:00+00:00"}),
        ({"Bytes": b"x" * 1234, "More": bytearray(2)}, {"Bytes": "‹1,234 bytes›", "More": "‹2 bytes›"}),
        ({"Price": Decimal("1.50")}, {"Price": "1.50"}),
        ({"Token": 7}, {"Token": marked("7", "OpenID token")}),
        ({"Token": ""}, {"Token": ""}),
    ],
)
def test_a_parameter_is_stored_as(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert stored(call_of(given))["request_params"] == expected


def test_a_stream_is_described_by_what_was_read_of_it() -> None:
    call = call_of(response_body=b"not kept", response_headers={})
    call.answer, call.stream = {"Body": io.BytesIO(b"abc")}, "3 bytes of text/plain"
    fields = stored(call)
    assert fields["response_params"] == {"Body": "‹3 bytes of text/plain›"}
    assert fields["response_body"] == "‹3 bytes of text/plain›"


def test_a_call_that_was_never_sent_has_no_request_and_no_answer() -> None:
    fields = stored(call_of({"RoleArn": "r"}))
    assert fields["request_params"] == {"RoleArn": "r"}
    assert not {"method", "url", "status", "request_body", "response_body"} & set(fields)
    assert (fields["response_params"], fields["attempts"], fields["decisions"]) == ({}, [], [{"check": "expiry"}])


def test_an_answer_is_stored_without_what_the_sdk_adds() -> None:
    call = call_of()
    call.answer = {"Error": {"Code": "E"}, "message": "twice", "Message": "twice", "ResponseMetadata": {}}
    assert stored(call)["response_params"] == {"Error": {"Code": "E"}}
    call.answer = {"message": "its own", "Message": "its own", "ResponseMetadata": {}}
    assert stored(call)["response_params"] == {"message": "its own", "Message": "its own"}


@pytest.mark.parametrize("url", [ADDRESS, f"{ADDRESS}?", f"{ADDRESS}?Action=AssumeRole&Version"])
def test_an_address_without_a_secret_stays_to_the_last_character(url: str) -> None:
    assert stored(call_of(url=url))["url"] == url


def test_a_secret_in_an_address_is_marked() -> None:
    url = f"{ADDRESS}?X-Amz-Security-Token={SECRET}&Pin=1"
    expected = f"{ADDRESS}?X-Amz-Security-Token={marked(SECRET, 'session token')}&Pin={marked('1', 'sensitive value')}"
    assert stored(call_of(url=url))["url"] == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", SECRET, marked(SECRET, "authorization")),
        ("Authorization", f"Bearer {SECRET}", f"Bearer {marked(SECRET, 'authorization')}"),
        ("Authorization", f"AWS4 Signature={SECRET}", f"AWS4 Signature={marked(SECRET, 'signature')}"),
        ("X-Sandbox-Decisions", "W10=", "‹listed under Why›"),
        ("X-Amz-Security-Token", SECRET, marked(SECRET, "session token")),
        ("X-Error", f"bad access_token={SECRET}", f"bad access_token={marked(SECRET, 'access token')}"),
        ("X-Error", f"bad request_token={SECRET}", f"bad request_token={SECRET}"),
    ],
)  # fmt: skip
def test_a_header_is_stored_as(name: str, value: str, expected: str) -> None:
    assert stored(call_of(request_headers={name: value}))["request_headers"] == {name: expected}


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"", {"Content-Type": "application/octet-stream"}, ""),
        (b"\x00" * 2000, {"content-type": "image/png"}, "‹2,000 bytes of image/png›"),
        (b'{"a": 1}', {"Content-Type": "Application/JSON"}, '{"a": 1}'),
        (b"plain", {}, "plain"),
        (b"plain", {"Content-Length": "image/png"}, "plain"),
        (b'{"Pin": "12"}', {}, '{"Pin": "' + marked("12", "sensitive value") + '"}'),
    ],
)
def test_a_body_is_stored_as(body: bytes, headers: dict[str, str], expected: str) -> None:
    assert stored(call_of(request_body=body, request_headers=headers))["request_body"] == expected


def test_a_body_of_the_longest_kept_size_is_whole() -> None:
    longest = b"x" * (256 * 1024)
    assert stored(call_of(response_body=longest))["response_body"] == longest.decode()
    cut = stored(call_of(response_body=longest + b"x"))["response_body"]
    assert cut == longest.decode() + "\n‹cut here: 262,145 characters in all›"


def test_a_login_by_a_plain_name_is_plain_and_only_under_that_name() -> None:
    params = {"Logins": {"login.lab": "user-1234567", "other.lab": SECRET}}
    fields = stored(call_of(params, request_body=b'{"login.lab": "user-1"}'), plain_logins=frozenset({"login.lab"}))
    assert fields["request_params"]["Logins"] == {
        "login.lab": "user-1234567",
        "other.lab": marked(SECRET, "login token"),
    }


def test_a_token_says_who_checked_it_and_with_which_key() -> None:
    token = jwt.encode({"sub": "42"}, "k" * 32, headers={"kid": "its own"})
    unchecked = stored(call_of({"Token": token}))["tokens"][0]
    assert (unchecked["verified"], unchecked["key_id"], unchecked["note"]) == (False, "its own", "")
    checked = stored(call_of({"Token": token}), verify=lambda _: Verification(True, "found", "by us"))["tokens"][0]
    assert (checked["verified"], checked["key_id"], checked["note"]) == (True, "found", "by us")
    assert checked["kind"] == "OpenID token"
    assert f"OpenID token · {checked['fingerprint']}" in marked(token, "OpenID token")


def test_the_shortest_secret_that_is_hunted() -> None:
    marker = Marker(b"k")
    marker.mark("12345678", "password")
    marker.mark("abcdefg", "password")
    caught, scrubbed = marker.catch(("a 12345678 b", "a abcdefg b", 5))
    assert (caught, scrubbed) == ([f"a {marked('12345678', 'password')} b", "a abcdefg b", 5], True)


def test_a_secret_within_a_secret_does_not_leave_half_of_the_longer() -> None:
    marker = Marker(b"k")
    marker.mark("inner-secret", "password")
    marker.mark("outer-inner-secret-outer", "password")
    caught, _ = marker.catch("x outer-inner-secret-outer y")
    assert caught == f"x {marked('outer-inner-secret-outer', 'password')} y"


def replaced(path: tuple[str, ...], value: str) -> str | None:
    return "#" if kind_of(path, frozenset({"Pin"})) else None


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("<Token>  </Token>", "text/xml", "<Token>  </Token>"),
        ("<?xml?><!-- a --><Token>s</Token>", "text/xml", "<?xml?><!-- a --><Token>#</Token>"),
        ("<a><Token>s</Token><b/>x</a>", "text/xml", "<a><Token>#</Token><b/>x</a>"),
        ("<Token><b/>s</Token><>x</>", "text/xml", "<Token><b/>#</Token><>x</>"),
        ('{"a":{"Token":"s"},"b":"x"}', "", '{"a":{"Token":"#"},"b":"x"}'),
        ('{"Token":["s","t"],"b":["x"]}', "", '{"Token":["#","#"],"b":["x"]}'),
        ('[{"Pin":"s"}]}]"x"', "application/json", '[{"Pin":"#"}]}]"x"'),
        ('{"Pin":{"b":"s"},"c":"x"}', "", '{"Pin":{"b":"#"},"c":"x"}'),
        ('{"Pin":1,"c":"x"}', "", '{"Pin":1,"c":"x"}'),
        ('"x"', "application/json", '"x"'),
        ('["Pin","x"]', "", '["Pin","x"]'),
        ('{"Pin":"\\ud800\\q"}', "", '{"Pin":"#"}'),
        ("Pin=s&Pin", "application/x-www-form-urlencoded", "Pin=#&Pin"),
        ("Pin=s", "text/plain", "Pin=s"),
    ],
)  # fmt: skip
def test_a_value_is_known_by_its_place(body: str, content_type: str, expected: str) -> None:
    assert rewrite(body, content_type, replaced) == expected


def test_a_name_without_a_value_is_left_alone() -> None:
    assert rewrite_form("Token&Token=&a=Token", lambda path, value: "#" if path == ("Token",) else None) == (
        "Token&Token=#&a=Token"
    )


def test_the_innermost_name_says_the_kind() -> None:
    assert kind_of(("Logins", "AccessToken"), frozenset()) == "access token"
    assert kind_of(("Logins", "provider"), frozenset()) == "login token"
    assert kind_of(("Outer", "x"), frozenset({"Outer"})) == "sensitive value"
    assert kind_of((), frozenset({"Outer"})) == ""
