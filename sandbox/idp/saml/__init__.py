"""A SAML 2.0 identity provider: documents made of pysaml2's classes, signed by samlcrypto."""
