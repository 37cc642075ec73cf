"""What visitors send us. Values for AWS are taken as they are: the service checks them, and that is the lesson."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from flows.exchange.pools import Pool
from flows.exchange.steps import Editable, Flow, flow_for
from providers.registry import PROVIDERS

PACE_ALL, PACE_STEP = "all", "step"
_LONGEST = 2048  # of an ARN, the longest value a visitor can set


def _editable_field(editable: Editable) -> forms.CharField:
    """The values are AWS names and numbers: no spelling help, and as wide a box as they need."""
    attrs = {"class": "mono", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    return forms.CharField(
        label=editable.label,
        help_text=editable.help,
        required=False,
        max_length=_LONGEST,
        widget=forms.TextInput(attrs=attrs),
    )


class ParametersForm(forms.Form):
    """Values for the calls, by the name that the operation's parameter has at AWS. Empty means the default."""

    def __init__(self, data: Mapping[str, Any] | None, editables: Iterable[Editable], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for editable in editables:
            self.fields[editable.name] = _editable_field(editable)
        self.editable_names = tuple(editable.name for editable in editables)

    @property
    def editable(self) -> list[forms.BoundField]:
        return [self[name] for name in self.editable_names]

    @property
    def parameters(self) -> dict[str, str]:
        """What was set, without what was left empty. Only after is_valid()."""
        return {name: self.cleaned_data[name] for name in self.editable_names if self.cleaned_data[name]}


class RunForm(ParametersForm):
    """The choices that make a run: access and flow by tab, the pool, whether to stop before each call."""

    access = forms.CharField(required=False)
    flow = forms.ChoiceField(choices=[("enhanced", "Enhanced flow"), ("basic", "Basic flow")], initial="enhanced")
    provider = forms.ChoiceField(choices=[(key, provider.label) for key, provider in PROVIDERS.items()])
    pool = forms.ChoiceField(label="Identity pool", required=False)
    pace = forms.ChoiceField(
        choices=[(PACE_ALL, "All calls"), (PACE_STEP, "Step by step")], required=False, initial=PACE_ALL
    )

    def __init__(self, data: Mapping[str, Any] | None, *, flow: Flow, pools: tuple[Pool, ...], **kwargs: Any) -> None:
        super().__init__(data, flow.editable, **kwargs)
        self.pool_choices = pools
        self.fields["pool"].choices = [(pool.key, pool.label) for pool in pools]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        access, provider = cleaned.get("access"), PROVIDERS.get(cleaned.get("provider", ""))
        if access and provider and access != provider.access:
            self.add_error("provider", f"{provider.label} does not offer that kind of access.")
        return cleaned

    @property
    def parameters_changed(self) -> bool:
        """Whether the visitor has set any value: then the box with the values stands open."""
        return any(self[name].value() for name in self.editable_names)


def flow_of(data: Mapping[str, Any]) -> Flow:
    """The flow that a form or a query names; the enhanced one where it names none that exists."""
    provider = PROVIDERS.get(data.get("provider", ""), PROVIDERS["guest"])
    variant = data.get("flow", "")
    return flow_for(variant if variant in ("enhanced", "basic") else "enhanced", provider.kind)
