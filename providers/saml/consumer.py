"""What comes back from the identity provider: djangosaml2's view checks it, and hands over to us where it is done."""

import base64
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from djangosaml2.views import AssertionConsumerServiceView
from saml2.config import SPConfig
from saml2.response import IncorrectlySigned, UnsolicitedResponse
from saml2.sigver import MissingKey, SignatureError
from saml2.validate import ResponseLifetimeExceed, ToEarly
from saml2.xml.schema import XMLSchemaError

import samlcrypto
from providers.saml import document
from providers.saml.config import acs_url, forget_metadata, metadata, sp_config
from providers.saml.document import SamlDocument
from providers.saml.provider import SAML
from providers.sign_in.artifacts import REFUSED_LIFE, Artifact
from providers.sign_in.comparison import Comparison, comparison
from providers.sign_in.refusals import Declined, Failed, Refused, SignInError
from providers.sign_in.registration import Registration, registration_for
from providers.sign_in.sign_ins import sign_in_fail, sign_in_succeed
from providers.sign_in.times import usable_until
from providers.sign_in.transaction import Transaction
from vault import services as vault

logger = logging.getLogger(__name__)

# SAML 2.0 Core, 3.2.2.2: what an identity provider answers when the person, or the policy for them, said no.
_DECLINED = frozenset(("RequestDenied", "AuthnFailed", "NoPassive", "NoAuthnContext"))
_OUT_OF_TIME = (ResponseLifetimeExceed, ToEarly)
_TIMES = frozenset(("NotBefore", "NotOnOrAfter", "SessionNotOnOrAfter", "IssueInstant"))
_SCHEMA = "https://docs.oasis-open.org/security/saml/v2.0/saml-schema-assertion-2.0.xsd"


class _NotForUs(Exception):
    """Raised inside djangosaml2's view, which catches it and asks `handle_acs_failure`."""


class RequestSession(dict[str, Any]):
    """What djangosaml2 expects of a session, for one request: it knows the one AuthnRequest that is being answered."""

    modified = False


class AssertionConsumer(AssertionConsumerServiceView):  # type: ignore[misc]  # djangosaml2 has no annotations
    """Checks one response against one sign-in. No account is looked up, and nobody is signed in here."""

    transaction: Transaction  # given to as_view() or the constructor
    encoded: str

    @property
    def registration(self) -> Registration:
        """What the identity provider knows us by, for the account of the sign-in's run."""
        return registration_for(self.transaction.sign_in.account_id)

    def consume(self, request: HttpRequest) -> HttpResponse:
        """Run djangosaml2's checks on the response that was stashed."""
        posted = QueryDict(mutable=True)
        posted["SAMLResponse"] = self.encoded
        request.POST = posted  # type: ignore[assignment]  # what was posted came one hop earlier
        outstanding = {self.transaction.values["request_id"]: self.transaction.sign_in.return_path}
        request.saml_session = RequestSession(_saml2_outstanding_queries=outstanding)  # type: ignore[attr-defined]
        self.setup(request)
        response: HttpResponse = self.post(request)
        return response

    def get_sp_config(self, request: HttpRequest) -> SPConfig:
        return sp_config(self.registration, metadata(self.registration))

    def custom_validation(self, response: Any) -> None:
        """What djangosaml2 leaves out: for whose address, for which service provider, and some of the times.

        Before that the whole response is verified once more, as the sandbox does it: pysaml2 asks for one signature
        after the other, and what is read here has to be what was signed.

        Raises:
            SamlRefused, _NotForUs: djangosaml2 catches both and calls `handle_acs_failure`.
        """
        certificates = samlcrypto.signing_certificates(
            metadata(self.registration), response.assertion.issuer.text.strip()
        )
        samlcrypto.verified_assertion(base64.b64decode(self.encoded), certificates)
        read = document.read_response(self.encoded)
        if read is None or not document.has_recipient(read, acs_url()):
            raise _NotForUs
        if not document.has_audience(read, self.registration.setting("SAML_ENTITY_ID")):
            raise _NotForUs
        if _failed(document.time_comparisons(read, timezone.now())):
            raise _NotForUs

    def authenticate_user(self, request: HttpRequest, session_info: dict[str, Any], *_: Any) -> Transaction:
        read = document.read_response(self.encoded)
        assert read is not None
        artifact = Artifact(
            provider=SAML.key,
            kind=SAML.artifact_kind,
            provider_name=SAML.provider_name(self.registration),
            value="".join(self.encoded.split()),
            expires_at=usable_until(document.expiry(read) or timezone.now() + vault.LONGEST),
            subject=session_info["name_id"].text,
            issuer=session_info["issuer"],
            claims=document.claims(read),
            verified_by="a certificate in the identity provider’s metadata",
        )
        sign_in_succeed(self.transaction, artifact)
        return self.transaction

    def custom_redirect(self, user: Transaction, relay_state: str, session_info: dict[str, Any]) -> str:
        return user.sign_in.return_path

    def handle_acs_failure(
        self, request: HttpRequest, exception: Exception | None = None, status: int = 403, **kwargs: Any
    ) -> HttpResponse:
        """Whatever djangosaml2 found wrong, as a sign-in that failed."""
        read = document.read_response(self.encoded)
        error = _error(exception, read, self.transaction, self.registration.setting("SAML_ENTITY_ID"))
        logger.info("SAML response refused: %s", error.code)
        sign_in_fail(self.transaction, error, self._refused(error, read))
        return HttpResponseRedirect(self.transaction.sign_in.return_path)

    def _refused(self, error: SignInError, read: SamlDocument | None) -> Artifact | None:
        """The response that was judged bad, if it answers this sign-in's own request and brings somebody."""
        if read is None or not isinstance(error, Refused) or read.status != "Success":
            return None
        if not document.answers(read, self.transaction.values["request_id"]):
            return None
        return Artifact(
            provider=SAML.key,
            kind=SAML.artifact_kind,
            provider_name=SAML.provider_name(self.registration),
            value="".join(self.encoded.split()),
            expires_at=timezone.now() + REFUSED_LIFE,
            refused=str(error),
        )


