"""OAuth 1.0a (RFC 5849), the side of the provider."""
