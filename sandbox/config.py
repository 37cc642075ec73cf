"""The documented name of `SandboxConfig`, which lives in sandbox.core.config."""

from sandbox.core.config import SandboxConfig

__all__ = ["SandboxConfig"]
