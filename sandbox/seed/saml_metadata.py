"""The metadata document by which IAM knows the SAML stand-in."""

import asyncio

from sandbox.core.instance import Instance
from sandbox.idp.stand_ins.saml import saml_metadata


class SamlMetadata:
    """The metadata of the SAML stand-in, made again when its keys have changed."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._made: tuple[list[tuple[str, float | None]], str] | None = None

    async def current(self) -> str:
        keys = self.keys()
        if self._made is None or self._made[0] != keys or not keys:
            loop = asyncio.get_running_loop()
            metadata = await loop.run_in_executor(self._instance.threads, saml_metadata, self._instance.config)
            self._made = (self.keys(), metadata)
        return self._made[1]

    def keys(self) -> list[tuple[str, float | None]]:
        """Id, and time of withdrawal, of each key that may be in it."""
        rows = self._instance.store.connection.execute(
            "SELECT kid, retired FROM idp_key WHERE account = ? AND issuer = 'saml' ORDER BY kid",
            (self._instance.config.account_id,),
        )
        return [(row["kid"], row["retired"]) for row in rows]
