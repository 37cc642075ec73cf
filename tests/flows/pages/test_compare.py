"""Two runs held against each other."""

import re
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client

from accounts.models import User
from decisioncodes import MEANINGS
from flows.models import ApiCall, Origin, Outcome, Run
from flows.pages.compare.alignment import Pair, aligned
from flows.pages.compare.choices import Side
from flows.pages.compare.comparison import RunComparison
from flows.pages.compare.fields import Difference, held, settled_of
from flows.pages.compare.presets import presets
from flows.pages.compare.sentences import SENTENCES, told
from flows.pages.compare.steps import Telling
from flows.pages.run.calls import call_views
from flows.pages.run.run_view import RunView
from flows.services import run_all
from lessons.denials import DENIALS, denial
from tests.flows.history.conftest import NOON, OTHER_VISITOR, MakeRun, ana, browser, call_row, make_run, run_row

__all__ = ["ana", "make_run"]

_ADMIN = "arn:aws:iam::000000000000:role/LabAuthenticated"


def compared(a: Run, b: Run) -> RunComparison:
    return RunComparison(Side("A", RunView(a)), Side("B", RunView(b)))


def said(comparison: RunComparison) -> list[str]:
    return [each.text for each in [*comparison.choices, *(one for step in comparison.steps for one in step.told)]]


# --- Of runs in the sandbox -------------------------------------------------------------------------------------------


@pytest.fixture
def made(open_run: Callable[..., Run]) -> Callable[..., Run]:
    return lambda flow, pool="", **parameters: run_all(run=open_run(flow, pool=pool, **parameters))


def test_what_is_new_in_every_run_is_no_difference(made: Callable[..., Run]) -> None:
    both = compared(made("enhanced"), made("enhanced"))
    assert both.verdict == "Nothing differs apart from values that are new in every run."
    assert said(both) == []
    names = {each.name for _, each in both.passed_over}
    assert {"IdentityId", "Credentials.AccessKeyId", "Credentials.SecretKey", "request id"} <= names


def test_the_verdict_says_who_stops_where_and_why(made: Callable[..., Run]) -> None:
    basic, forbidden = made("basic"), made("basic", "no-classic")
    both = compared(basic, forbidden)
    assert both.verdict == "B stops one step earlier because the classic flow is off."
    assert compared(forbidden, basic).verdict == "A stops one step earlier because the classic flow is off."
    assert said(both)[1:] == [
        "B was refused here with InvalidParameterException; A was not.",
        "B did not pass the check “basic flow”: expected AllowClassicFlow is not false, found false.",
        "Only A called AssumeRoleWithWebIdentity.",
    ]
    other = compared(basic, made("basic", RoleArn=_ADMIN))
    assert other.verdict == (
        "A gets credentials; B is refused at AssumeRoleWithWebIdentity because the role’s trust policy asks for "
        "another kind of identity (amr)."
    )
    again = compared(forbidden, forbidden)
    assert (
        again.verdict
        == "Both runs end the same way: each is refused at GetOpenIdToken because the classic flow is off."
    )


def test_a_parameter_that_one_set_is_told_once(made: Callable[..., Run]) -> None:
    both = compared(made("basic"), made("basic", RoleSessionName="another-session", DurationSeconds="900"))
    assert said(both) == [
        "A’s credentials last 60 minutes, B’s 15 minutes.",
        "A called its session CognitoIdentityCredentials, B another-session.",
        "B asked for a session of 900 seconds; A took the default, an hour.",
    ]


def test_flows_are_aligned_by_what_they_ask(made: Callable[..., Run]) -> None:
    both = compared(made("enhanced"), made("basic"))
    assert both.verdict == "Both get credentials of LabGuest: A in 2 calls, B in 3."
    assert [(step.pair.one.row.operation, bool(step.pair.a), bool(step.pair.b)) for step in both.steps] == [
        ("GetId", True, True),
        ("GetCredentialsForIdentity", True, False),
        ("GetOpenIdToken", False, True),
        ("AssumeRoleWithWebIdentity", False, True),
    ]
    assert both.steps[0].equal


