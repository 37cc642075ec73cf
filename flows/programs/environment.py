"""Credentials as tools take them along: variables of a shell, or a section of the file that the SDKs read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

_PROFILE = "identity-pools-lab"
_IN_THE_FILE = {"AWS_DEFAULT_REGION": "region", "AWS_ENDPOINT_URL": "endpoint_url"}


class ForTools(ABC):
    """What a tool is told by variables of the environment, in the forms in which people paste it."""

    __slots__ = ()

    @property
    @abstractmethod
    def variables(self) -> Sequence[tuple[str, str]]:
        """By the names that the AWS SDKs and the AWS CLI know, in order."""

    @property
    def bash(self) -> str:
        """As a POSIX shell takes them."""
        return "\n".join(f"export {name}={value}" for name, value in self.variables)

    @property
    def powershell(self) -> str:
        """As PowerShell takes them."""
        return "\n".join(f'$Env:{name} = "{value}"' for name, value in self.variables)

    @property
    def profile(self) -> str:
        """A section of ~/.aws/credentials; the names of its keys are those of the variables in lower case."""
        lines = [f"{_IN_THE_FILE.get(name, name.lower())} = {value}" for name, value in self.variables]
        return "\n".join([f"[{_PROFILE}]", *lines])
