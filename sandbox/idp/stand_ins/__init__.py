"""The stand-ins, one file each: hosts, client, subjects, claims, routes. A file more here is a stand-in more."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from sandbox.core import facts
from sandbox.core.facts import Lab
from sandbox.idp.sign_in.stand_in import StandIn


def _found() -> Iterator[type[StandIn]]:
    for module in iter_modules(__path__, f"{__name__}."):
        yield import_module(module.name).STAND_IN


STAND_INS: dict[str, type[StandIn]] = {
    stand_in.slug: stand_in for stand_in in sorted(_found(), key=lambda found: found.order)
}


def endpoint_map(lab: Lab) -> dict[str, str]:
    """Real URL prefix -> local prefix, of all of an account's stand-ins; see `facts.endpoint_map`."""
    places = {host: place for stand_in in STAND_INS.values() for host, place in stand_in.places(lab).items()}
    return facts.endpoint_map(lab, places)


def application_settings(lab: Lab) -> dict[str, str]:
    """What the application has to be told to use the stand-ins, by the names of its settings."""
    return {
        name: value for stand_in in STAND_INS.values() for name, value in stand_in.application_settings(lab).items()
    }
