"""What a sign-in yields, and how the vault keeps it for a run."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from accounts.owners import Owner
from providers.sign_in.provider import ArtifactKind
from vault import services as vault

_ARTIFACT = "artifact"  # the purpose under which a run's artifact is sealed


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a provider issued for the logins map. Neither its value nor what it says about a person is in its repr.

    Attributes:
        provider: key in the registry.
        provider_name: key of the logins map.
        value: the token, `token;secret`, base64 SAML response, or developer user identifier.
        subject, issuer: as the provider names them, for the login history.
        claims: what was said about the person: verified claims of an ID token, attributes of an assertion, else the
            profile that the provider answered with.
        verified_by: in a few words, by what we know that it is genuine.
    """

    provider: str
    kind: ArtifactKind
    provider_name: str
    value: str = field(repr=False)
    expires_at: datetime
    subject: str = field(default="", repr=False)
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict, repr=False)
    verified_by: str = ""

    @property
    def logins(self) -> dict[str, str]:
        return {self.provider_name: self.value}


def artifact_keep(owner: Owner, *, run_code: str, artifact: Artifact) -> None:
    """Seal what a sign-in yielded for a run. A later sign-in for the same run replaces it."""
    content = {**asdict(artifact), "expires_at": artifact.expires_at.isoformat()}
    vault.seal(owner, reference=run_code, purpose=_ARTIFACT, content=content, expires_at=artifact.expires_at)


def artifact_for(*, owner: Owner, run_code: str) -> Artifact | None:
    """What the sign-in of a run yielded, while it is fresh; None afterwards and for everybody else."""
    content = vault.unseal(owner, reference=run_code, purpose=_ARTIFACT)
    if content is None:
        return None
    return Artifact(**{**content, "expires_at": datetime.fromisoformat(content["expires_at"])})
