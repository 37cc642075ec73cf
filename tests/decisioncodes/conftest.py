"""The codes are met in the sandbox of the sandbox's own tests."""

from tests.sandbox.conftest import identity_providers, lab, shared_sandbox

__all__ = ["identity_providers", "lab", "shared_sandbox"]
