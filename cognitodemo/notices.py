"""Where a page's notices rest until the next page shows them."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class OwnCookie(CookieStorage):
    """A cookie with a name of ours: Django's own could be another application's of the same host."""

    cookie_name = settings.MESSAGE_COOKIE_NAME


class Notices(FallbackStorage):
    """In the cookie, or in the session what does not fit into it."""

    storage_classes = (OwnCookie, SessionStorage)
