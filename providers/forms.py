"""What the history of sign-ins can be narrowed to."""

from django import forms
from django.conf import settings
from django.db.models import Q

from accounts.company import is_set_up
from providers.company.provider import KEY as COMPANY
from providers.registry import PROVIDERS
from providers.sign_in.models import SignIn, SignInQuerySet
from web.filter_forms import FilterForm

_LOOKED_AT = ("subject", "issuer", "address", "error_code", "error_message")


def _providers() -> list[tuple[str, str]]:
    known = [(key, provider.label) for key, provider in PROVIDERS.items() if key != "guest"]
    if is_set_up():
        known.append((COMPANY, settings.COMPANY_NAME))
    return [("", "Any"), *known]


class SignInFilterForm(FilterForm):
    """Words, a provider, an outcome."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Subject, issuer, error, address", "autocomplete": "off"}
        ),
    )
    provider = forms.ChoiceField(required=False, choices=_providers)
    outcome = forms.ChoiceField(required=False, choices=[("", "Any"), *SignIn.Outcome.choices])

    def selected(self, sign_ins: SignInQuerySet) -> SignInQuerySet:
        """Those of `sign_ins` that fit."""
        values = self.values
        if words := values.pop("q", ""):
            fits = Q(*((f"{name}__icontains", words) for name in _LOOKED_AT), _connector=Q.OR)
            sign_ins = sign_ins.filter(fits)
        return sign_ins.filter(**values)
