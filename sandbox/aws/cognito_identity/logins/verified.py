"""A login that has been checked: the only form in which the identity logic sees one."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field

Kind = Literal["user_pool", "oidc", "google", "apple", "facebook", "amazon", "x", "saml", "developer"]


class VerifiedLogin(Struct, frozen=True):
    """What a login proved once it was checked.

    Attributes:
        provider: the key of the Logins map; with `user_key` it names the owner of an identity.
        user_key: `sub`, user id or NameID.
        amr: the token's third kind of amr entry, such as `HOST:CLIENT:USER`.
        mapping_key: the key under which the pool's RoleMappings name the provider.
        tag_provider: the IdentityProviderName under which its principal tag map stands.
        claims: what role rules and tag maps can look at; values are strings, numbers or lists of strings.
        default_tags: the two tags of a map with UseDefaults.
        roles: the roles of a SAML assertion.
    """

    kind: Kind
    provider: str
    user_key: str
    amr: str
    mapping_key: str
    tag_provider: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    roles: Sequence[str] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.user_key
