"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from accounts.views import admin_sign_in

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("admin/login/", admin_sign_in),
    path("admin/", admin.site.urls),
    path("", include("providers.urls")),
    path("", include("training.urls")),
    path("", include("flows.urls")),
]
