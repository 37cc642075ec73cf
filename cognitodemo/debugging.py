"""What Django's page for developers shows of an error when DEBUG is on."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NothingSecret(SafeExceptionReporterFilter):
    """Where and why, but with what: no variables, no form, no cookies. They hold people's credentials and tokens here.

    Django hides settings whose names sound secret; the names of local variables tell nothing.
    """

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return {}.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return dict.fromkeys(request.COOKIES, self.cleansed_substitute)

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        kept = super().get_safe_request_meta(request)
        return kept | dict.fromkeys({"QUERY_STRING", "HTTP_REFERER"} & kept.keys(), self.cleansed_substitute)
