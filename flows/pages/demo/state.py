"""Where a visitor stands in the interactive demo. The whole state is in the address."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from flows.exchange.steps import Flow, flow_for
from flows.pages.demo.forms import flow_of
from providers.registry import PROVIDERS
from providers.sign_in.provider import Provider

Access = Literal["", "guest", "authenticated"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One entry of the list of steps above the demo. `state` is done, current or todo."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class DemoState:
    """What has been chosen so far."""

    access: Access
    flow: Flow

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "DemoState":
        """From the address; what it does not know counts as not chosen."""
        access = query.get("access", "")
        return cls(
            "guest" if access == "guest" else "authenticated" if access == "authenticated" else "", flow_of(query)
        )

    @property
    def flows(self) -> tuple[Flow, Flow]:
        return flow_for("enhanced", "guest"), flow_for("basic", "guest")

    @property
    def providers(self) -> list[Provider]:
        """Everybody who can say who somebody is."""
        return [provider for provider in PROVIDERS.values() if provider.kind != "guest"]

    @property
    def steps(self) -> Iterator[Stage]:
        labels = ["Access", "Flow", "Calls", "Result"]
        if self.access == "authenticated":
            labels[2:2] = ["Provider", "Sign in"]
        current = 1 if self.access else 0
        for number, label in enumerate(labels):
            yield Stage(label, "done" if number < current else "current" if number == current else "todo")
