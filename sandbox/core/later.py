"""Modules that are imported when they are first used: most processes that read a stand-in's facts never serve it.

A reader of types sees plain imports; what runs has the modules from `later`:

    if TYPE_CHECKING:
        import flask
    else:
        flask = later("flask")
"""

from importlib import import_module
from typing import Any


def later(name: str) -> Any:
    """The module, whose import waits for the first look at one of its names."""
    return _Later(name)


class _Later:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
