"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from accounts.views import admin_sign_in, password_change, sign_out
from cognitodemo.room_check import room_check, room_check_echo

handler500 = "web.errors.server_error"

urlpatterns = [
    path("", include("flows.urls")),  # first, since most is asked of them, and patterns are tried in turn
    path("accounts/", include("accounts.urls")),
    path("admin/login/", admin_sign_in),
    path("admin/logout/", sign_out),
    path("admin/password_change/", password_change),
    path("admin/", admin.site.urls),
    path("", include("providers.urls")),
    path("class/check/", room_check, name="room_check"),
    path("class/check/echo/", room_check_echo, name="room_check_echo"),
    path("", include("operations.urls")),
    path("", include("training.urls")),
]
