"""From a value of a shown request to the setting behind it: what somebody sees, they can send otherwise."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from flows.exchange.steps import FLOWS, Editable, Flow
from flows.pages.run.wire import Node

_POOL = "IdentityPoolId"
Links = Callable[[str, str], str]  # of a parameter and its value, the address; empty where there is nothing to set


@dataclass(frozen=True, slots=True)
class SettingLinks:
    """`of`: the address for a parameter, by its name, with the value that it has."""

    of: Links

    def put_on(self, nodes: Iterable[Node]) -> tuple[Node, ...]:
        """The members of a request, those that can be set with their addresses."""
        return tuple(self._linked(node) for node in nodes)

    def _linked(self, node: Node) -> Node:
        if node.name == "Logins" and len(node.children) == 1:
            (login,) = node.children
            return replace(node, children=(replace(login, setting=self.of("LoginsKey", login.name)),))
        return node if node.children else replace(node, setting=self.of(node.name, node.text))


NO_LINKS = SettingLinks(lambda name, value: "")


def to_the_demo(flow: Flow, choices: Mapping[str, str]) -> SettingLinks:
    """To the demo with all choices of a run, at the field of the value. `choices`: as the demo's address says them."""
    settable = _names(FLOWS[flow.variant].editable) & _names(flow.editable)

    def of(name: str, value: str) -> str:
        if name != _POOL and name not in settable:
            return ""
        chosen = {**choices, "change": name} | ({} if name == _POOL else {name: value})
        place = "pool-choice" if name == _POOL else f"id_{name}"
        return f"{reverse('flows:demo')}?{urlencode(chosen)}#{place}"

    return SettingLinks(of)


def to_the_form(names: Iterable[str], demo: SettingLinks) -> SettingLinks:
    """To the form below a request that is not sent yet; what is not asked for there, to the demo."""
    here = frozenset(names)
    return SettingLinks(lambda name, value: f"#id_{name}" if name in here else demo.of(name, value))


def _names(editable: Iterable[Editable]) -> frozenset[str]:
    return frozenset(field.name for field in editable)
