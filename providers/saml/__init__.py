"""SAML 2.0: this application as a service provider, on djangosaml2 and pysaml2."""
