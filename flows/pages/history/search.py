"""Runs by what somebody remembers of them."""

import re
from typing import TypeVar

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Reverse

from flows.models import ApiCall, Run
from providers.registry import PROVIDERS

_Runs = TypeVar("_Runs", bound=QuerySet[Run])

WORDS_IN = 2000  # of the newest runs are searched for words; what names a run whole is found among all
_MOST_BY_NAME = 500
_NUMBER = re.compile(r"(?:run\s*|#)?0*(\d{1,15})", re.IGNORECASE)
_BEGINNING = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d:[0-9a-f-]{6,36}")
_END = re.compile(r"[0-9a-f-]{6,36}")
_WORDS = ("identity_id", "error_code", "error_message", "subject", "role_arn", "assumed_role_arn")


def runs_found(runs: _Runs, term: str, also: Q | None = None, *, recent: _Runs | None = None) -> _Runs:
    """Those of `runs` that a person may mean.

    A run's number or code, a request ID, and an identity ID by six characters or more of its beginning or end are found
    among all. Words of an error, a role, a subject or a provider are looked for in the newest WORDS_IN, and so is what
    fits `also`.

    Args:
        recent: those of them among which words are looked for at most: where few fit the filters, not all runs there
            are should be gone through to find the newest WORDS_IN.
    """
    term = " ".join(term.split()).strip("…").strip()
    if not term:
        return runs
    named, worded = _named(term), _with_words(runs if recent is None else recent, term, also or Q())
    by_words = worded.order_by("-created_at", "-pk").values_list("pk", flat=True)[: _MOST_BY_NAME + 1]
    keys = set(by_words)
    # A page is found sooner among many that fit than by their keys.
    return worded if len(keys) > _MOST_BY_NAME and not named else runs.filter(pk__in=named | keys)


def searched(runs: QuerySet[Run], term: str) -> int:
    """In how many of the newest of `runs` the words of `term` were looked for; 0 means all, or nothing to look for."""
    if not term.strip():
        return 0
    # As a row in the order of an index: asked whether there is one, in no order, a database may read the table instead.
    next_one = runs.order_by("-created_at", "-pk").values_list("created_at", flat=True)[WORDS_IN : WORDS_IN + 1]
    return WORDS_IN if list(next_one) else 0


def _named(term: str) -> set[int]:
    """Keys of runs, whoever's, that the term names. Each look-up reads an index, and no row that does not fit."""
    found = set(Run.objects.filter(code=term).values_list("pk", flat=True))
    found |= set(ApiCall.objects.filter(request_id=term).order_by().values_list("run", flat=True)[:_MOST_BY_NAME])
    if number := _NUMBER.fullmatch(term):
        found.add(int(number[1]))
    if _BEGINNING.fullmatch(term.lower()):
        # As a range: LIKE does not enter an index of SQLite.
        by_identity: QuerySet[Run] = Run.objects.filter(
            identity_id__gte=term.lower(), identity_id__lt=f"{term.lower()}~"
        )
    elif _END.fullmatch(term.lower()):
        by_identity = _ending_in(term.lower())
    else:
        return found
    return found | set(by_identity.order_by().values_list("pk", flat=True)[:_MOST_BY_NAME])


def _ending_in(digits: str) -> QuerySet[Run]:
    if connection.vendor == "postgresql":
        # Of what an index is there (migration 0011).
        return Run.objects.annotate(backwards=Reverse("identity_id")).filter(backwards__startswith=digits[::-1])
    return Run.objects.filter(identity_id__endswith=digits)


def _with_words(runs: _Runs, term: str, also: Q) -> _Runs:
    # By the time of the last one: given their keys, the database may read all runs to find them.
    last = runs.order_by("-created_at", "-pk").values_list("created_at", flat=True)[WORDS_IN - 1 : WORDS_IN].first()
    newest = runs.filter(created_at__gte=last) if last else runs
    fits = Q(*((f"{name}__icontains", term) for name in _WORDS), _connector=Q.OR)
    fits |= Q(provider__in=[key for key, provider in PROVIDERS.items() if term.lower() in provider.label.lower()])
    return newest.filter(fits | also)
