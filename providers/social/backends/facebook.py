"""Facebook Login. https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"""

from typing import Any

from django.http import HttpResponse
from social_core.backends.facebook import FacebookOAuth2

from providers.social.base import SocialProvider
from providers.social.oauth2 import OAuth2Backend


class Facebook(OAuth2Backend, FacebookOAuth2[HttpResponse]):
    SETTINGS = {"KEY": "FACEBOOK_APP_ID", "SECRET": "FACEBOOK_APP_SECRET"}

    def auth_complete_params(self, state: str | None = None) -> dict[str, Any]:
        """As the page lists them: there is but one kind of grant, and it has no name."""
        parameters: dict[str, Any] = super().auth_complete_params(state)  # type: ignore[no-untyped-call]
        return {name: value for name, value in parameters.items() if name != "grant_type"}


PROVIDER = SocialProvider(
    key="facebook",
    order=20,
    label="Facebook",
    button_label="Sign in with Facebook",
    kind="social",
    logins_key="graph.facebook.com",
    artifact_kind="access_token",
    settings_needed=("FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET"),
    yields="It says nothing by itself, so the identity pool asks Facebook whose it is.",
    colour="#0866ff",
    monogram="f",
    docs="facebook",
    backend_class=Facebook,
)
