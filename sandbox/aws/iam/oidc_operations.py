"""Operations on OpenID Connect providers (IAM API Reference, 2010-05-08)."""

import json
from collections.abc import Sequence
from sqlite3 import IntegrityError, Row
from typing import Any
from urllib.parse import urlsplit

from sandbox.aws.iam import tags
from sandbox.aws.iam.names import account_of, already_exists, limit_exceeded, no_such_entity, require_arn
from sandbox.aws.iam.paging import page
from sandbox.aws.iam.providers import forget_providers, issuer_name, oidc_arn
from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.core.http import is_loopback

_CLIENT_IDS = 100
_THUMBPRINTS = 5


def _checked_url(call: Call, url: str) -> str:
    """AWS takes https URLs only, without a port; here others are good for loopback and for the stand-ins.

    A stand-in is found on loopback, whatever public address it is known by (sandbox.core.instance).

    Raises:
        AwsError: ValidationError.
    """
    try:
        parts = urlsplit(url)
        here = is_loopback(parts.hostname) or f"{parts.scheme}://{parts.netloc}" == call.instance.config.public_url
        valid = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
        valid = valid and (parts.scheme == "https" or (parts.scheme == "http" and here))
        valid = valid and (parts.port is None or here) and not set(url) & set(' \t\r\n\\"<>')
    except ValueError:
        valid = False
    if not valid:
        raise AwsError("ValidationError", "Invalid Open ID Connect Provider URL")
    return url


def _checked_thumbprints(thumbprints: Sequence[str]) -> str:
    if len(thumbprints) > _THUMBPRINTS:
        raise AwsError("InvalidInput", "Thumbprint list must contain fewer than 5 entries.")
    for thumbprint in thumbprints:
        if not set(thumbprint.lower()) <= set("0123456789abcdef"):
            raise AwsError("InvalidInput", "Thumbprint must be a hexadecimal number.")
    return json.dumps([thumbprint.lower() for thumbprint in thumbprints])


def _checked_client_ids(client_ids: Sequence[str]) -> str:
    unique = list(dict.fromkeys(client_ids))
    if len(unique) > _CLIENT_IDS:
        raise limit_exceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_CLIENT_IDS}")
    return json.dumps(unique)


def _row(call: Call) -> Row:
    """The provider that the call names, of the caller's account.

    Raises:
        AwsError: NoSuchEntity; ValidationError for what is no ARN.
    """
    provider_arn = call.params["OpenIDConnectProviderArn"]
    require_arn(provider_arn)
    row: Row | None = None
    if account_of(provider_arn) == call.account:
        row = call.instance.store.connection.execute(
            "SELECT * FROM iam_oidc_provider WHERE account = ? AND issuer = ?",
            (call.account, provider_arn.partition(":oidc-provider/")[2]),
        ).fetchone()
    if row is None:
        raise no_such_entity(f"OpenIDConnect Provider not found for arn {provider_arn}")
    return row


def _change(call: Call, column: str, value: str) -> dict[str, Any]:
    """Set one column of the provider that the call names; `column` is a name of this module's own."""
    row = _row(call)
    call.instance.store.connection.execute(
        f"UPDATE iam_oidc_provider SET {column} = ? WHERE account = ? AND issuer = ?",  # noqa: S608
        (value, call.account, row["issuer"]),
    )
    forget_providers(call.instance.store)
    return {}


async def create_open_id_connect_provider(call: Call) -> dict[str, Any]:
    params = call.params
    url = _checked_url(call, params["Url"])
    packed = tags.pack_tags(params.get("Tags") or [])
    client_ids = _checked_client_ids(params.get("ClientIDList") or [])
    thumbprints = _checked_thumbprints(params.get("ThumbprintList") or [])
    try:
        call.instance.store.connection.execute(
            "INSERT INTO iam_oidc_provider (account, issuer, url, client_ids, thumbprints, tags, created) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (call.account, issuer_name(url), url, client_ids, thumbprints, packed, call.now),
        )
    except IntegrityError as error:
        raise already_exists(f"Provider with url {url} already exists.") from error
    forget_providers(call.instance.store)
    found = tags.as_list(packed)
    return {
        "OpenIDConnectProviderArn": oidc_arn(call.account, issuer_name(url)),
        **({"Tags": found} if found else {}),
    }


async def get_open_id_connect_provider(call: Call) -> dict[str, Any]:
    row = _row(call)
    return {
        "Url": row["issuer"],  # IAM leaves the scheme out here.
        "ClientIDList": json.loads(row["client_ids"]),
        "ThumbprintList": json.loads(row["thumbprints"]),
        "CreateDate": row["created"],
        "Tags": tags.as_list(row["tags"]),
    }


async def list_open_id_connect_providers(call: Call) -> dict[str, Any]:
    rows = call.instance.store.connection.execute(
        "SELECT issuer FROM iam_oidc_provider WHERE account = ? ORDER BY issuer", (call.account,)
    )
    return {"OpenIDConnectProviderList": [{"Arn": oidc_arn(call.account, issuer)} for (issuer,) in rows]}


async def delete_open_id_connect_provider(call: Call) -> dict[str, Any]:
    row = _row(call)
    call.instance.store.connection.execute(
        "DELETE FROM iam_oidc_provider WHERE account = ? AND issuer = ?", (call.account, row["issuer"])
    )
    forget_providers(call.instance.store)
    return {}


async def add_client_id_to_open_id_connect_provider(call: Call) -> dict[str, Any]:
    client_ids = [*json.loads(_row(call)["client_ids"]), call.params["ClientID"]]
    return _change(call, "client_ids", _checked_client_ids(client_ids))


async def remove_client_id_from_open_id_connect_provider(call: Call) -> dict[str, Any]:
    kept = [client_id for client_id in json.loads(_row(call)["client_ids"]) if client_id != call.params["ClientID"]]
    return _change(call, "client_ids", json.dumps(kept))


async def update_open_id_connect_provider_thumbprint(call: Call) -> dict[str, Any]:
    return _change(call, "thumbprints", _checked_thumbprints(call.params["ThumbprintList"]))


async def tag_open_id_connect_provider(call: Call) -> dict[str, Any]:
    return _change(call, "tags", tags.with_tags(_row(call)["tags"], call.params["Tags"]))


async def untag_open_id_connect_provider(call: Call) -> dict[str, Any]:
    return _change(call, "tags", tags.without_tags(_row(call)["tags"], call.params["TagKeys"]))


async def list_open_id_connect_provider_tags(call: Call) -> dict[str, Any]:
    return page(call.params, "Tags", tags.as_list(_row(call)["tags"]))
