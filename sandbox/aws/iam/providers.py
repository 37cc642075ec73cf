"""Identity providers that accounts have registered: OpenID Connect issuers and SAML metadata."""

import json
from dataclasses import dataclass
from sqlite3 import Row
from weakref import WeakKeyDictionary

from sandbox.aws.iam.names import account_of
from sandbox.core.store import Store


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect issuer whose tokens an account accepts.

    Attributes:
        issuer: the URL without its scheme, its last slash kept: how ARNs and condition keys name it.
        url: the URL as tokens carry it in `iss`.
        client_ids: audiences that are accepted.
        thumbprints: SHA-1 of the certificate authority, 40 hex digits each.
    """

    account: str
    arn: str
    issuer: str
    url: str
    client_ids: tuple[str, ...]
    thumbprints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """A SAML identity provider: the metadata document that the account registered, and the entity id in it.

    The document is to be had from `own_saml_provider.metadata_of`: here it is empty while nobody has read it yet.
    """

    account: str
    arn: str
    name: str
    entity_id: str
    metadata: str
    valid_until: float


_oidc: WeakKeyDictionary[Store, dict[tuple[str, str], OidcProvider | None]] = WeakKeyDictionary()
_saml: WeakKeyDictionary[Store, dict[str, SamlProvider | None]] = WeakKeyDictionary()
_CACHE_SIZE = 10_000


def forget_providers(store: Store) -> None:
    """What the caches know is out of date."""
    _oidc.pop(store, None)
    _saml.pop(store, None)


def issuer_name(url: str) -> str:
    """The name of an issuer in ARNs and condition keys: its URL as given, without the scheme."""
    return url.split("://", 1)[-1]


def comparable(url: str) -> str:
    """An issuer without scheme and last slash: to compare spellings by, and never the name of one."""
    return issuer_name(url).rstrip("/")


def oidc_arn(account: str, issuer: str) -> str:
    return f"arn:aws:iam::{account}:oidc-provider/{issuer}"


def saml_arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:saml-provider/{name}"


def find_oidc_provider(store: Store, provider_arn: str) -> OidcProvider | None:
    """The OpenID Connect provider of this ARN, in whichever account; None when there is none."""
    return _named(store, account_of(provider_arn), provider_arn.partition(":oidc-provider/")[2])


def find_oidc_provider_of_issuer(store: Store, account: str, issuer: str) -> OidcProvider | None:
    """The account's provider for the issuer that a token names: of that very spelling, else with or without its last
    slash."""
    name = issuer_name(issuer)
    other = name.rstrip("/") if name.endswith("/") else f"{name}/"
    return _named(store, account, name) or _named(store, account, other)


def _named(store: Store, account: str, name: str) -> OidcProvider | None:
    known = _oidc.setdefault(store, {})
    key = (account, name)
    if key not in known:
        if len(known) >= _CACHE_SIZE:
            known.clear()
        row = store.connection.execute(
            "SELECT * FROM iam_oidc_provider WHERE account = ? AND issuer = ?", key
        ).fetchone()
        known[key] = oidc_provider(row) if row else None
    return known[key]


def find_saml_provider(store: Store, provider_arn: str) -> SamlProvider | None:
    """The SAML provider of this ARN, in whichever account; None when there is none."""
    known = _saml.setdefault(store, {})
    if provider_arn not in known:
        if len(known) >= _CACHE_SIZE:
            known.clear()
        row = store.connection.execute(
            "SELECT * FROM iam_saml_provider WHERE account = ? AND name = ?",
            (account_of(provider_arn), provider_arn.partition(":saml-provider/")[2]),
        ).fetchone()
        known[provider_arn] = saml_provider(row) if row else None
    return known[provider_arn]


def oidc_provider(row: Row) -> OidcProvider:
    return OidcProvider(
        account=row["account"],
        arn=oidc_arn(row["account"], row["issuer"]),
        issuer=row["issuer"],
        url=row["url"],
        client_ids=tuple(json.loads(row["client_ids"])),
        thumbprints=tuple(json.loads(row["thumbprints"])),
    )


def saml_provider(row: Row) -> SamlProvider:
    return SamlProvider(
        account=row["account"],
        arn=saml_arn(row["account"], row["name"]),
        name=row["name"],
        entity_id=row["entity_id"],
        metadata=row["metadata"],
        valid_until=row["valid_until"],
    )
