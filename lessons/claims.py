"""What is in a token or another artifact: claims, SAML attributes and members of a profile, by name."""

_TAG = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"

CLAIMS: dict[str, str] = {
    # The header of a token
    "alg": "The algorithm of the signature.",
    "kid": "Which of the issuer’s published keys verifies the signature.",
    "typ": "The kind of token.",
    # Registered claims, and those of the identity pool's own token
    "sub": "Subject: who the token is about. In the identity pool’s own token that is the identity ID.",
    "aud": "Audience: who the token is for. In the identity pool’s own token that is the identity pool’s ID.",
    "iss": "Issuer: who made and signed the token.",
    "exp": "Expires at: from then on nobody may accept the token.",
    "iat": "Issued at.",
    "nbf": "Not before: nobody may accept the token earlier.",
    "jti": "The token’s own ID.",
    "amr": "Authenticated or unauthenticated, then the providers that were used. Trust policies check it.",
    "https://cognito-identity.amazonaws.com/identity-pool-arn": "The ARN of the identity pool.",
    "https://aws.amazon.com/tags": "Principal tags: attributes that policies can use.",
    # ID tokens of providers
    "azp": "Authorized party: the client that the token was issued to.",
    "nonce": "The random value of this sign-in. A token that was stolen from another sign-in has a different one.",
    "at_hash": "Ties the ID token to the access token that came with it.",
    "auth_time": "When the person signed in.",
    "email": "The person’s e-mail address.",
    "email_verified": "Whether the provider has checked that the address belongs to the person.",
    "name": "The person’s name. Names are not unique, so nothing is decided by it.",
    "preferred_username": "What the person wants to be called. It can change, so nothing is decided by it.",
    "given_name": "The person’s given name.",
    "family_name": "The person’s family name.",
    "picture": "Where a picture of the person is.",
    "locale": "The person’s language and region.",
    "hd": "The person’s Google Workspace domain.",
    "nonce_supported": "Whether Apple could carry our nonce: if so, it has to be in the token.",
    "is_private_email": "Whether Apple made up the address to hide the real one.",
    "real_user_status": "How sure Apple is that this is a person.",
    "sid": "The provider’s own session.",
    "department": "The person’s department. The rules of a role mapping can look at it.",
    "tenant": "The organisation that the person belongs to.",
    "groups": "Groups of the person at the provider.",
    # Tokens of a user pool
    "token_use": "What a user pool made the token for: id or access. Identity pools want id.",
    "cognito:username": "The person’s name in the user pool.",
    "cognito:groups": "The user pool’s groups that the person is in.",
    "cognito:roles": "Roles of those groups. A role mapping of type Token chooses among them.",
    "cognito:preferred_role": "The role of the group with the best precedence.",
    "custom:department": "An attribute that this user pool defines. The rules of a role mapping can look at it.",
    "custom:tenant": "An attribute that this user pool defines.",
    "origin_jti": "The ID of the sign-in that the token comes from; a revocation names it.",
    "event_id": "The user pool’s ID of this sign-in.",
    "username": "The person’s name in the user pool.",
    "client_id": "The app client that the token was issued to. There is no aud, so an identity pool does not accept "
    "the token.",
    "scope": "What the token allows at the user pool’s own API.",
    "version": "The version of the token’s form.",
    # Profiles
    "screen_name": "The person’s name at X. It can change, so nothing is decided by it.",
    "id": "The subject: the person, as the provider’s application knows them.",
    "id_str": "The person’s ID at X.",
    "user_id": "The subject: the person, as the provider knows them.",
    # SAML
    "NameID": "The subject: who the assertion is about. The identity belongs to it.",
    "Audience": "Whom the assertion is for: our service provider’s entity ID, and AWS.",
    "Recipient": "The addresses that may accept the assertion.",
    "NotBefore": "Nobody may accept the assertion earlier.",
    "NotOnOrAfter": "From then on nobody may accept the assertion.",
    "Issuer": "The identity provider’s entity ID.",
    "https://aws.amazon.com/SAML/Attributes/Role": "Role and provider ARN, in pairs. The identity pool takes the role "
    "from here.",
    "https://aws.amazon.com/SAML/Attributes/RoleSessionName": "What STS is asked to call the session.",
    "https://aws.amazon.com/SAML/Attributes/SessionDuration": "How long the session may last, in seconds.",
    "displayName": "The person’s name. Names are not unique, so nothing is decided by it.",
    "mail": "The person’s e-mail address.",
}


def meaning_of(name: str) -> str:
    """What a claim, an attribute or a member of a profile is for; empty for the provider's own, which nobody lists."""
    if name.startswith(_TAG):
        return f"A session tag: policies read it as aws:PrincipalTag/{name.removeprefix(_TAG)}."
    return CLAIMS.get(name, "")
