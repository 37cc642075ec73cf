"""What stands in artifacts that are not an identity pool's own: claims of providers, SAML attributes, profiles."""

_TAG = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"
_ROLE = "https://aws.amazon.com/SAML/Attributes/Role"

_MEANINGS = {
    # ID tokens of providers
    "email_verified": "Whether the provider has made sure that the address is the person's.",
    "name": "The person's name. A name is not unique, so nothing is decided by it.",
    "preferred_username": "What the person wants to be called. It can change, so nothing is decided by it.",
    "given_name": "The person's given name.",
    "family_name": "The person's family name.",
    "picture": "Where a picture of the person is.",
    "locale": "The person's language and region.",
    "hd": "The person's Google Workspace domain.",
    "nonce_supported": "Whether Apple could carry our nonce: it then has to be in the token.",
    "is_private_email": "Whether the address is one that Apple made up to hide the real one.",
    "real_user_status": "How sure Apple is that this is a person.",
    "auth_time": "When the person signed in.",
    "sid": "The provider's own session.",
    "cognito:username": "The person's name in the user pool.",
    "custom:department": "An attribute that this user pool defines. The rules of a role mapping can look at it.",
    "custom:tenant": "An attribute that this user pool defines.",
    "department": "The person's department. The rules of a role mapping can look at it.",
    "tenant": "The organisation that the person belongs to.",
    "groups": "Groups of the person at the provider.",
    "origin_jti": "The ID of the sign-in that the token descends from; a revocation names it.",
    "event_id": "The user pool's ID of this sign-in.",
    # Access tokens of a user pool
    "username": "The person's name in the user pool.",
    "client_id": "The app client that the token was issued to. There is no aud, so an identity pool does not take it.",
    "scope": "What the token allows at the user pool's own API.",
    "version": "The version of the token's form.",
    # Profiles
    "screen_name": "The person's name at X. It can change, so nothing is decided by it.",
    "id": "Whom the provider's application knows: the subject.",
    "id_str": "The person's ID at X.",
    "user_id": "Whom the provider knows: the subject.",
    # SAML
    "NameID": "The subject: whom the assertion is about. The identity belongs to it.",
    "Audience": "For whom the assertion is: our service provider's entity ID, and AWS.",
    "Recipient": "The addresses that may accept the assertion.",
    "NotBefore": "Nobody may accept the assertion earlier.",
    "NotOnOrAfter": "Nobody may accept the assertion from then on.",
    "Issuer": "The identity provider's entity ID.",
    _ROLE: "Role and provider ARN, in pairs. The identity pool takes the role from here.",
    "https://aws.amazon.com/SAML/Attributes/RoleSessionName": "What STS is asked to call the session.",
    "https://aws.amazon.com/SAML/Attributes/SessionDuration": "How long the session may last, in seconds.",
    "displayName": "The person's name. A name is not unique, so nothing is decided by it.",
    "mail": "The person's e-mail address.",
}


def meaning_of(name: str) -> str:
    """What a claim, an attribute or a member of a profile is for; empty when it is the provider's own."""
    if name.startswith(_TAG):
        return f"A session tag: policies read it as aws:PrincipalTag/{name.removeprefix(_TAG)}."
    return _MEANINGS.get(name, "")