# --- Sentences --------------------------------------------------------------------------------------------------------


def sentence(operation: str, place: str, name: str, a: str | None, b: str | None, label: str = "") -> str:
    return told(Difference(place, name, label, a, b), operation).text


@pytest.mark.parametrize(
    ("difference", "expected"),
    {
        ("GetId", "request", "Logins", None, "x.com"): "B showed a login of x.com; A sent no Logins.",
        ("GetId", "request", "Logins", "x.com", "y.com"): "A showed a login of x.com, B one of y.com.",
        ("GetId", "request", "AccountId", "1", None): (
            "A named the account, 1; B left it out, and it is not needed."
        ),
        ("GetId", "request", "IdentityPoolId", "p", "q"): "A asked pool p, B pool q.",
        ("GetCredentialsForIdentity", "request", "CustomRoleArn", None, "r"): (
            "B asked for a role of its own choice, r; A left it to the pool."
        ),
        ("AssumeRoleWithWebIdentity", "request", "RoleArn", "r", "s"): "A asked STS for role r, B for s.",
        ("AssumeRoleWithWebIdentity", "request", "DurationSeconds", "900", "3600"): (
            "A asked for a session of 900 seconds, B of 3600."
        ),
        ("GetOpenIdTokenForDeveloperIdentity", "request", "TokenDuration", "60", None): (
            "A asked for a token of 60 seconds; B took the default, 15 minutes."
        ),
        ("AssumeRoleWithWebIdentity", "request", "Policy", "{}", None): (
            "A narrowed its session by a policy; B did not."
        ),
        ("GetId", "call", "signed", "true", "false"): "One of them signed this call: A true, B false.",
        ("GetId", "call", "error", "X", "Y"): "Both were refused here, for different reasons: A with X, B with Y.",
        ("GetId", "call", "attempts", "1", "3"): "A’s call was sent 1 times, B’s 3 times.",
        ("GetId", "call", "state", "Answered", "No answer"): (
            "This call of A ended as “Answered”, that of B as “No answer”."
        ),
        ("AssumeRoleWithWebIdentity", "answer", "Audience", "p", "q"): "The token that A showed is for p, B’s for q.",
        ("GetCallerIdentity", "answer", "Arn", "p", "q"): "A’s credentials are those of p, B’s of q.",
        ("GetId", "token", "ID token.aud", "p", "q", "ID token"): "A’s ID token is for audience p, B’s for q.",
        ("GetId", "token", "ID token.iss", "p", "q", "ID token"): "A’s ID token was issued by p, B’s by q.",
        ("GetId", "token", "ID token.https://x.org/a.b", None, "q", "ID token"): (
            "Only B’s ID token has the claim https://x.org/a.b: q."
        ),
        ("GetId", "token", "OpenID token.amr", "p", "q", "OpenID token"): (
            "A’s OpenID token says amr p, B’s q: how the identity was authenticated."
        ),
        ("GetId", "check", "login.audience.actual", "p", "q", "audience"): (
            "At the check “audience” A had p, B had q."
        ),
    }.items(),
)  # fmt: skip
def test_kinds_of_difference_have_sentences_of_their_own(difference: tuple[str, ...], expected: str) -> None:
    assert sentence(*difference) == expected


def test_every_sentence_can_be_said() -> None:
    values = dict.fromkeys(("a", "b", "who", "other", "value", "label", "name", "operation"), "x")
    assert len(SENTENCES) >= 25
    for each in SENTENCES:
        re.compile(each.where)
        assert each.both.format(**values)
        assert each.one.format(**values) or not each.one


def test_any_other_difference_shows_what_was_before_and_after() -> None:
    found = told(Difference("request", "Odd", "", "one", "two"), "GetId")
    assert (found.text, found.before, found.after) == ("The request’s Odd differs.", "one", "two")
    found = told(Difference("answer", "Odd", "", None, "two"), "GetId")
    assert (found.text, found.before, found.after) == ("Only B has Odd in its answer.", "", "two")


