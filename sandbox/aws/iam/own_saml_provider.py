"""The SAML provider by which an account knows its own stand-in.

Its metadata is written when somebody first reads it: to make it takes one of the stand-in's keys, and libraries that
take most of a second to import, and of hundreds of accounts few ever look at theirs.
"""

import asyncio
import base64
import re
import uuid

from sandbox.aws.iam.providers import SamlProvider, find_saml_provider, forget_providers
from sandbox.aws.iam.tags import pack_tags
from sandbox.core import facts
from sandbox.core.facts import Lab
from sandbox.core.instance import Instance
from sandbox.idp.stand_ins.saml import entity_id, saml_metadata

_VALIDITY_SECONDS = 100 * 365 * 86_400  # what IAM sets where the metadata says nothing
_OF_A_STAND_IN = re.compile(
    r"https?://[^/]+/idp/saml/metadata|https://saml\.[0-9]{12}\.identity-pools-lab\.test/metadata"
)


def register_stand_in(instance: Instance, lab: Lab) -> None:
    """Have IAM know the account's stand-in by its present name and keys. A provider of another kind stays as it is."""
    arn, name = facts.saml_provider_arn(lab.account), entity_id(lab)
    known = find_saml_provider(instance.store, arn)
    if known is None:
        now = instance.clock.now(lab.account)
        row = (
            lab.account,
            facts.SAML_PROVIDER_NAME,
            str(uuid.uuid4()),
            name,
            now + _VALIDITY_SECONDS,
            pack_tags([]),
            now,
        )
        instance.store.connection.execute(
            "INSERT INTO iam_saml_provider (account, name, uuid, entity_id, metadata, valid_until, tags, created)"
            " VALUES (?, ?, ?, ?, '', ?, ?, ?)",
            row,
        )
    elif _OF_A_STAND_IN.fullmatch(known.entity_id) and (known.entity_id != name or not _is_current(instance, known)):
        instance.store.connection.execute(
            "UPDATE iam_saml_provider SET entity_id = ?, metadata = '' WHERE account = ? AND name = ?",
            (name, lab.account, facts.SAML_PROVIDER_NAME),
        )
    forget_providers(instance.store)


async def metadata_of(instance: Instance, provider: SamlProvider) -> str:
    """The provider's metadata document; that of an account's stand-in is made and written down when it is missing."""
    if provider.metadata:
        return provider.metadata
    loop = asyncio.get_running_loop()
    made = await loop.run_in_executor(instance.threads, saml_metadata, instance.config, provider.account)
    instance.store.connection.execute(
        "UPDATE iam_saml_provider SET metadata = ? WHERE account = ? AND name = ? AND metadata = ''",
        (made, provider.account, provider.name),
    )
    forget_providers(instance.store)
    return made


def _is_current(instance: Instance, provider: SamlProvider) -> bool:
    """Whether the document has the certificate by which the stand-in signs now, or is still to be made."""
    row = instance.store.connection.execute(
        "SELECT certificate FROM idp_key WHERE account = ? AND issuer = 'saml' AND retired IS NULL", (provider.account,)
    ).fetchone()
    return not provider.metadata or row is None or base64.b64encode(row["certificate"]).decode() in provider.metadata
