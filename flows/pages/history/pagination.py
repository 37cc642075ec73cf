"""Reading the history: which runs, and one page of them at a time."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q

from accounts.models import User
from flows.exchange.steps import FLOWS
from flows.models import ApiCall, Outcome, Run, RunQuerySet
from providers.registry import PROVIDERS

PAGE_SIZE = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(\d{1,17})\.(\d{1,18})")

MINE, EVERYBODY, WITHOUT_ACCOUNT = "", "everybody", "visitors"


class HistoryForm(forms.Form):
    """The filters above the history. All are optional; a value that does not fit is named and filters nothing."""

    outcome = forms.ChoiceField(required=False, choices=[("", "Any"), *Outcome.choices])
    flow = forms.ChoiceField(required=False, choices=[("", "Any"), ("enhanced", "Enhanced"), ("basic", "Basic")])
    provider = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((key, provider.label) for key, provider in PROVIDERS.items())]
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", "This day is before the other one.")
        return values

    @property
    def values(self) -> dict[str, Any]:
        """What was chosen and fits, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_about_others(self) -> bool:
        """Whether the runs of other people are asked for. Only reviewers can."""
        return False

    def selected(self, runs: RunQuerySet) -> RunQuerySet:
        """`runs` that fit. Days are days in UTC, as all times of the site."""
        values = self.values
        if outcome := values.get("outcome"):
            runs = runs.filter(outcome=outcome)
        if variant := values.get("flow"):
            runs = runs.filter(flow__in=[key for key, flow in FLOWS.items() if flow.variant == variant])
        if provider := values.get("provider"):
            runs = runs.filter(provider=provider)
        if since := values.get("since"):
            runs = runs.filter(created_at__gte=datetime.combine(since, time.min, UTC))
        # The calendar ends with this day, so there is no next one to stop before.
        if (until := values.get("until")) and until < date.max:
            runs = runs.filter(created_at__lt=datetime.combine(until + timedelta(days=1), time.min, UTC))
        return runs


class ReviewerForm(HistoryForm):
    """The same for people who may read everybody's runs."""

    scope = forms.ChoiceField(
        label="Whose",
        required=False,
        choices=[(MINE, "My own"), (EVERYBODY, "Everybody's"), (WITHOUT_ACCOUNT, "Of people without an account")],
    )
    owner = forms.CharField(
        label="Account", required=False, max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_owner(self) -> User | None:
        name = self.cleaned_data["owner"].strip()
        if not name:
            return None
        # Names are unique; that they differ in more than their case is up to the forms that make accounts.
        found = User.objects.filter(username__iexact=name).first()
        if found is None:
            raise forms.ValidationError("Nobody has this name.")
        return found

    @property
    def is_about_others(self) -> bool:
        return bool(self.values.get("scope") or self.values.get("owner"))

    def selected(self, runs: RunQuerySet) -> RunQuerySet:
        if owner := self.values.get("owner"):
            runs = runs.filter(user=owner)
        elif self.values.get("scope") == WITHOUT_ACCOUNT:
            runs = runs.filter(user=None)
        return super().selected(runs)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two runs of the history, as an address can carry it: microseconds since 1970, and a run's key."""

    created_at: datetime
    pk: int

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """None for an empty or malformed text: the history then begins at its newest run."""
        found = _CURSOR.fullmatch(text)
        if not found:
            return None
        try:
            return cls(_EPOCH + int(found[1]) * _MICROSECOND, int(found[2]))
        except OverflowError:
            return None

    @classmethod
    def at(cls, run: Run) -> "Cursor":
        return cls(run.created_at, run.pk)

    def __str__(self) -> str:
        return f"{(self.created_at - _EPOCH) // _MICROSECOND}.{self.pk}"


@dataclass(frozen=True, slots=True)
class Page:
    """Runs, newest first. `newer` and `older` say where the neighbouring pages begin; None where there is none."""

    runs: list[Run]
    newer: Cursor | None
    older: Cursor | None


def page_of(runs: RunQuerySet, *, before: Cursor | None = None, after: Cursor | None = None) -> Page:
    """The page of `runs` that lies before (is older than) or after (is newer than) a cursor; else the newest one.

    Nothing is counted and nothing skipped, so the hundred-thousandth run costs what the first one costs.
    """
    if after:
        near = list(_newer_than(runs, after).order_by("created_at", "pk")[: PAGE_SIZE + 1])
        if len(near) > PAGE_SIZE:
            return _page(near[:PAGE_SIZE][::-1], newer=True, older=True)
    # With less than a page after the cursor, the newest page is the one that is meant, and it is shown whole.
    begin = before if not after else None
    near = list((_older_than(runs, begin) if begin else runs).order_by("-created_at", "-pk")[: PAGE_SIZE + 1])
    return _page(near[:PAGE_SIZE], newer=begin is not None, older=len(near) > PAGE_SIZE)


def _page(runs: list[Run], *, newer: bool, older: bool) -> Page:
    """Without any run there is no place to go on from, and the way back leads to the newest ones."""
    _count_calls(runs)
    return Page(runs, Cursor.at(runs[0]) if newer and runs else None, Cursor.at(runs[-1]) if older and runs else None)


def _older_than(runs: RunQuerySet, place: Cursor) -> RunQuerySet:
    # The first condition repeats what the second one implies, because an index can be entered by it alone.
    same = Q(created_at=place.created_at, pk__lt=place.pk)
    return runs.filter(Q(created_at__lt=place.created_at) | same, created_at__lte=place.created_at)


def _newer_than(runs: RunQuerySet, place: Cursor) -> RunQuerySet:
    same = Q(created_at=place.created_at, pk__gt=place.pk)
    return runs.filter(Q(created_at__gt=place.created_at) | same, created_at__gte=place.created_at)


def _count_calls(runs: list[Run]) -> None:
    """Sets `call_count` of each. A query of its own cannot tempt the database to group all the runs there are."""
    counted = ApiCall.objects.filter(run__in=runs).order_by().values_list("run").annotate(Count("pk"))
    counts = dict(counted)
    for run in runs:
        run.call_count = counts.get(run.pk, 0)  # type: ignore[attr-defined]
