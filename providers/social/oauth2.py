"""What every OAuth 2.0 provider has in common here: a code is good for the sign-in that asked for it, and no other."""

from typing import Any

from django.http import HttpResponse
from social_core.backends.oauth import BaseOAuth2, BaseOAuth2PKCE
from social_core.exceptions import AuthInputError

from providers.social.base import ProviderBackend


class OAuth2Backend(ProviderBackend, BaseOAuth2PKCE[HttpResponse]):
    """State and PKCE with S256 always (RFC 7636; RFC 9700, section 2.1.1), whether the provider looks at it or not.

    A server that does not know a parameter ignores it (RFC 6749, section 3.1), so there is nothing to switch off.
    Google, user pools, Facebook (facebook-login/guides/advanced/oidc-token) and Login with Amazon document it. Apple
    does not, and refuses a code without its verifier all the same: https://github.com/a-tokyo/apple-signin-auth/issues/180
    """

    def setting(self, name: str, default: Any = None) -> Any:
        return True if name == "USE_PKCE" else super().setting(name, default)

    def auth_complete(self, *args: Any, **kwargs: Any) -> Any:
        """The library's own way, also for a backend of it that has another one, which knows no verifier."""
        self.process_error(self.data)
        if not self.data.get("code"):
            raise AuthInputError(self, parameter="code", code="missing_parameter", stage="callback")
        return BaseOAuth2.auth_complete(self, *args, **kwargs)
