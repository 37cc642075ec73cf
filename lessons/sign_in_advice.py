"""What to do about a sign-in that failed: by its error code, or else by its outcome."""

BY_CODE: dict[str, str] = {
    "not_configured": "Register this application at the provider, put what it gives you into .env and start again. The "
    "provider’s page under docs/providers/ takes you through it.",
    "not_allowed": "Nothing was sent anywhere.",
    "unknown_request": "Start at the interactive demo and sign in from there.",
    "already_used": "If you went back in your browser, there is nothing to repair: the first answer counted. Otherwise "
    "start a new sign-in.",
    "other_browser": "Finish a sign-in in the browser in which you started it. If you did not start one, somebody sent "
    "you a link that would have mixed their sign-in with yours; it had no effect.",
    "sign_in_expired": "Start a new sign-in.",
    "redirect_uri_mismatch": "Register the redirect URI at the provider exactly as the provider’s card shows it.",
    "invalid_client": "Compare client ID and client secret in .env with the provider’s console.",
    "invalid_grant": "A code works once and for a short time. Start a new sign-in; if it happens again, compare the "
    "redirect URI that is registered at the provider.",
    "invalid_scope": "The application asked for more than it is registered for at the provider.",
    "invalid_signature": "The provider may have changed its keys, or somebody else made the token. Start a new "
    "sign-in.",
    "not_an_id_token": "An access token says what may be done, an ID token says who somebody is. The pool wants the "
    "ID token: look where the provider put which of the two.",
    "nonce_mismatch": "The token belongs to another sign-in. Start a new one.",
    "response_expired": "Compare this machine’s clock with the provider’s, then sign in again.",
    "response_not_yet_valid": "Compare this machine’s clock with the provider’s, or set SIGN_IN_LEEWAY higher.",
    "no_discovery_document": "Compare the issuer in .env with the provider’s console. A provider that publishes none "
    "needs OIDC_AUTHORIZATION_ENDPOINT, OIDC_TOKEN_ENDPOINT and OIDC_JWKS_URI, all three.",
    "connection_failed": "Check whether the provider’s address is right and can be reached from this server. In "
    "sandbox mode, check whether the sandbox is running.",
    "redirected": "Put the address into .env at which the provider answers without a redirect.",
    "too_large": "Check whether the provider’s address in .env is the one in its documentation.",
    "timeout": "Try again in a moment.",
    "tls_error": "The provider’s certificate is not trusted here, or has expired.",
    "saml_metadata": "Compare SAML_METADATA_URL or SAML_METADATA_FILE with the identity provider’s console.",
    "saml_unsolicited": "Start at the interactive demo, not in the identity provider’s own portal: a response that "
    "answers no request is not accepted.",
    "saml_audience": "Register the entity ID at the identity provider exactly as SAML_ENTITY_ID spells it.",
    "saml_recipient": "Register the ACS URL at the identity provider exactly as the provider’s card shows it.",
    "saml_destination": "Register the ACS URL at the identity provider exactly as the provider’s card shows it.",
    "saml_lifetime": "Compare this machine’s clock with the identity provider’s, then sign in again. SIGN_IN_LEEWAY "
    "says by how many seconds they may differ.",
    "saml_schema": "Some identity providers send an empty list of attributes if none is set up: set one up there.",
    "saml_signature": "The response is not signed, or not with a key in the metadata that we have. If the identity "
    "provider changed its key, the next sign-in gets the new metadata.",
}
BY_OUTCOME: dict[str, str] = {
    "declined": "Nothing was granted, so there is no artifact and no call to the identity pool was made. Start again "
    "whenever you like.",
    "refused": "What came back was not used, and the identity pool was not called. Start a new sign-in.",
    "failed": "Read what the provider said, compare its console with the settings here, and try again.",
    "abandoned": "Nobody came back from the provider in time. Start a new sign-in whenever you like.",
    "under_way": "Finish it at the provider, or start a new one: this one expires by itself.",
}


# The same of the company's sign-in to this site (docs/company.md).
FOR_SITE: dict[str, str] = {
    "unknown_request": "Start at this site’s sign-in page. If you did, the browser may have kept an old page: open it "
    "anew.",
    "cancelled": "Start again at the sign-in page whenever you like.",
    "issuer_mismatch": "Start a new sign-in. If it happens again, the people who run this site compare COMPANY_ISSUER "
    "with the provider’s console: somebody may be passing off another provider’s answer as the company’s.",
    "groups_missing": "The people who run this site have the provider put the groups into the ID token, under the name "
    "of COMPANY_GROUPS_CLAIM. A provider that leaves the claim out for people in no group needs "
    "COMPANY_GROUPS_OPTIONAL=yes.",
    "account_inactive": "The people who run this site can open the account again in the admin site.",
    "email_in_use": "If the account is yours, sign in to it with its password and link it on the page of your account. "
    "If you have no password for it, or it is somebody else’s, the people who run this site link it by `manage.py "
    "company_identity`, or change its address.",
    "identity_of_another_account": "Sign out and sign in by the company: that account opens. The people who run this "
    "site can remove the link in the admin site.",
    "account_linked_already": "The people who run this site can remove the other link in the admin site.",
    "unusable_subject": "The people who run this site look up how the provider makes the subject (sub) of its tokens.",
    "no_discovery_document": "The people who run this site compare COMPANY_ISSUER with the provider’s console.",
    "invalid_client": "The people who run this site compare COMPANY_CLIENT_ID and COMPANY_CLIENT_SECRET with the "
    "provider’s console.",
    "redirect_uri_mismatch": "The people who run this site register PUBLIC_URL/accounts/company/complete/ at the "
    "provider.",
}
_FOR_SITE_BY_OUTCOME: dict[str, str] = {
    "declined": "You are not signed in. Start again whenever you like.",
    "refused": "What came back was not used, and you are not signed in. Start a new sign-in.",
    "failed": "You are not signed in. Try again in a moment; if it happens again, tell the people who run this site.",
}


def advice_for(error_code: str, outcome: str, *, for_site: bool = False) -> str:
    """A sentence or two; empty for a sign-in that succeeded. `for_site`: it was one to an account of this site."""
    first = {**BY_CODE, **FOR_SITE} if for_site else BY_CODE
    last = {**BY_OUTCOME, **_FOR_SITE_BY_OUTCOME} if for_site else BY_OUTCOME
    return first.get(error_code) or last.get(outcome, "")
