"""What every stand-in is given."""

from dataclasses import dataclass
from functools import cached_property

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import Lab
from sandbox.idp.storage.records import Records


@dataclass(frozen=True)
class IdpContext:
    """The sandbox's configuration and the stand-ins' own records."""

    config: SandboxConfig
    records: Records

    @cached_property
    def lab(self) -> Lab:
        """The account to which the stand-ins belong, and the addresses."""
        return self.config.lab()

    @cached_property
    def local_root(self) -> str:
        """Address below which all the stand-ins are, without a slash at the end."""
        return f"{self.config.public_url}/idp"

    def local(self, host: str) -> str:
        """The local address of a real host, without a slash at the end."""
        return f"{self.local_root}/{host}"
