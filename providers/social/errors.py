"""What social-auth raises, as an error of ours with a sentence for the person."""

from collections.abc import Mapping

from social_core.exceptions import (
    AuthCanceled,
    AuthConfigurationError,
    AuthCredentialError,
    AuthProviderError,
    SocialAuthBaseException,
)

from providers.sign_in.comparison import Comparison
from providers.sign_in.refusals import LIMITS, Declined, Failed, Refused, SignInError, without_secrets
from providers.sign_in.transcript import Transcript
from providers.social.base import ProviderBackend
from providers.social.id_token_comparison import FORMAT, id_token_comparisons
from redaction.parsing import read_body

# What the library raises, beside its own, at an answer that is not what it should be.
UNREADABLE = (KeyError, TypeError, ValueError, OverflowError, RecursionError)
# Codes of social-auth -> our sentence. `{detail}` is what the provider or the check said.
_SENTENCES: Mapping[str, str] = {
    **LIMITS,
    "authorization_declined": "The sign-in was declined at the provider.",
    "missing_parameter": "A required parameter is missing in the provider’s answer: {parameter}.",
    "session_context_missing": "The answer does not belong to a sign-in that was started in this browser.",
    "state_mismatch": "The answer’s state is not the one that was sent.",
    "malformed_response": "The provider’s answer could not be read.",
    "missing_claim": "The provider’s answer does not contain {claim}.",
    "invalid_claim": "The ID token failed the check of its {claim}.",
    "invalid_signature": "The ID token’s signature does not match any key that the provider publishes.",
    "nonce_mismatch": "The ID token’s nonce is not the one that was sent: it was issued for another sign-in.",
    "response_expired": "The ID token has expired.",
    "response_not_yet_valid": "The ID token is not valid yet: it becomes valid later than this machine’s clock and "
    "SIGN_IN_LEEWAY allow.",
    "authorization_code_rejected": "The provider refused our authorization code.",
    "credential_rejected": "The provider refused the token that it had just issued.",
    "invalid_setting": "The provider did not accept the request as it is configured here.",
    "missing_setting": "A setting is missing: {parameter}.",
    "not_the_sandbox": "In sandbox mode only the sandbox may be called, and this address is not the sandbox’s.",
    "connection_failed": "The provider could not be reached.",
    "tls_error": "The connection to the provider could not be secured.",
    "unavailable": "The provider answered that it is not available at the moment.",
    "rate_limited": "The provider answered that it received too many requests.",
    "http_error": "The provider answered with an error.",
}
# What providers say when somebody declined, beside the codes that social-auth knows. Apple has a word of its own:
# https://developer.apple.com/documentation/signinwithapplejs/incorporating-sign-in-with-apple-into-your-web-app
_DECLINED = frozenset(("user_cancelled_authorize",))
# Wrong at the provider, or in how we are registered there: such a sign-in has failed, nobody has refused it.
_FAILURES = (AuthProviderError, AuthCredentialError, AuthConfigurationError)
_CLAIMS = {"iss": "issuer (iss)", "aud": "audience (aud)", "exp": "expiry (exp)", "iat": "time of issue (iat)"}
_PARTS = {
    "token_exchange": "when the code was exchanged for tokens",
    "token_validation": "when the token was checked",
    "user_info": "when the provider was asked who signed in",
}


def unreadable() -> Failed:
    """An answer that the library could not make anything of."""
    return Failed("malformed_response", _SENTENCES["malformed_response"])


def from_social_auth(error: SocialAuthBaseException, backend: ProviderBackend, transcript: Transcript) -> SignInError:
    """What social-auth raised, as an error of ours."""
    declined = isinstance(error, AuthCanceled) or error.provider_code in _DECLINED
    listed_code, listed_text = ("", "") if error.provider_code else _first_listed(transcript)
    known = transcript.secrets()
    sentence = _sentence("authorization_declined" if declined else error.code, error)
    detail = error.detail if error.provider_code else listed_text
    if detail and detail not in sentence:
        sentence = f"{sentence} It said: {detail}"
    text = without_secrets(sentence, known)
    code = without_secrets(str(error.provider_code or listed_code or error.code), known)
    if declined:
        return Declined(code, text)
    last = transcript.calls[-1] if transcript.calls else None
    if last and last.step == "discovery" and (last.status or 0) >= 400:
        return Failed("no_discovery_document", f"There is no discovery document at {last.url} (HTTP {last.status}).")
    if isinstance(error, _FAILURES):
        return Failed(code, text)
    found = id_token_comparisons(backend, transcript, error) if error.stage == "token_validation" else ()
    checks = tuple(_comparison_without_secrets(one, known) for one in found)
    if [one["check"] for one in checks] == [FORMAT]:
        return Refused("not_an_id_token", "What came in place of the ID token is not a JSON Web Token.", checks)
    return Refused(code, text, checks)


def _sentence(code: str, error: SocialAuthBaseException) -> str:
    sentence = _SENTENCES.get(code, str(error)).format(
        parameter=error.parameter or "a parameter", claim=_CLAIMS.get(error.claim or "", error.claim or "claims")
    )
    if error.stage in _PARTS and isinstance(error, _FAILURES):
        return f"{sentence[:-1]}, {_PARTS[error.stage]}."
    return sentence


def _first_listed(transcript: Transcript) -> tuple[str, str]:
    """Code and text of the first error in an answer that lists them, as X does; the library does not read those.

    https://docs.x.com/x-api/fundamentals/response-codes-and-errors
    """
    answer = transcript.calls[-1] if transcript.calls else None
    if answer is None or answer.status is None or answer.status < 400:
        return "", ""
    listed = read_body(answer.response_body).get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return str(first.get("code", "")), str(first.get("message", ""))


def _comparison_without_secrets(one: Comparison, known: Mapping[str, str]) -> Comparison:
    return {**one, "expected": without_secrets(one["expected"], known), "actual": without_secrets(one["actual"], known)}
