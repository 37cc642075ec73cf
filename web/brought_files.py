"""Files that people bring along: how large they may be, said on the page, held to by the form, and let in by the server
before anybody reads them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.conf import settings
from django.core.files import File

_MB = 1024 * 1024
LARGEST_TRACE = _MB  # bytes; anybody may open one
LARGEST_CLASS = 8 * _MB  # sixty people, ten exercises, two attempts at each: 1.44 MB; trainers bring one
_AROUND = 16 * 1024  # what a browser sends around a file: boundaries, names, the CSRF token
BODIES: Mapping[str, int] = MappingProxyType(
    {"/open/": LARGEST_TRACE + _AROUND, "/class/import/": LARGEST_CLASS + _AROUND}
)


def largest_body(path: str) -> int:
    """Bytes that a request's body may have, by the path that it is for."""
    return BODIES.get(path, settings.MAX_BODY_BYTES)


class BroughtFile(forms.FileField):
    """A field for one file of up to `largest` bytes, whole megabytes, which its hint says.

    A script of the page says so as well, before anything is sent: a server that has heard enough closes the connection,
    and browsers show that as a fault of the network.
    """

    def __init__(self, *, largest: int, help_text: str, **more: Any) -> None:
        self.largest = largest
        super().__init__(help_text=f"{help_text} Up to {largest // _MB} MB.", **more)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, str]:
        """`data-largest` in bytes, and the sentence for what is larger."""
        return {**super().widget_attrs(widget), "data-largest": str(self.largest), "data-too-large": self._too_large()}

    def to_python(self, data: Any) -> "File[Any] | None":
        file = super().to_python(data)
        if file is not None and (file.size or 0) > self.largest:
            raise forms.ValidationError(self._too_large())
        return file

    def _too_large(self) -> str:
        return f"The file is larger than {self.largest // _MB} MB."
