"""One run as its page and the lists show it."""

from dataclasses import dataclass

from flows.models import Run
from flows.steps import FLOWS
from providers.registry import PROVIDERS


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run in a few words."""

    run: Run

    @property
    def title(self) -> str:
        """Such as `Guest access, basic flow`."""
        return title_of(self.run)


def title_of(run: Run) -> str:
    """`Guest access, basic flow`, or `Google, enhanced flow`."""
    flow = FLOWS.get(run.flow)
    variant = flow.variant if flow else run.flow
    provider = PROVIDERS.get(run.provider)
    who = "Guest access" if run.access == "guest" else provider.label if provider else run.provider
    return f"{who}, {variant} flow"
