"""Where a visitor stands in the interactive demo. The whole state is in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flows.exchange.steps import Flow, flow_for
from flows.pages.demo.forms import flow_of

Access = Literal["guest", "authenticated"]


@dataclass(frozen=True, slots=True)
class DemoState:
    """What is chosen. Who has chosen nothing yet is a guest in the enhanced flow."""

    access: Access
    flow: Flow

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "DemoState":
        """From the address; what it does not know counts as not chosen."""
        return cls("authenticated" if query.get("access") == "authenticated" else "guest", flow_of(query))

    @property
    def other_variant(self) -> str:
        """The flow that is not chosen: each provider can be had in it at once."""
        return "basic" if self.flow.variant == "enhanced" else "enhanced"

    @property
    def flows(self) -> tuple[Flow, Flow]:
        return flow_for("enhanced", "guest"), flow_for("basic", "guest")
