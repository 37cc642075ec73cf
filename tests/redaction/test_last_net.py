"""The last net: a secret of the run is found wherever it still stands, in whatever form, and the find is told."""

import base64
import html
import json
import re
import time
from urllib.parse import quote, quote_plus

import pytest
from django.utils import timezone

from redaction import Marker, Redactor
from redaction.calls import HttpAttempt, RecordedCall

SECRET = "wJalr/XUtn+FEMI=\"K7MDENG&b<Px>Rfi\\CY'é"
PLAIN = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQW"


@pytest.fixture
def marker() -> Marker:
    marker = Marker(b"key of a run")
    marker.mark(SECRET, "secret key")
    marker.mark(PLAIN, "session token")
    return marker


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        re.sub("%..", lambda found: found[0].lower(), quote(SECRET, safe="")),
        quote(quote(SECRET, safe=""), safe=""),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        SECRET.encode().hex(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"Bearer {SECRET}".encode()).decode(),
        base64.b64encode(f"a:{SECRET}:and more".encode()).decode(),
        quote(base64.b64encode(f"xy{PLAIN}".encode()).decode(), safe=""),
    ],
)
def test_every_form_is_caught(marker: Marker, form: str) -> None:
    told = {"error_message": f"before {form} after", "list": [{"deep": form}], form: "as a name"}
    caught, scrubbed = marker.catch(told)
    assert scrubbed
    assert form not in json.dumps(caught, ensure_ascii=False)
    assert form not in str(caught)


def test_clean_content_is_left_alone_and_not_flagged(marker: Marker) -> None:
    told = {"url": "https://sts.us-east-1.amazonaws.com/", "n": 3, "none": None, "mark": marker.mark(SECRET, "x")}
    assert marker.catch(told) == (told, False)


def test_what_looks_like_a_token_is_caught_though_nobody_knew_it(marker: Marker) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"
    caught, scrubbed = marker.catch({"error": f"could not verify {token}!"})
    assert scrubbed
    assert caught["error"] == f"could not verify {marker.mark(token, 'token')}!"


@pytest.mark.parametrize("before", ["", "x", "x-", "eyJ", "eyJx.", "Bearer "])
@pytest.mark.parametrize("after", ["", ".", ".signature", " more"])
def test_a_token_is_caught_wherever_it_begins(marker: Marker, before: str, after: str) -> None:
    caught, there_was = marker.catch(f"{before}eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0{after}")
    assert there_was
    assert "eyJzdWIi" not in caught


@pytest.mark.parametrize("part", ["eyJ", "eyJ-", "eyJaaaaaaaa."])
def test_what_is_full_of_beginnings_of_tokens_is_read_once(marker: Marker, part: str) -> None:
    began = time.thread_time()
    marker.catch(part * 100_000)
    assert time.thread_time() - began < 3


def test_a_call_with_thousands_of_secrets_goes_through_in_no_time() -> None:
    """AWS takes ten logins; whoever composes the call sends as many as fit."""
    marker, began = Marker(b"key of a run"), time.thread_time()
    marks = [marker.mark(f"secret number {number}", "token") for number in range(4000)]
    texts = {f"k{number}": mark for number, mark in enumerate(marks)}
    assert marker.catch(texts) == (texts, False)
    caught, there_was = marker.catch({**texts, "said": "of secret number 3999, secret%20number%203777"})
    assert there_was
    assert marks[3999] in caught["said"]
    assert marks[3777] in caught["said"]
    assert time.thread_time() - began < 3


def test_a_token_that_nobody_knew_is_caught_in_its_other_forms_too(marker: Marker) -> None:
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
    caught, _ = marker.catch({"a": token.encode().hex(), "b": token})
    assert caught["a"] == caught["b"]
    assert caught["b"].startswith("‹token · ")


def test_a_short_value_is_marked_in_its_place_but_not_hunted(marker: Marker) -> None:
    assert marker.mark("test", "password").startswith("‹password · ")
    assert marker.catch({"text": "a test of tests"}) == ({"text": "a test of tests"}, False)


def test_what_no_database_takes_is_replaced(marker: Marker) -> None:
    assert marker.catch({"a": "x\0y", "b": ["\ud800"]}) == ({"a": "x\ufffdy", "b": ["\ufffd"]}, False)


def test_the_same_secret_has_the_same_mark_and_another_run_another(marker: Marker) -> None:
    assert marker.mark(PLAIN, "something else") == marker.mark(PLAIN, "session token")
    assert Marker(b"key of another run").mark(PLAIN, "session token") != marker.mark(PLAIN, "session token")


def test_what_is_cut_to_size_ends_in_no_half_of_a_secret(marker: Marker) -> None:
    marker.mark(PLAIN, "session token")
    redactor = Redactor(marker)
    body = b"x" * (256 * 1024 - 10) + PLAIN.encode()
    attempt = HttpAttempt(1, "POST", "https://sts.us-east-1.amazonaws.com/", {}, b"", 0.0, 400, response_body=body)
    call = RecordedCall("sts", "AssumeRole", "query", {}, frozenset(), timezone.now(), 0.0, attempts=[attempt])
    call.error_code = "y" * 118 + PLAIN

    stored = redactor.finished(call, [])

    assert (len(stored["error_code"]), PLAIN[:8] in str(stored)) == (128, False)
    assert "‹cut here" in stored["response_body"]
