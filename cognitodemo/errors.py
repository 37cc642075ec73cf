"""Pages for requests that go no further."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Status 403 for a form whose token does not fit: a page that was open for long, or a form of another site."""
    return render(request, "403_csrf.html", status=403)
