"""Secrets are taken out where they are known to stand, and the rest of a body stays as it was on the wire."""

import json
import time

import pytest

from redaction.bodies import rewrite
from redaction.names import kind_of

SENSITIVE = frozenset({"Value"})


def masked(path: tuple[str, ...], value: str) -> str | None:
    return f"<{kind_of(path, SENSITIVE)}>" if kind_of(path, SENSITIVE) else None


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ('{"Token": "a.b.c" ,"x":1}', "application/x-amz-json-1.1", '{"Token": "<OpenID token>" ,"x":1}'),
        ('{"Logins":{"a":"s1","b":"s2"}}', "application/json", '{"Logins":{"a":"<login token>","b":"<login token>"}}'),
        ('["x",{"SessionToken":"q\\"\\\\"}]', "application/json", '["x",{"SessionToken":"<session token>"}]'),
        ('{"Name":"Token","Value":"Token"}', "application/json", '{"Name":"Token","Value":"<sensitive value>"}'),
        ('{"NextToken":"page2"}', "application/json", '{"NextToken":"page2"}'),
        ("{\"SecretKey\": \"no end", "application/json", "{\"SecretKey\": \"no end"),
        ("a=1&Token=x%2By&b=%20", "application/x-www-form-urlencoded", "a=1&Token=<OpenID token>&b=%20"),
        ("Tags.member.1.Value=red", "application/x-www-form-urlencoded", "Tags.member.1.Value=<sensitive value>"),
        (
            "<R><SecretKey>s&amp;t</SecretKey><a:SessionToken x='1'>u</a:SessionToken></R>",
            "text/xml",
            "<R><SecretKey><secret key></SecretKey><a:SessionToken x='1'><session token></a:SessionToken></R>",
        ),
        ("<Token><![CDATA[t]]></Token><Token/>", "text/xml", "<Token><![CDATA[<OpenID token>]]></Token><Token/>"),
        ("SecretKey: plain text", "text/plain", "SecretKey: plain text"),
        # Broken, wrapped, or of another form than it says.
        ('{"SecretKey": "cut/short+12', "application/json", '{"SecretKey": "<secret key>'),
        ("{'SessionToken': 'of/python=='}", "application/json", "{'SessionToken': '<session token>'}"),
        ('{"error":"got {\\"id_token\\":\\"wrapped-up\\"}"}', "", '{"error":"got {\\"id_token\\":\\"<ID token>\\"}"}'),
        ('<r SecretKey="attribute">x</r>', "text/xml", '<r SecretKey="<secret key>">x</r>'),
        ("<SecretKey>s", "application/json", "<SecretKey><secret key>"),
        ('{"message": "SecretKey=in-a-sentence"}', "", '{"message": "SecretKey=<secret key>"}'),
        ("<p>access_token=in-a-page", "text/html", "<p>access_token=<access token>"),
        ("abc=" * 20 + " access_token=behind-it", "text/plain", "abc=" * 20 + " access_token=<access token>"),
        ("bad Authorization: Bearer opaque-token", "text/plain", "bad Authorization: Bearer <authorization>"),
        ("Authorization=AWS4-HMAC-SHA256 Credential=AKIA", "", "Authorization=AWS4-HMAC-SHA256 Credential=AKIA"),
    ],
)  # fmt: skip
def test_only_the_secret_changes(body: str, content_type: str, expected: str) -> None:
    assert rewrite(body, content_type, masked) == expected


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "abc=",
        "abc:",
        "abc\\\\",
        "abc: ",
        '"\\',
        "<![CDATA[",
        "<",
        "abc='abcdefgh",
        '"abc": "abcdefgh=',
        "%41bc=",
    ],
)
@pytest.mark.parametrize("first", ["", "[", "<a>"])
def test_a_long_text_is_read_in_no_time(first: str, part: str) -> None:
    text = first + part * (250_000 // len(part))
    began = time.thread_time()
    assert rewrite(text, "text/plain", masked) == text
    assert time.thread_time() - began < 5


def test_body_without_a_content_type_is_read_by_its_look() -> None:
    assert rewrite('{"Token":"x"}', "", masked) == '{"Token":"<OpenID token>"}'
    assert rewrite("<a><Token>x</Token></a>", "", masked) == "<a><Token><OpenID token></Token></a>"


def test_whole_json_value_is_found_however_it_is_escaped() -> None:
    seen: list[str] = []

    def look(path: tuple[str, ...], value: str) -> None:
        seen.append(value)

    text = json.dumps({"k": 'ünï "quoted" \\ \n \u2028'})
    assert rewrite(text, "application/json", look) == text
    assert seen == ['ünï "quoted" \\ \n \u2028']


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("X-Amz-Security-Token", "session token"),
        ("x-amz-security-token", "session token"),
        ("Set-Cookie", "cookie"),
        ("access_token", "access token"),
        ("SAMLResponse", "SAML response"),
        ("ContinuationToken", ""),
        ("ClientRequestToken", ""),
        ("IdentityId", ""),
    ],
)
def test_names_are_compared_without_case_and_hyphens(name: str, kind: str) -> None:
    assert kind_of((name,), frozenset()) == kind
