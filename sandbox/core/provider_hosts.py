"""Where each provider's real addresses are found on this machine."""

from sandbox.core import facts


def hosts(region: str = "us-east-1") -> dict[str, tuple[str, ...]]:
    """Provider's slug -> real hosts (for the user pool's issuer: host and pool) that its stand-in plays."""
    return {
        "google": (
            "accounts.google.com",
            "oauth2.googleapis.com",
            "www.googleapis.com",
            "openidconnect.googleapis.com",
        ),
        "facebook": ("www.facebook.com", "graph.facebook.com"),
        "amazon": ("www.amazon.com", "api.amazon.com"),
        "apple": ("appleid.apple.com",),
        "x": ("api.twitter.com", "api.x.com"),
        "userpool": (facts.user_pool_provider_name(region), facts.user_pool_domain(region)),
    }


def endpoint_map(public_url: str, region: str = "us-east-1") -> dict[str, str]:
    """Real URL prefix -> local prefix, both ending in a slash, so that no prefix swallows a longer name.

    Every path of a real host has the same path below `/idp/HOST/`; `https://accounts.google.com/o/oauth2/v2/auth`
    becomes `http://127.0.0.1:4566/idp/accounts.google.com/o/oauth2/v2/auth`. The generic OpenID Connect provider and
    the SAML provider have no entry: their addresses are local ones to begin with.
    """
    return {f"https://{host}/": f"{public_url}/idp/{host}/" for names in hosts(region).values() for host in names}
