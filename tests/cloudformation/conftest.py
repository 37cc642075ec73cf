"""A sandbox that plays an empty AWS account, and the stack of `deploy/cloudformation.yaml` in it."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count

import pytest

from benchmarks.servers import free_port
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests import ROOT
from tests.cloudformation.deployer import Deployer
from tests.cloudformation.template import Template

REGION = "us-east-1"
_ACCOUNTS = count(700_000_000_001)


@pytest.fixture(scope="session")
def template() -> Template:
    return Template((ROOT / "deploy" / "cloudformation.yaml").read_text())


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """Its requests count as encrypted (`aws:SecureTransport`): its public address is https, as behind a proxy."""
    port = free_port()
    file = tmp_path_factory.mktemp("cloud") / "sandbox.sqlite3"
    config = SandboxConfig(data_file=file, port=port, public_url=f"https://127.0.0.1:{port}", seed=False)
    with running_sandbox(config) as running:
        yield running


def deployer_in(
    cloud: RunningSandbox, account: str, name: str, tags: Mapping[str, str], region: str = REGION
) -> Deployer:
    """A deployer whose clients are the account's administrator."""
    clients: dict[str, object] = {}

    def client_of(service: str) -> object:
        if service not in clients:
            clients[service] = cloud.client(service, access_key=account, secret_key="test", region=region)
        return clients[service]

    return Deployer(client_of, region, account, name, tags)


def new_account() -> str:
    """The number of an account that nobody has used: what moto keeps belongs to the process."""
    return str(next(_ACCOUNTS))


NewStack = Callable[..., Deployer]


@pytest.fixture(scope="session")
def new_stack(cloud: RunningSandbox, template: Template) -> NewStack:
    """Makes a stack in an account of its own: `new_stack({"GuestAccess": "false"})`; with None it is not deployed."""

    def make(parameters: Mapping[str, str] | None = None, *, name: str = "lab") -> Deployer:
        deployer = deployer_in(cloud, new_account(), name, {"identity-pools-lab": name})
        if parameters is not None:
            deployer.deploy(template, parameters)
        return deployer

    return make


@pytest.fixture(scope="session")
def stack(new_stack: NewStack) -> Deployer:
    """As the template's defaults have it. Tests that change something make one of their own."""
    return new_stack({})
