"""What to do about a sign-in that did not come off."""

from collections.abc import Mapping

from providers.sign_in.models import SignIn

_BY_CODE: Mapping[str, str] = {
    "not_configured": "Register this application at the provider, put what it gives you into .env and start again. The "
    "provider's page under docs/providers/ takes you through it.",
    "not_allowed": "Nothing was sent anywhere.",
    "unknown_request": "Begin at the interactive demo and sign in from there.",
    "already_used": "If you went back in your browser, there is nothing to repair: the first answer counted. Otherwise "
    "begin a new sign-in.",
    "other_browser": "Finish a sign-in in the browser in which you began it. If you did not begin one, somebody sent "
    "you a link that would have mixed their sign-in with yours; nothing came of it.",
    "sign_in_expired": "Begin a new sign-in.",
    "redirect_uri_mismatch": "Register the redirect URI at the provider exactly as the provider's card shows it.",
    "invalid_client": "Compare client id and client secret in .env with the provider's console.",
    "invalid_grant": "A code counts once and for a short while. Begin a new sign-in; if it happens again, compare the "
    "redirect URI that is registered at the provider.",
    "invalid_scope": "The application asked for more than it is registered for at the provider.",
    "invalid_signature": "The provider may have changed its keys, or the token was made by somebody else. Begin a new "
    "sign-in.",
    "not_an_id_token": "An access token says what may be done, an ID token who somebody is. The pool wants the "
    "second: look which of the two the provider put where.",
    "nonce_mismatch": "The token belongs to another sign-in. Begin a new one.",
    "response_expired": "Compare this machine's clock with the provider's, then sign in again.",
    "response_not_yet_valid": "Compare this machine's clock with the provider's, or set SIGN_IN_LEEWAY higher.",
    "no_discovery_document": "Compare the issuer in .env with the provider's console. A provider that publishes none "
    "needs OIDC_AUTHORIZATION_ENDPOINT, OIDC_TOKEN_ENDPOINT and OIDC_JWKS_URI, all three.",
    "connection_failed": "Look whether the provider's address is right and can be reached from this server. In sandbox "
    "mode, look whether the sandbox is running.",
    "redirected": "Put the address into .env at which the provider answers itself.",
    "too_large": "Look whether the provider's address in .env is the one of its documentation.",
    "timeout": "Try again in a moment.",
    "tls_error": "The provider's certificate is not trusted here, or has expired.",
    "saml_metadata": "Compare SAML_METADATA_URL or SAML_METADATA_FILE with the identity provider's console.",
    "saml_unsolicited": "Begin at the interactive demo, not in the identity provider's own portal: a response that "
    "answers no request is not taken.",
    "saml_audience": "Register the entity ID at the identity provider exactly as SAML_ENTITY_ID spells it.",
    "saml_recipient": "Register the ACS URL at the identity provider exactly as the provider's card shows it.",
    "saml_destination": "Register the ACS URL at the identity provider exactly as the provider's card shows it.",
    "saml_lifetime": "Compare this machine's clock with the identity provider's, then sign in again. SIGN_IN_LEEWAY "
    "says by how many seconds they may differ.",
    "saml_schema": "Some identity providers send an empty list of attributes where none is set up: set one up there.",
    "saml_signature": "The response is not signed, or not with a key in the metadata that we have. If the identity "
    "provider changed its key, the next sign-in fetches the metadata anew.",
}
_BY_OUTCOME: Mapping[str, str] = {
    SignIn.Outcome.DECLINED: "Nothing was granted, so there is no artifact and no call to the identity pool was made. "
    "Start again whenever you like.",
    SignIn.Outcome.REFUSED: "What came back was not used, and the identity pool was not called. Begin a new sign-in.",
    SignIn.Outcome.FAILED: "Look at what the provider said, compare its console with the settings here, and try again.",
    SignIn.Outcome.UNDER_WAY: "Finish it at the provider, or begin a new one: this one runs out by itself.",
}


def advice_for(sign_in: SignIn) -> str:
    """A sentence or two; empty for a sign-in that succeeded."""
    return _BY_CODE.get(sign_in.error_code) or _BY_OUTCOME.get(sign_in.outcome, "")
