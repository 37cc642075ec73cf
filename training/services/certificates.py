"""What somebody has done, as a text with a signature: it verifies without a row while the secret key is the same."""

import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import date

from django.utils.crypto import constant_time_compare, salted_hmac

from training.models import Attempt, AttemptState, Membership
from training.services.titles import is_tried, title_of

HEAD = "Identity Pools Lab: certificate"
LONGEST = 8000
_SIGNATURE = re.compile(r"^Signature: ([A-Z2-7-]+)$")


@dataclass(frozen=True)
class Certificate:
    """One person's. `text`: what is signed, with the signature as its last line."""

    name: str
    text: str


def certificates_of(members: list[Membership]) -> list[Certificate]:
    """Of each name of each of these seats that has solved something; the seats come with their names and class.

    What a trainer did in somebody's place is nobody's.
    """
    solved: dict[int, list[Attempt]] = {}
    attempts = Attempt.objects.filter(
        membership__in=members, state=AttemptState.SOLVED, solved_at__isnull=False, solved_for=False
    )
    # Whoever began anew has solved it all the same; once is enough.
    for attempt in attempts.select_related("assignment").order_by("assignment__position", "exercise", "solved_at"):
        done = solved.setdefault(attempt.membership_id or 0, [])
        if attempt.exercise not in [one.exercise for one in done]:
            done.append(attempt)
    return [
        _certificate(name, member, solved[member.pk])
        for member in members
        if member.pk in solved
        for name in ([one.name for one in member.seat_names.all()] or [member.display_name])
    ]


def verified(text: str) -> bool:
    """Whether a text is a certificate of this site, unchanged but for spaces at the ends of lines."""
    lines = _lines(text)
    found = _SIGNATURE.match(lines[-1]) if lines else None
    if len(text) > LONGEST or found is None or lines[0] != HEAD:
        return False
    return constant_time_compare(found[1], _signature(lines[:-1]))


def _certificate(name: str, member: Membership, attempts: list[Attempt]) -> Certificate:
    days = [attempt.solved_at.date() for attempt in attempts if attempt.solved_at]
    lines = [
        HEAD,
        f"Name: {_plain(name)}",
        f"Class: {_plain(member.cohort.name)}",
        f"Date: {_days(min(days), max(days))}",
        "Solved:",
        *(f"- {_solved(attempt)}" for attempt in attempts),
    ]
    return Certificate(name, "\n".join([*lines, f"Signature: {_signature(lines)}"]))


def _solved(attempt: Attempt) -> str:
    tried = ", its repair tried by the system" if is_tried(attempt.exercise) else ""
    return f"{_plain(title_of(attempt.exercise))} (version {attempt.version}{tried})"


def _days(first: date, last: date) -> str:
    return f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _signature(lines: list[str]) -> str:
    """160 bits as 32 letters and digits, in groups of eight."""
    code = b32encode(salted_hmac("training.certificates", "\n".join(lines), algorithm="sha256").digest()[:20]).decode()
    return "-".join(code[place : place + 8] for place in range(0, len(code), 8))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _plain(text: str) -> str:
    """In one line: nobody's name can add a line that looks like ours."""
    return " ".join(text.split())
