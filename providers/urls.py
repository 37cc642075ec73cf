"""Addresses of sign-ins. Those of `complete`, `company_complete` and `saml_acs` are registered at
providers: do not change them."""

from django.urls import path

from providers import views
from providers.company import views as company
from providers.saml import views as saml

app_name = "providers"
urlpatterns = [
    path("accounts/company/", company.company_sign_in, name="company_sign_in"),
    path("accounts/company/complete/", company.company_complete, name="company_complete"),
    path("accounts/company/link/", company.company_link, name="company_link"),
    path("sign-in/complete/<slug:backend>/", views.complete, name="complete"),
    path("sign-in/<slug:code>/", views.sign_in_request, name="sign_in_request"),
    path("sign-in/<slug:code>/cancel/", views.sign_in_cancel, name="sign_in_cancel"),
    path("sign-ins/", views.sign_in_list, name="sign_in_list"),
    path("sign-ins/<slug:code>/", views.sign_in_detail, name="sign_in_detail"),
    path("saml/acs/", saml.acs, name="saml_acs"),
    path("saml/continue/<slug:code>/<slug:token>/", saml.saml_continue, name="saml_continue"),
    path("saml/metadata/", saml.metadata, name="saml_metadata"),
]
