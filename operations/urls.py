from django.urls import path

from operations import pages

app_name = "operations"

urlpatterns = [path("setup/", pages.setup, name="setup")]
