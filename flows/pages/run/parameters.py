"""Values that a visitor sets for the calls of a run. They go to AWS as they are: the service checks them, not we."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from flows.exchange.steps import Editable

PACE_ALL, PACE_STEP = "all", "step"  # whether a run makes all its calls, or stops before each
LONGEST = 2048  # of an ARN, the longest value a visitor can set


def _editable_field(editable: Editable) -> forms.CharField:
    """The values are AWS names and numbers: no spelling help, and as wide a box as they need."""
    attrs = {"class": "mono", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    return forms.CharField(
        label=editable.label,
        help_text=editable.help,
        required=False,
        max_length=LONGEST,
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
