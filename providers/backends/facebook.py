"""Facebook Login. https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"""

from django.http import HttpResponse
from social_core.backends.facebook import FacebookOAuth2

from .base import ProviderBackend


class Facebook(ProviderBackend, FacebookOAuth2[HttpResponse]):
    SETTINGS = {"KEY": "FACEBOOK_APP_ID", "SECRET": "FACEBOOK_APP_SECRET"}
