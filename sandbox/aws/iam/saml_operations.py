"""Operations on SAML providers (IAM API Reference, 2010-05-08)."""

import uuid
from datetime import UTC, datetime
from sqlite3 import IntegrityError, Row
from typing import Any

from samlcrypto import MAX_METADATA_BYTES, SamlRefused, parse
from sandbox.aws.iam import tags
from sandbox.aws.iam.names import account_of, already_exists, no_such_entity, require_arn
from sandbox.aws.iam.own_saml_provider import metadata_of
from sandbox.aws.iam.paging import page
from sandbox.aws.iam.providers import forget_providers, saml_arn, saml_provider
from sandbox.core.call import Call
from sandbox.core.errors import AwsError

_METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
# What IAM sets when the metadata does not say until when it is valid.
_VALIDITY_SECONDS = 100 * 365 * 86_400


def _invalid() -> AwsError:
    return AwsError("InvalidInput", "Could not parse metadata")


def _parsed(metadata: str, now: float) -> tuple[str, float]:
    """Entity id and end of validity of an identity provider's metadata.

    Raises:
        AwsError: InvalidInput for anything but an EntityDescriptor with an IDPSSODescriptor and a signing certificate.
    """
    try:
        root = parse(metadata, MAX_METADATA_BYTES)
    except SamlRefused as refused:
        raise _invalid() from refused
    if root.tag != f"{{{_METADATA}}}EntityDescriptor":
        raise _invalid()
    descriptor = root.find(f"{{{_METADATA}}}IDPSSODescriptor")
    entity_id = root.get("entityID")
    if descriptor is None or not entity_id or descriptor.find(f".//{{{_SIGNATURE}}}X509Certificate") is None:
        raise _invalid()
    valid_until = root.get("validUntil")
    try:
        return entity_id, _seconds(valid_until) if valid_until else now + _VALIDITY_SECONDS
    except ValueError as error:
        raise _invalid() from error


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _refuse_encryption(call: Call) -> None:
    """Encrypted assertions are not emulated; to accept the key and then fail would mislead."""
    for name in ("AddPrivateKey", "RemovePrivateKey"):
        if call.params.get(name):
            raise AwsError("InvalidInput", "This sandbox does not emulate encrypted SAML assertions.")
    if call.params.get("AssertionEncryptionMode") == "Required":
        raise AwsError("InvalidInput", "This sandbox does not emulate encrypted SAML assertions.")


def _row(call: Call) -> Row:
    provider_arn = call.params["SAMLProviderArn"]
    require_arn(provider_arn)
    row: Row | None = None
    if account_of(provider_arn) == call.account:
        row = call.instance.store.connection.execute(
            "SELECT * FROM iam_saml_provider WHERE account = ? AND name = ?",
            (call.account, provider_arn.partition(":saml-provider/")[2]),
        ).fetchone()
    if row is None:
        raise no_such_entity(f"Manifest not found for arn {provider_arn}")
    return row


async def create_saml_provider(call: Call) -> dict[str, Any]:
    params = call.params
    _refuse_encryption(call)
    entity_id, valid_until = _parsed(params["SAMLMetadataDocument"], call.now)
    packed = tags.pack_tags(params.get("Tags") or [])
    try:
        call.instance.store.connection.execute(
            "INSERT INTO iam_saml_provider (account, name, uuid, entity_id, metadata, valid_until, tags, created) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                call.account,
                params["Name"],
                str(uuid.uuid4()),
                entity_id,
                params["SAMLMetadataDocument"],
                valid_until,
                packed,
                call.now,
            ),
        )
    except IntegrityError as error:
        raise already_exists(f"SAMLProvider {params['Name']} already exists.") from error
    forget_providers(call.instance.store)
    found = tags.as_list(packed)
    return {"SAMLProviderArn": saml_arn(call.account, params["Name"]), **({"Tags": found} if found else {})}


async def get_saml_provider(call: Call) -> dict[str, Any]:
    row = _row(call)
    return {
        "SAMLProviderUUID": row["uuid"],
        "SAMLMetadataDocument": await metadata_of(call.instance, saml_provider(row)),
        "CreateDate": row["created"],
        "ValidUntil": row["valid_until"],
        "Tags": tags.as_list(row["tags"]),
    }


async def list_saml_providers(call: Call) -> dict[str, Any]:
    rows = call.instance.store.connection.execute(
        "SELECT name, valid_until, created FROM iam_saml_provider WHERE account = ? ORDER BY name", (call.account,)
    )
    return {
        "SAMLProviderList": [
            {"Arn": saml_arn(call.account, name), "ValidUntil": valid_until, "CreateDate": created}
            for name, valid_until, created in rows
        ]
    }


async def update_saml_provider(call: Call) -> dict[str, Any]:
    row = _row(call)
    _refuse_encryption(call)
    if "SAMLMetadataDocument" in call.params:
        entity_id, valid_until = _parsed(call.params["SAMLMetadataDocument"], call.now)
        call.instance.store.connection.execute(
            "UPDATE iam_saml_provider SET metadata = ?, entity_id = ?, valid_until = ? WHERE account = ? AND name = ?",
            (call.params["SAMLMetadataDocument"], entity_id, valid_until, call.account, row["name"]),
        )
        forget_providers(call.instance.store)
    return {"SAMLProviderArn": saml_arn(call.account, row["name"])}


async def delete_saml_provider(call: Call) -> dict[str, Any]:
    row = _row(call)
    call.instance.store.connection.execute(
        "DELETE FROM iam_saml_provider WHERE account = ? AND name = ?", (call.account, row["name"])
    )
    forget_providers(call.instance.store)
    return {}


def _set_tags(call: Call, row: Row, stored: str) -> dict[str, Any]:
    call.instance.store.connection.execute(
        "UPDATE iam_saml_provider SET tags = ? WHERE account = ? AND name = ?", (stored, call.account, row["name"])
    )
    return {}


async def tag_saml_provider(call: Call) -> dict[str, Any]:
    row = _row(call)
    return _set_tags(call, row, tags.with_tags(row["tags"], call.params["Tags"]))


async def untag_saml_provider(call: Call) -> dict[str, Any]:
    row = _row(call)
    return _set_tags(call, row, tags.without_tags(row["tags"], call.params["TagKeys"]))


async def list_saml_provider_tags(call: Call) -> dict[str, Any]:
    return page(call.params, "Tags", tags.as_list(_row(call)["tags"]))
