"""A sandbox that plays AWS, with a pool as a company has it."""

import copy
from collections.abc import Iterator

import pytest

from poolconfig.document import Document
from poolconfig.reading import read_pool
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.poolconfig.callers import Place
from tests.poolconfig.real_pool import make_real_pool

ACCOUNT = "424242424242"


@pytest.fixture(scope="package")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """Holds nothing but what is made in it."""
    data_file = tmp_path_factory.mktemp("aws") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0, seed=False)) as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A sandbox as people have it, into which pools are imported."""
    data_file = tmp_path_factory.mktemp("lab") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0)) as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def real(aws: RunningSandbox) -> Place:
    """The pool as it is at AWS."""
    number, secret = aws.make_account(account=ACCOUNT, seed=False)

    def client_of(service: str):  # type: ignore[no-untyped-def]
        return aws.client(service, access_key=number, secret_key=secret)

    place = Place(aws, secret, make_real_pool(client_of, number))
    place.switch("pools", {"action": "play", "pool": place.pool.pool_id})
    return place


@pytest.fixture(scope="package")
def as_read(real: Place) -> Document:
    """Its document, as its administrator reads it. Tests change copies only."""
    return read_pool(real.clients(), real.pool.pool_id)


@pytest.fixture
def document(as_read: Document) -> Document:
    return copy.deepcopy(as_read)


@pytest.fixture(scope="package")
def imported(lab: RunningSandbox, as_read: Document, real: Place) -> Place:
    """The copy, under the same IDs. Tests that change it make another."""
    answer = lab.switch("pools", {"action": "import", "document": as_read})
    return Place(lab, answer["SecretAccessKey"], real.pool)
