"""How checks are judged: on traces, on probes, on the account; what stays done, and what is looked at anew."""

import tomllib
from typing import Any

import pytest

from training.exercises.checks import Evidence, RecordedRun, judge, solved
from training.exercises.format import Exercise, read_exercise

HEAD = """
schema = 1
slug = "small"
version = 1
title = "Small"
summary = "One check"
level = 1
minutes = 5
mode = ["sandbox"]
[environment]
"""


def exercise(*checks: str, probes: str = "") -> Exercise:
    tables = "".join(f'[[check]]\nid = "c{n}"\ntodo = "t"\ndone = "d"\n{each}\n' for n, each in enumerate(checks))
    return read_exercise(tomllib.loads(HEAD + probes + tables))


def trace(*calls: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**members, "calls": [{"position": number, **call} for number, call in enumerate(calls, start=1)]}


def holds(check: str, *traces: dict[str, Any]) -> bool:
    runs = [RecordedRun(number, each) for number, each in enumerate(traces)]
    return judge(exercise(check), Evidence(runs=runs, names={"account_id": "111122223333"}))[0].done


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("on='any_run'\npath='calls[].operation'\nop='eq'\nvalue=['GetId']", True),
        ("on='any_run'\npath='calls[].operation'\nop='eq'\nvalue=['GetId', 'GetId']", False),
        ("on='any_run'\npath='calls[].operation'\nop='has'\nvalue='GetId'", True),
        ("on='any_run'\npath='outcome'\nop='in'\nvalue=['refused', 'succeeded']", True),
        ("on='any_run'\npath='outcome'\nop='ne'\nvalue='refused'", True),
        ("on='any_run'\npath='nothing'\nop='ne'\nvalue='refused'", False),
        ("on='any_run'\npath='nothing'\nop='none'", True),
        ("on='any_run'\npath='length(calls)'\nop='ge'\nvalue=1", True),
        ("on='any_run'\npath='length(calls)'\nop='le'\nvalue=0", False),
        ("on='any_run'\npath='role'\nop='startswith'\nvalue='arn:aws:iam::{account_id}:'", True),
        ("on='any_run'\npath='calls[0].given'\nop='eq'\nvalue='@calls[0].taken'", True),
        ("on='any_run'\nwhere=\"outcome=='refused'\"\npath='calls'", False),
        ("on='runs'\npath='length([])'\nop='ge'\nvalue=1", True),
        # A function of what is not there finds nothing, and is no error.
        ("on='any_run'\npath=\"calls[?ends_with(request_params.RoleArn, 'x')]\"", False),
        ("on='any_run'\npath=\"calls[?contains(nothing, 'x')]\"", False),
        ("on='any_run'\npath='length(nothing)'\nop='ge'\nvalue=0", False),
    ],
)
def test_operators(check: str, expected: bool) -> None:
    run = trace(
        {"operation": "GetId", "given": "a", "taken": "a"},
        outcome="succeeded",
        role="arn:aws:iam::111122223333:role/x",
    )
    assert holds(check, run) is expected


def test_the_proof_is_the_very_call() -> None:
    run = trace({"operation": "GetId"}, {"operation": "Scan", "status": 200})
    verdict = judge(
        exercise("on='any_run'\npath=\"calls[?operation=='Scan']\""),
        Evidence(runs=[RecordedRun(7, trace()), RecordedRun(8, run)]),
    )[0]
    assert (verdict.run, verdict.call) == (8, 2)


def test_what_was_done_stays_done_when_its_run_is_deleted() -> None:
    small = exercise("on='any_run'\npath='calls'")
    assert judge(small, Evidence(done=frozenset({"c0"})))[0].done
    assert not judge(small, Evidence())[0].done


PROBE = '[[probe]]\nid = "p"\ntitle = "P"\n'
MENDED = "on='probe'\nprobe='p'\npath='outcome'\nop='eq'\nvalue='succeeded'"


def test_how_things_stand_is_judged_anew() -> None:
    small = exercise(MENDED, probes=PROBE)
    refused, made = (RecordedRun(1, trace({}, outcome=outcome)) for outcome in ("refused", "succeeded"))
    assert judge(small, Evidence(probes={"p": made}))[0].done
    verdict = judge(small, Evidence(probes={"p": refused}, done=frozenset({"c0"})))[0]
    assert not verdict.done
    assert (verdict.run, verdict.call) == (1, 1)


def test_a_check_that_needs_another_waits_for_it() -> None:
    small = exercise("on='any_run'\npath='calls'", f"{MENDED}\nneeds=['c0']", probes=PROBE)
    made = {"p": RecordedRun(1, trace(outcome="succeeded"))}
    first, second = judge(small, Evidence(probes=made))
    assert not first.done
    assert not second.done
    assert second.waits
    assert second.ahead
    assert solved(judge(small, Evidence(probes=made, runs=[RecordedRun(2, trace({}))])))


def test_a_question_is_done_with_any_answer() -> None:
    small = exercise("on='question'\noptions=['a', 'b']\nanswer=2\nbecause='x'")
    assert not judge(small, Evidence())[0].done
    assert judge(small, Evidence(answers={"c0": 1}))[0].done


def test_state_is_judged_only_when_somebody_looked() -> None:
    small = exercise("on='state'\npath='roles.A'\nop='none'")
    assert not judge(small, Evidence())[0].done
    assert judge(small, Evidence(state={"roles": {"B": {}}}))[0].done