def _error(
    exception: Exception | None, read: SamlDocument | None, transaction: Transaction, entity_id: str
) -> SignInError:
    if read is None:
        return Refused("saml_malformed", "What was posted is not a readable SAML response.")
    if read.status != "Success":
        said = f" It said: {read.status_message}" if read.status_message else ""
        kind = Declined if read.status in _DECLINED else Failed
        return kind(read.status or "saml_status", f"The identity provider answered {read.status}.{said}")
    bad_signature = isinstance(exception, SignatureError | IncorrectlySigned | MissingKey)
    if bad_signature:
        forget_metadata()
    found = _schema_comparison(exception) or document.comparisons(
        read,
        acs=acs_url(),
        entity_id=entity_id,
        request_id=transaction.values["request_id"],
        now=timezone.now(),
        signature_fits=not bad_signature,
    )
    ruling = _ruling(exception, found)
    return Refused(_code(exception, ruling), _sentence(exception, ruling), found)


def _schema_comparison(exception: Exception | None) -> tuple[Comparison, ...]:
    """The check that ended it, when that was the schema's: pysaml2 makes it before it looks at a signature.

    It calls both a SignatureError. What the schema's error says may quote the response, so only the place is told.
    """
    broken = exception.__cause__ if exception else None
    if not isinstance(broken, XMLSchemaError):
        return ()
    place = getattr(broken.__cause__, "path", None) or "an unknown place"
    return (comparison("Schema", "a document that matches the schema", f"an error at {place}", False, _SCHEMA),)


def _ruling(exception: Exception | None, found: tuple[Comparison, ...]) -> Comparison | None:
    """The check that decided. pysaml2 looks at the times before it looks for the request that is answered."""
    failed = _failed(found)
    of_times = [one for one in failed if one["check"] in _TIMES]
    if isinstance(exception, _OUT_OF_TIME) and of_times:
        return of_times[0]
    return failed[0] if failed else None


def _failed(found: tuple[Comparison, ...]) -> list[Comparison]:
    return [one for one in found if one["verdict"] == "fail"]


def _code(exception: Exception | None, ruling: Comparison | None) -> str:
    if isinstance(exception, UnsolicitedResponse):
        return "saml_unsolicited"
    if isinstance(exception, _OUT_OF_TIME) or (ruling and ruling["check"] in _TIMES):
        return "saml_lifetime"
    return f"saml_{ruling['check'].lower() if ruling else 'response'}"


def _sentence(exception: Exception | None, ruling: Comparison | None) -> str:
    if ruling:
        return (
            f"The SAML response failed the check of {ruling['check']}: "
            f"expected {ruling['expected']}, found {ruling['actual']}."
        )
    if isinstance(exception, _OUT_OF_TIME):
        return "The SAML response is not valid yet, or no longer valid."
    return "The SAML response was refused: it does not have the form that the protocol requires."
