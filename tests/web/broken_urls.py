"""The site with one page that fails."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from cognitodemo.urls import handler500 as handler500
from cognitodemo.urls import urlpatterns as of_the_site


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("planted")


urlpatterns = [path("broken/", broken), *of_the_site]
