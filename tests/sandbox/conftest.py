"""One sandbox for all tests of its AWS side, and identity providers for it to ask. Each test has its own account."""

from collections.abc import Iterator

import pytest

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.issuers import USER_POOL, Providers
from tests.sandbox.lab import Lab


@pytest.fixture(scope="session")
def identity_providers() -> Iterator[Providers]:
    providers = Providers()
    providers.issuer("userpool", f"https://{USER_POOL}")
    providers.issuer("google", "https://accounts.google.com")
    providers.issuer("apple", "https://appleid.apple.com")
    providers.issuer("oidc", "https://idp.example.com/realm")
    yield providers
    providers.close()


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory, identity_providers: Providers) -> Iterator[RunningSandbox]:
    url = identity_providers.url
    config = SandboxConfig(
        data_file=tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3",
        port=0,
        seed=False,
        endpoints={
            f"https://{USER_POOL}": f"{url}/userpool",
            "https://accounts.google.com": f"{url}/google",
            "https://appleid.apple.com": f"{url}/apple",
            "https://idp.example.com/realm": f"{url}/oidc",
            "https://graph.facebook.com": f"{url}/facebook",
            "https://api.amazon.com": f"{url}/amazon",
            "https://api.twitter.com": f"{url}/x",
        },
    )
    with running_sandbox(config) as sandbox:
        yield sandbox


@pytest.fixture
def lab(shared_sandbox: RunningSandbox, identity_providers: Providers) -> Lab:
    return Lab(shared_sandbox, identity_providers)
