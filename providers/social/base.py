"""What all backends have in common: where calls go, what is written down of them, and where settings come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.http import HttpResponse
from django.urls import reverse
from requests import HTTPError, RequestException, Response
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from social_core.backends.base import BaseAuth
from social_core.exceptions import (
    AuthConfigurationError,
    AuthProviderError,
    AuthResponseError,
    ErrorStage,
    SocialAuthBaseException,
)
from social_core.utils import http_error, redact_request_error, user_agent

from providers.sign_in.backchannel import ask, code_of
from providers.sign_in.provider import Provider
from providers.sign_in.registration import Registration
from providers.sign_in.transcript import write_answer, write_failure
from redaction.parsing import read_body, read_json

if TYPE_CHECKING:  # a description of a provider is read before there are models
    from providers.social.strategy import SignInStrategy

# social-auth's name for a part of the sign-in -> the step of the transcript.
_STEPS: dict[str, str] = {"token_exchange": "token", "token_validation": "keys", "user_info": "profile"}


class ProviderBackend(BaseAuth[HttpResponse]):
    """To be put before one of social-auth's backends.

    Attributes:
        SETTINGS: social-auth's name of a setting -> ours, as in .env.
        FIRST_STEP: what a call before the redirect is for.
        token_response: what the token endpoint answered, before anybody changed it.
    """

    SETTINGS: ClassVar[Mapping[str, str]] = {}
    FIRST_STEP: ClassVar[str] = "discovery"
    REQUIRES_USER_ID = True

    token_response: Mapping[str, Any] = {}

    @property
    def sign_in_strategy(self) -> "SignInStrategy":
        return cast("SignInStrategy", self.strategy)

    @property
    def registration(self) -> Registration:
        """What the provider knows us by, for the run's account."""
        return self.sign_in_strategy.registration

    def setting(self, name: str, default: Any = None) -> Any:
        return self.registration.setting(self.SETTINGS[name]) or default if name in self.SETTINGS else default

    def expected_issuers(self) -> list[str]:
        """What the issuer of an ID token may be, for showing it; the check itself is the library's."""
        return []

    def expected_audience(self) -> str:
        return str(self.setting("KEY"))

    def authorization_url(self) -> str:
        return self.registration.local_url(super().authorization_url())  # type: ignore[misc]  # of the class that this one stands before

    def request(self, url: str, *, stage: ErrorStage = "user_info", **kwargs: Any) -> Response:
        """Every call of ours passes here: it goes where the endpoint map says, and is written down.

        Raises:
            SocialAuthBaseException: the provider was not reached, or answered with an error or with broken JSON.
        """
        address = self.registration.local_url(url)
        if not self.registration.may_be_asked(address):
            raise AuthConfigurationError(self, code="not_the_sandbox", stage=stage)
        step = _STEPS.get(stage, self.FIRST_STEP)
        call = self.sign_in_strategy.transaction.transcript.begin(step, kwargs.get("method", "GET"), address)
        began = perf_counter()
        try:
            response = self._ask(address, stage, **kwargs)
        except SocialAuthBaseException as error:
            write_failure(call, began, error.__cause__)
            raise
        except RecursionError as error:  # the library reads an error's JSON
            write_failure(call, began, error)
            raise AuthResponseError(self, code="malformed_response", stage=stage) from error
        write_answer(call, began, response.request, response)
        self._check_json(response.text, stage)
        if stage == "token_exchange":
            self.token_response = read_body(response.text)
        return response

    def _ask(self, address: str, stage: ErrorStage, *, method: str = "GET", **options: Any) -> Response:
        """What the library's own `request` does, with limits to the answer.

        Raises:
            SocialAuthBaseException: as the library names what went wrong, and `redirected` and `too_large`.
        """
        options.pop("timeout", None)
        headers = dict(options.pop("headers", None) or {})
        if self.SEND_USER_AGENT:
            headers.setdefault("User-Agent", user_agent())
        try:
            response = ask(method, address, headers=headers, **options)
            response.raise_for_status()
        except HTTPError as error:
            raise http_error(self, error, stage=stage) from error
        except (InvalidURL, InvalidSchema, MissingSchema) as error:
            raise AuthConfigurationError(self, code="invalid_setting", parameter="url", stage=stage) from error
        except RequestException as error:
            redact_request_error(error, request_url=address)
            raise AuthProviderError(self, code=code_of(error), stage=stage) from error
        return response

    def _check_json(self, text: str, stage: ErrorStage) -> None:
        if text.lstrip()[:1] not in ("{", "["):
            return
        try:
            read_json(text)
        except ValueError as error:
            raise AuthResponseError(self, code="malformed_response", stage=stage) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialProvider(Provider):
    """A provider at which social-auth signs somebody in."""

    backend_class: type[ProviderBackend]

    @property
    def backend(self) -> str:
        return str(self.backend_class.name)

    @property
    def complete_path(self) -> str:
        """The path of its redirect URI."""
        return reverse("providers:complete", args=[self.backend])
