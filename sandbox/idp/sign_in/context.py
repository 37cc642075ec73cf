"""What every stand-in is given."""

from dataclasses import dataclass
from functools import cached_property

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import STAND_INS_PATH, Lab
from sandbox.idp.storage.records import Records


@dataclass(frozen=True)
class IdpContext:
    """The sandbox's configuration, and the records of the account to which the stand-ins belong."""

    config: SandboxConfig
    records: Records

    @cached_property
    def lab(self) -> Lab:
        """The account to which the stand-ins belong, and the addresses."""
        return self.config.lab(self.records.account)

    @property
    def portraits(self) -> str:
        """Address below which people's pictures are, which are the same in every account."""
        return f"{self.config.public_url}{STAND_INS_PATH}/people"

    def local(self, host: str) -> str:
        """The local address of a real host, without a slash at the end."""
        return f"{self.lab.stand_ins_url}/{host}"
