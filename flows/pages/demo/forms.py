"""The form that makes a run, and the flow that it names."""

from collections.abc import Mapping
from typing import Any

from django import forms

from flows.exchange.pools import Pool
from flows.exchange.steps import Flow, flow_for
from flows.pages.run.parameters import PACE_ALL, PACE_STEP, ParametersForm
from providers.registry import PROVIDERS


class RunForm(ParametersForm):
    """The choices that make a run: access and flow by tab, the pool, whether to stop before each call."""

    access = forms.CharField(required=False)
    flow = forms.ChoiceField(choices=[("enhanced", "Enhanced flow"), ("basic", "Basic flow")], initial="enhanced")
    provider = forms.ChoiceField(choices=[(key, provider.label) for key, provider in PROVIDERS.items()])
    pool = forms.ChoiceField(label="Identity pool", required=False)
    pace = forms.ChoiceField(
        choices=[(PACE_ALL, "All calls"), (PACE_STEP, "Step by step")], required=False, initial=PACE_ALL
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, flow: Flow, pools: tuple[Pool, ...], guest: bool, **kwargs: Any
    ) -> None:
        super().__init__(data, [field for field in flow.editable if not (guest and field.of_logins)], **kwargs)
        self.pool_choices = pools
        self.fields["pool"].choices = [(pool.key, pool.label) for pool in pools]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        access, provider = cleaned.get("access"), PROVIDERS.get(cleaned.get("provider", ""))
        if access and provider and access != provider.access:
            self.add_error("provider", f"{provider.label} does not offer that kind of access.")
        return cleaned

    @property
    def account_id(self) -> str:
        """The AWS account of the pool that is chosen; empty where none is, or its account is not known."""
        return self.chosen_pool.account_id if self.chosen_pool else ""

    @property
    def chosen_pool(self) -> Pool | None:
        """The pool that is ticked; None where there is none to choose."""
        chosen = self["pool"].value()
        return next((pool for pool in self.pool_choices if pool.key == chosen), None)

    @property
    def says_whose(self) -> bool:
        """Whether the pools are of several accounts of the visitor's, so that each has to say whose it is."""
        return len({pool.whose for pool in self.pool_choices}) > 1

    @property
    def changed_values(self) -> int:
        """How many of the values that the calls will send the visitor has set."""
        return sum(bool(self[name].value()) for name in self.editable_names)


def flow_of(data: Mapping[str, Any]) -> Flow:
    """The flow that a form or a query names; the enhanced one where it names none that exists."""
    provider = PROVIDERS.get(data.get("provider", ""), PROVIDERS["guest"])
    variant = data.get("flow", "")
    return flow_for(variant if variant in ("enhanced", "basic") else "enhanced", provider.kind)