def test_what_somebody_wrote_in_a_call_is_text_on_the_page() -> None:
    found = told(Difference("request", "<b>{x}", "", "<script>{a}", "<i>"), "AssumeRole")
    assert "<b>" not in found.html
    assert "{x}" in found.html
    session = told(Difference("request", "RoleSessionName", "", "<script>{b}", "<i>"), "AssumeRole")
    assert "<code>&lt;script&gt;{b}</code>" in session.html


def test_why_a_check_failed_is_a_clause_that_no_code_lacks() -> None:
    """Checks that only observe or note cannot fail."""
    cannot_fail = {"answer", "token"}
    named = {code for code in MEANINGS if code.partition(".")[0] not in cannot_fail}
    noted = {"request.summary", "request.host", "request.attempts", "fault.delay", "login.recipient"}
    noted |= {"identity.created", "identity.authenticated", "identity.merged", "trust.saml"}
    noted |= {"policy.administrator", "policy.scope_down", "policy.missing_key", "pool.classic"}
    assert set(DENIALS) == named - noted
    assert denial("pool.classic", "false") == "the classic flow is off"
    assert denial("pool.classic", "accounts.google.com").startswith("the pool maps roles")


# --- Values -----------------------------------------------------------------------------------------------------------


def test_an_answer_that_names_another_identity_than_the_request_is_a_difference() -> None:
    """In each run the IDs are others; that two of one run are not the same still shows."""
    ids = [f"us-east-1:5a4db000-0000-c000-8000-00000000000{digit}" for digit in range(3)]
    calls = [
        call_row(run_row(pk=1), 1, request_params={"IdentityId": asked}, response_params={"IdentityId": answered})
        for asked, answered in ((ids[0], ids[0]), (ids[1], ids[1]), (ids[1], ids[2]))
    ]
    same = held(calls[0], calls[1], settled_of(calls[:1]), settled_of(calls[1:2]))
    merged = held(calls[0], calls[2], settled_of(calls[:1]), settled_of(calls[2:]))
    assert same.differences == ()
    assert [(each.place, each.name) for each in merged.differences] == [("answer", "IdentityId")]


def test_marks_of_secrets_and_times_are_passed_over_and_what_stands_around_them_is_not() -> None:
    def row(text: str) -> ApiCall:
        return call_row(run_row(pk=1), 1, request_params={"Text": text})

    def differs(a: str, b: str) -> bool:
        return bool(held(row(a), row(b), settled_of([]), settled_of([])).differences)

    assert not differs(
        "x ‹ID token · 0a0b·0c› at 2026-11-30T10:00:00Z", "x ‹ID token · 1111·22› at 2026-12-01T10:00:01Z"
    )
    assert not differs("before 1796047231", "before 1796050000")
    assert differs("x ‹ID token · 0a0b·0c›", "y ‹ID token · 0a0b·0c›")
    assert differs("arn:aws:iam::000000000000:role/A", "arn:aws:iam::000000000001:role/A")


def test_the_same_call_with_another_outcome_is_one_pair() -> None:
    run = run_row(pk=1)
    a = [call_row(run, 1), call_row(run, 2, operation="GetOpenIdToken")]
    b = [call_row(run, 1, error_code="X"), call_row(run, 2, operation="GetOpenIdToken", error_code="X")]
    assert all(pair.a and pair.b for pair in aligned(call_views(a), call_views(b)))


def test_values_that_grow_in_each_others_place_take_no_room() -> None:
    """Anybody can send two calls whose values hold each other: four of these would be terabytes."""
    letters = "ABCD"
    tags = {each: each * (20 - place) for place, each in enumerate(letters)}
    others = {each: tags[after] * 90 for each, after in pairwise(letters)} | {letters[-1]: "E" * 2000}
    rows = [
        call_row(run_row(pk=1), 1, request_params={"Tags": {**values, "Z": end}})
        for values, end in ((tags, tags["A"]), (others, "x" * 20))
    ]
    a, b = (call_views([row])[0] for row in rows)
    tracemalloc.start()
    try:
        step = Telling().step(Pair(a, b), held(rows[0], rows[1], settled_of([]), settled_of([])))
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert len(step.told) == len(letters) + 1


