"""What lists are narrowed by."""

from typing import Any

from django import forms


class FilterForm(forms.Form):
    """Fields that are all optional: a value that does not fit filters nothing."""

    @property
    def values(self) -> dict[str, Any]:
        """What was chosen and fits, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
