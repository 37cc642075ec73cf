"""The first line of a comparison: which of two runs came how far, and why."""

from flows.models import Outcome
from flows.pages.compare.choices import Side
from flows.pages.run.calls import CallView
from lessons.denials import denial
from web.counted import counted

_NUMBERS = ("no", "one", "two", "three", "four", "five")


def verdict(a: Side, b: Side, differences: int) -> str:
    """One sentence. `differences`: how many are told of below it."""
    unfinished = [side for side in (a, b) if not side.shown.run.is_over]
    if unfinished:
        if len(unfinished) == 2:
            return "Neither run is over yet."
        return f"{unfinished[0].letter} is not over yet, so there is less of it to compare."
    if _ended_well(a) and _ended_well(b):
        return _both_well(a, b, differences)
    if _ended_well(a) or _ended_well(b):
        return _one_well(*((a, b) if _ended_well(a) else (b, a)))
    return _neither(a, b)


def _both_well(a: Side, b: Side, differences: int) -> str:
    if not differences:
        return "Nothing differs apart from values that are new in every run."
    if not a.shown.run.access_key_id or not b.shown.run.access_key_id:
        return f"Both succeed, with {counted(differences, 'difference')}."
    calls = (len(a.exchange), len(b.exchange))
    role = a.role != b.role and a.role and b.role
    if role and calls[0] != calls[1]:
        return f"Both get credentials: A of {a.role} in {calls[0]} calls, B of {b.role} in {calls[1]}."
    if role:
        return f"Both get credentials: A of {a.role}, B of {b.role}."
    if calls[0] != calls[1]:
        return f"Both get credentials{f' of {a.role}' if a.role else ''}: A in {calls[0]} calls, B in {calls[1]}."
    return f"Both get credentials{f' of {a.role}' if a.role else ''}, with {counted(differences, 'difference')}."


def _one_well(well: Side, ill: Side) -> str:
    fewer = len(well.exchange) - len(ill.exchange)
    same_way = well.shown.flow is not None and well.shown.flow == ill.shown.flow
    last = ill.shown.ending_call
    if same_way and last and fewer > 0:
        steps = f"{_NUMBERS[fewer] if fewer < len(_NUMBERS) else fewer} step{'s' if fewer > 1 else ''}"
        return f"{ill.letter} stops {steps} earlier{_because(last)}."
    gets = "gets credentials" if well.shown.run.access_key_id else "succeeds"
    return f"{well.letter} {gets}; {ill.letter} {_ended(ill)}."


def _neither(a: Side, b: Side) -> str:
    first, second = _ended(a), _ended(b)
    if first == second:
        return f"Both runs end the same way: each {first}."
    return f"A {first}; B {second}."


def _ended(side: Side) -> str:
    """How it ended, without credentials: `is refused at GetOpenIdToken because the classic flow is off`."""
    run, last = side.shown.run, side.shown.ending_call
    if side.shown.sign_in and side.shown.sign_in.failed:
        return f"ends at the sign-in ({run.error_code})" if run.error_code else "ends at the sign-in"
    if run.outcome in (Outcome.REFUSED, Outcome.FAILED) and last:
        what = "is refused" if last.row.status else "fails"
        return f"{what} at {last.row.operation}{_because(last)}"
    if run.outcome in (Outcome.CANCELLED, Outcome.INTERRUPTED):
        return f"was {Outcome(run.outcome).label.lower()} after {counted(len(side.exchange), 'call')}"
    return f"ends as {Outcome(run.outcome).label.lower()}"


def _because(call: CallView) -> str:
    """` because the classic flow is off`; where nobody gave a reason, the error's code."""
    denied = call.denied
    if denied and (clause := denial(denied.code, denied.actual)):
        return f" because {clause}"
    return f", with {call.row.error_code}" if call.row.error_code else ""


def _ended_well(side: Side) -> bool:
    return side.shown.run.outcome == Outcome.SUCCEEDED
