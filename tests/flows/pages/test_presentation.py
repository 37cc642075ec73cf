"""What rows become on their way to a page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from flows.exchange.steps import FLOWS, Flow
from flows.pages.diagram_svg import svg
from flows.pages.run import wire
from flows.pages.run.tokens import token_view
from flows.pages.sequence_diagram import flow_diagrams
from flows.templatetags.lab import around, breakable, differing, middle, relative, since, with_code
from lessons.refusals import REFUSALS, refusal_for


def test_marks_of_secrets_stand_out_and_everything_else_is_escaped() -> None:
    shown = wire.marked("<b>‹secret key · 12ab·cd›</b>")
    assert shown == '&lt;b&gt;<span class="mask">‹secret key · 12ab·cd›</span>&lt;/b&gt;'


def test_a_long_name_breaks_between_its_parts_only() -> None:
    name = breakable("https://aws.amazon.com/SAML/Attributes/PrincipalTag:Department")
    assert name.split("<wbr>") == [
        "https://",
        "aws.amazon.com/",
        "SAML/",
        "Attributes/",
        "Principal",
        "Tag:",
        "Department",
    ]
    assert breakable("<b>").split("<wbr>") == ["&lt;b&gt;"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '{"a": "<script>"}', "<a><script>1</script></a>"])
def test_a_body_never_becomes_markup(text: str) -> None:
    assert "<script" not in wire.body(text)


def test_a_document_type_is_shown_and_not_parsed() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "cccccccc">]><a>&b;</a>'
    assert "cccccccc</" not in wire.body(bomb)
    assert "ENTITY" in wire.body(bomb)


def test_prose_of_lessons_is_escaped_and_its_code_stands_out() -> None:
    assert with_code("a <b> `aud` & `GetId`") == "a &lt;b&gt; <code>aud</code> &amp; <code>Get<wbr>Id</code>"


def test_prose_is_cut_around_what_the_page_makes_more_of() -> None:
    assert around("It issues tokens (JWTs).", "tokens") == ("It issues ", " (JWTs).")
    with pytest.raises(ValueError, match="not found"):
        around("It issues tokens (JWTs).", "credentials")


def test_members_are_laid_out_and_know_where_a_secret_was_seen_first() -> None:
    params = {
        "Logins": {"a.example": "‹login token · 12ab·cd›"},
        "List": ["x", "y"],
        "Numbers": [1, 2],
        "Empty": {},
        "Flag": True,
    }
    logins, listed, numbers, empty, flag = wire.nodes(params, {"12ab·cd": wire.CallPlace(2, "S2")})
    assert (logins.children[0].name, logins.children[0].first_seen) == ("a.example", wire.CallPlace(2, "S2"))
    assert listed.text == "x, y"
    assert [node.text for node in numbers.children] == ["1", "2"]
    assert empty.text == "{}"
    assert flag.text == "true"


def test_what_two_values_have_differently_is_marked() -> None:
    expected, found = "us-east-1:5a4db000-0000-c000-8000-000000000022", "us-east-1:5a4db000-0000-c000-8000-000000000001"
    assert differing(found, expected) == "us-east-1:5a4db000-0000-c000-8000-0000000000<mark>01</mark>"
    assert "<mark>" not in differing("false", "AllowClassicFlow is not false")
    assert differing("<b>‹ID token · 12ab·cd›", "<b>‹ID token · 12ab·cd›") == wire.marked("<b>‹ID token · 12ab·cd›")


def test_the_middle_of_a_long_name_is_left_to_the_stylesheet() -> None:
    name = "us-east-1:8f6ca011-acca-c13c-8925-1a170a23cec2"
    assert strip_tags(middle(name)) == name
    assert middle("LabGuest") == "LabGuest"


def test_times_in_tokens_can_be_read() -> None:
    token = {"kind": "OpenID token", "fingerprint": "12ab·cd", "verified": True, "key_id": "k", "note": ""}
    view = token_view(
        {**token, "header": {"alg": "RS512"}, "claims": {"exp": 0, "amr": ["a", "b"]}}, "2", "GetOpenIdToken"
    )
    expiry, amr = view.claims
    assert expiry.moment == datetime(1970, 1, 1, tzinfo=UTC)
    assert amr.value == "a, b"
    assert amr.moment is None


def test_true_and_false_stand_as_in_the_token() -> None:
    token = {"kind": "ID token", "fingerprint": "12ab·cd", "verified": True, "header": {}}
    view = token_view({**token, "claims": {"email_verified": True, "nonce": None}}, "S1", "Token request")
    assert [claim.value for claim in view.claims] == ["true", "null"]


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(minutes=59, seconds=30), "in 59 minutes"),
        (timedelta(seconds=90), "in 1 minute"),
        (timedelta(seconds=-10), "less than a minute ago"),
        (timedelta(hours=-3), "3 hours ago"),
        (timedelta(days=-4), "4 days ago"),
    ],
)
def test_relative_times(delta: timedelta, words: str) -> None:
    assert relative(timezone.now() + delta) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(seconds=61), "1 min"),
        (timedelta(minutes=89), "89 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=4), "4 days"),
    ],
)
def test_times_in_short(ago: timedelta, words: str) -> None:
    assert since(timezone.now() - ago) == words


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        ("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.", "no login"),
        ("InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow.", "switched off"),
        ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", "trust policy"),
        ("AccessDeniedException", "... because no session policy allows the ssm:GetParameter action", "session policy"),
        ("AccessDenied", "... with an explicit deny in an identity-based policy", "explicitly"),
        (
            "AccessDenied",
            "... because no identity-based policy allows the s3:PutObject action",
            "no policy of the role",
        ),
        ("AccessDenied", "Access Denied", "not signed"),
        ("InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration.", "STS did not let it"),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "longer",
        ),
        (
            "EndpointConnectionError",
            'Could not connect to the endpoint URL: "https://cognito-identity.us-east-1.amazonaws.com/"',
            "AWS did not answer",
        ),
        ("EndpointConnectionError", 'Could not connect to the endpoint URL: "http://127.0.0.1:4566/"', "the sandbox"),
    ],
)
def test_advice_fits_the_refusal(code: str, message: str, cause: str) -> None:
    refusal = refusal_for(code, message)
    assert refusal is not None
    assert cause in refusal.cause


def test_no_advice_is_better_than_wrong_advice() -> None:
    assert refusal_for("SomethingNew", "Nobody has seen this before.") is None


def test_every_advice_can_be_reached() -> None:
    """An entry below a more general one of the same code would never be shown."""
    for index, refusal in enumerate(REFUSALS):
        shadows = [other for other in REFUSALS[:index] if other.code == refusal.code and other.pattern == ""]
        assert not shadows, refusal.code


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())
def test_a_flow_is_drawn_from_its_steps(flow: Flow) -> None:
    drawing, narrow = flow_diagrams(flow)
    calls = [arrow for arrow in drawing.arrows if arrow.kind == "call"]
    answers = [arrow for arrow in drawing.arrows if arrow.kind == "back"]
    assert [(arrow.number, arrow.text) for arrow in calls] == [
        (str(number), step.operation) for number, step in enumerate(flow.steps, 1)
    ]
    assert [arrow.text for arrow in answers] == [step.answer for step in flow.steps]
    assert [(arrow.sender, arrow.receiver) for arrow in answers] == [(arrow.receiver, arrow.sender) for arrow in calls]
    rows = [arrow.y for arrow in drawing.arrows]
    assert rows == sorted(set(rows))
    assert rows[-1] < drawing.line_end
    page = svg(drawing)
    assert page.count("<circle") == len(flow.steps)
    assert [arrow.text for arrow in narrow.arrows] == [arrow.text for arrow in drawing.arrows]
