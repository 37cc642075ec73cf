"""The JSON Schema of what is exported."""

from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.http import Request
from flows.traces.schema import text


@require_safe
@cache_control(public=True, max_age=3600)
def trace_schema(request: Request) -> HttpResponse:
    """`/schemas/trace-v2.json`, the same for everybody."""
    return HttpResponse(text(), content_type="application/schema+json")
