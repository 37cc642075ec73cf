"""Login with Amazon. https://developer.amazon.com/docs/login-with-amazon/authorization-code-grant.html"""

from typing import Any

from django.http import HttpResponse
from social_core.backends.amazon import AmazonOAuth2

from providers.social.base import SocialProvider
from providers.social.oauth2 import OAuth2Backend


class Amazon(OAuth2Backend, AmazonOAuth2[HttpResponse]):
    SETTINGS = {"KEY": "AMAZON_CLIENT_ID", "SECRET": "AMAZON_CLIENT_SECRET"}

    def user_data(self, access_token: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The profile, with the token in a header; the library would put it into the URL."""
        return self.get_json("https://api.amazon.com/user/profile", headers={"Authorization": f"Bearer {access_token}"})


PROVIDER = SocialProvider(
    key="amazon",
    order=30,
    label="Login with Amazon",
    button_label="Login with Amazon",
    kind="social",
    logins_key="www.amazon.com",
    artifact_kind="access_token",
    settings_needed=("AMAZON_CLIENT_ID", "AMAZON_CLIENT_SECRET"),
    yields="It says nothing by itself, so the identity pool asks Amazon whose it is.",
    colour="#ff9900",
    monogram="a",
    docs="amazon",
    backend_class=Amazon,
)