# --- Pages ------------------------------------------------------------------------------------------------------------


def page(client: Client, **query: str) -> str:
    answer = client.get("/compare/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_ones_own_runs_are_compared(make_run: MakeRun, ana: User) -> None:
    mine, foreign = make_run(), make_run(visitor=OTHER_VISITOR)
    for query in ({"a": mine.code, "b": foreign.code}, {"a": foreign.code}, {"run": foreign.code}, {"a": "nothing"}):
        assert browser().get("/compare/", query).status_code == 404
    assert Client().get("/compare/", {"a": mine.code, "b": mine.code}).status_code == 404


def test_a_page_for_choosing_and_one_for_the_comparison(make_run: MakeRun) -> None:
    b, a = make_run(), make_run(flow="basic")
    client = browser()
    compared_page = page(client, a=a.code, b=b.code)
    assert "What differs" in compared_page
    assert "passed over: new in every run" in compared_page
    assert "request-1-1" not in compared_page.replace(f"request-{a.pk}-1", "request-1-1")
    assert f"request-{a.pk}-1" in page(client, a=a.code, b=b.code, new="1")
    ticked = client.get(f"/compare/?run={b.code}&run={a.code}").content.decode()
    assert f"Runs {b.short_code} and {a.short_code} compared" in ticked
    assert "Choose two runs" in page(client)
    assert "That is the same run twice" in page(client, a=a.code, b=a.code)
    assert f'value="{a.code}"' in page(client, a=a.code)
    assert "More than two" in client.get(f"/compare/?run={a.code}&run={b.code}&run={a.code}").content.decode()
    assert f'href="/compare/?a={a.code}"' in client.get(a.get_absolute_url()).content.decode()


def test_without_two_runs_there_is_nothing_to_choose(make_run: MakeRun) -> None:
    assert "there are none yet" in page(browser())
    make_run()
    assert "there is one yet" in page(browser())


def test_what_is_usually_compared_is_found_or_offered_to_be_made(make_run: MakeRun) -> None:
    run = make_run()
    missing = {preset.title: preset for preset in presets(run)}
    assert [preset.found for preset in missing.values()] == [False, False]
    assert missing["Enhanced against basic"].href == "/demo/?access=guest&flow=basic&pool=lab"
    earlier = NOON - timedelta(hours=1)
    run = make_run(created_at=NOON + timedelta(hours=1))
    make_run(created_at=earlier, flow="basic", pool_id="us-east-1:another")
    basic = make_run(created_at=earlier, flow="basic")
    signed_in = make_run(created_at=earlier, access="authenticated", provider="google")
    solved = make_run(created_at=earlier, origin=Origin.SOLUTION, flow="basic", parameters={"RoleArn": "x"})
    make_run(created_at=earlier, flow="basic", visitor=OTHER_VISITOR)
    found = {preset.title: preset.href for preset in presets(run)}
    assert len(found) == 4
    assert basic.code in found["Enhanced against basic"] or solved.code in found["Enhanced against basic"]
    assert signed_in.code in found["Guest against signed in"]
    assert solved.code in found["Mine against the solution"]
    assert found["With the run before it"].endswith(f"b={run.code}")


@pytest.mark.parametrize("outcome", [Outcome.OPEN, Outcome.RUNNING])
def test_a_run_that_is_not_over_is_not_offered(make_run: MakeRun, outcome: Outcome) -> None:
    run = make_run()
    make_run(access="authenticated", provider="google", outcome=outcome, lease_until=NOON + timedelta(days=9999))
    make_run(flow="basic", outcome=outcome)
    assert not any(preset.found for preset in presets(run))


def test_a_comparison_asks_for_few_things(
    make_run: MakeRun, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    a, b = make_run(calls=30), make_run(calls=30)
    client = browser()
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        page(client, a=a.code, b=b.code)
