"""The request as the views meet it, with what the middleware has put on it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.owners import Owner


class Request(HttpRequest):
    """For annotations. `owner` comes from VisitorMiddleware, `htmx` from HtmxMiddleware."""

    owner: Owner
    htmx: HtmxDetails
