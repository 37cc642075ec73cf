"""The service provider's configuration, built once for one metadata document of the identity provider."""

from functools import lru_cache
from pathlib import Path
from threading import Lock
from time import monotonic, perf_counter

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from requests import RequestException
from saml2 import BINDING_HTTP_POST
from saml2.config import SPConfig
from saml2.s_utils import SamlException

from providers.sign_in.backchannel import ask, code_of
from providers.sign_in.refusals import Failed, no_answer
from providers.sign_in.registration import Registration, registration_for
from providers.sign_in.transcript import Transcript, write_answer, write_failure

METADATA_SECONDS = 300  # how long fetched metadata is believed; an identity provider may have changed its key since

_fetched: dict[str, tuple[float, str]] = {}
_lock = Lock()


def acs_url() -> str:
    """Where the identity provider's response is posted: the address to register there."""
    return f"{settings.PUBLIC_URL}{reverse('providers:saml_acs')}"


def load_config(request: HttpRequest | None = None) -> SPConfig:
    """What djangosaml2 works with where it is told nothing else (setting SAML_CONFIG_LOADER)."""
    registration = registration_for()
    return sp_config(registration, metadata(registration))


def sp_config(registration: Registration, idp_metadata: str) -> SPConfig:
    """The configuration for that metadata; for none, one that can describe this service provider and no more.

    Raises:
        Failed: the document is not the metadata of an identity provider.
    """
    try:
        return _build(idp_metadata, registration.setting("SAML_ENTITY_ID"), acs_url(), settings.SIGN_IN_LEEWAY)
    except (SamlException, SyntaxError, ValueError, TypeError, AttributeError) as error:
        # pysaml2 has no exception of its own for a document that is not metadata.
        raise Failed(
            "saml_metadata", "What SAML_METADATA_URL or SAML_METADATA_FILE points to is not SAML metadata."
        ) from error


def metadata(registration: Registration, transcript: Transcript | None = None) -> str:
    """The identity provider's metadata, from the file or by the URL; empty when neither is set.

    Raises:
        Failed: it could not be read.
    """
    if path := registration.setting("SAML_METADATA_FILE"):
        try:
            return Path(path).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise Failed("saml_metadata", "The file named in SAML_METADATA_FILE could not be read.") from error
    url = registration.setting("SAML_METADATA_URL")
    return _fetch(registration, url, transcript or Transcript()) if url else ""


def forget_metadata() -> None:
    """Ask again next time: a signature fitted no key that we know."""
    with _lock:
        _fetched.clear()


def _fetch(registration: Registration, url: str, transcript: Transcript) -> str:
    with _lock:
        fetched_at, text = _fetched.get(url, (0.0, ""))
    if text and monotonic() - fetched_at < METADATA_SECONDS:
        return text
    address = registration.local_url(url)
    if not registration.may_be_asked(address):
        raise Failed("not_the_sandbox", "In sandbox mode only the sandbox’s metadata is fetched.")
    call, began = transcript.begin("metadata", "GET", address), perf_counter()
    try:
        response = ask("GET", address)
        response.raise_for_status()
    except RequestException as error:
        write_failure(call, began, error)
        if (code := code_of(error)) in ("timeout", "too_large", "redirected"):
            raise no_answer(code) from error
        raise Failed("saml_metadata", "The identity provider’s metadata could not be fetched.") from error
    write_answer(call, began, response.request, response)
    with _lock:
        _fetched[url] = (monotonic(), response.text)
    return response.text


@lru_cache(maxsize=64)
def _build(idp_metadata: str, entity_id: str, acs: str, leeway: int) -> SPConfig:
    """Thirty milliseconds of work; pysaml2 only reads it afterwards, so all requests for an account share it."""
    config = SPConfig()
    config.load(
        {
            "entityid": entity_id,
            "metadata": {"inline": [idp_metadata]} if idp_metadata else {},
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(acs, BINDING_HTTP_POST)]},
                    "allow_unsolicited": False,
                    "authn_requests_signed": False,
                    "want_assertions_signed": True,
                    "want_response_signed": False,
                    "name_id_policy_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
                }
            },
            "allow_unknown_attributes": True,
            "accepted_time_diff": leeway,
        }
    )
    return config
