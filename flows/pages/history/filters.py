"""Which runs the history shows."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms

from accounts.models import User
from accounts.names import called_like
from flows.exchange.steps import FLOWS
from flows.models import Outcome, RunQuerySet
from flows.pages.history.row import BY_HAND
from providers.registry import PROVIDERS
from web.filter_forms import FilterForm

MINE, EVERYBODY, WITHOUT_ACCOUNT = "", "everybody", "visitors"
UNFINISHED = "unfinished"
_MOST_CALLED_SO = 50
NOT_OVER = (Outcome.OPEN, Outcome.RUNNING)


class HistoryForm(FilterForm):
    """The filters above the history; a value that does not fit is named."""

    # Chips above the table choose the outcome; the form only takes it along.
    outcome = forms.ChoiceField(
        required=False, choices=[("", "Any"), (UNFINISHED, "Unfinished"), *Outcome.choices], widget=forms.HiddenInput
    )
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "placeholder": "Run, identity ID, role, error, subject",
                "title": "A run’s number, an identity ID or its end, a request ID, a role, an error, a subject",
                "autocomplete": "off",
            }
        ),
    )
    flow = forms.ChoiceField(
        required=False, choices=[("", "Any"), ("enhanced", "Enhanced"), ("basic", "Basic"), *BY_HAND.items()]
    )
    provider = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((key, provider.label) for key, provider in PROVIDERS.items())]
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", "This day is before the first one.")
        return values

    @property
    def is_about_others(self) -> bool:
        """Whether the runs of other people are asked for. Only reviewers can."""
        return False

    @property
    def term(self) -> str:
        """What is searched for."""
        return str(self.values.get("q", ""))

    @property
    def is_picky(self) -> bool:
        """Whether few runs may fit, or none, and all there are would be gone through to find out."""
        return any(self.values.get(name) for name in ("outcome", "flow", "provider"))

    def among(self, runs: RunQuerySet) -> RunQuerySet:
        """Those of `runs` that an index finds: of the days that were chosen, which are days in UTC."""
        values = self.values
        if since := values.get("since"):
            runs = runs.filter(created_at__gte=datetime.combine(since, time.min, UTC))
        # The calendar ends with this day, so there is no next one to stop before.
        if (until := values.get("until")) and until < date.max:
            runs = runs.filter(created_at__lt=datetime.combine(until + timedelta(days=1), time.min, UTC))
        return runs

    def selected(self, runs: RunQuerySet) -> RunQuerySet:
        """Those of `runs` with the flow and the provider. Outcome and term are not looked at."""
        values = self.values
        if variant := values.get("flow"):
            flows = [key for key, flow in FLOWS.items() if flow.variant == variant]
            runs = runs.filter(flow__in=flows or [variant])
        if provider := values.get("provider"):
            runs = runs.filter(provider=provider)
        return runs

    def of_outcome(self, runs: RunQuerySet) -> RunQuerySet:
        """Those of `runs` whose outcome was chosen; where none was, those that are over."""
        outcome = self.values.get("outcome", "")
        if outcome == UNFINISHED:
            return runs.filter(outcome__in=NOT_OVER)
        return runs.filter(outcome=outcome) if outcome else runs.exclude(outcome__in=NOT_OVER)


class ReviewerForm(HistoryForm):
    """The same for people who may read everybody's runs."""

    scope = forms.ChoiceField(
        label="Whose",
        required=False,
        choices=[(MINE, "My own"), (EVERYBODY, "Everybody’s"), (WITHOUT_ACCOUNT, "Runs of people without an account")],
    )
    owner = forms.CharField(
        label="Account", required=False, max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_owner(self) -> list[User]:
        """Whoever signs in by that name; else whoever is called so, which several people may be."""
        name = self.cleaned_data["owner"].strip()
        if not name:
            return []
        # Names are unique; that they differ in more than their case is up to the forms that make accounts.
        exact = list(User.objects.filter(username__iexact=name)[:1])
        found = exact or list(User.objects.filter(called_like(name))[:_MOST_CALLED_SO])
        if not found:
            raise forms.ValidationError("There is no account with this name.")
        return found

    @property
    def is_about_others(self) -> bool:
        return bool(self.values.get("scope") or self.values.get("owner"))

    def among(self, runs: RunQuerySet) -> RunQuerySet:
        """And of the people."""
        if owner := self.values.get("owner"):
            runs = runs.filter(user__in=owner)
        elif self.values.get("scope") == WITHOUT_ACCOUNT:
            runs = runs.filter(user=None)
        return super().among(runs)
