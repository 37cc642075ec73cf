"""What one running sandbox consists of: its configuration, its file, its clocks and keys, and what it remembers."""

import secrets
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from sandbox.core.accounts import SCHEMA as ACCOUNT_SCHEMA
from sandbox.core.accounts import Accounts
from sandbox.core.clock import SCHEMA as CLOCK_SCHEMA
from sandbox.core.clock import Clock
from sandbox.core.config import SandboxConfig
from sandbox.core.facts import endpoint_map
from sandbox.core.keys import SCHEMA as KEYS_SCHEMA
from sandbox.core.keys import Keys
from sandbox.core.regions import partition_of
from sandbox.core.store import Store

T = TypeVar("T")
_of_thread = threading.local()


class Instance:
    """Belongs to the event loop's thread, like the store's connection in it.

    Args:
        hosts: real hosts of providers that are played here.

    Raises:
        LookupError: the configuration names no region of AWS.

    Attributes:
        config: what the sandbox was told at its start.
        partition: the regions that its accounts have.
        store: the sandbox's file; each service keeps its SQL beside its own code.
        clock: the time of each account.
        keys: the installation's own keys.
        accounts: who administers which account, and how often each was reset.
        threads: for what would hold up the event loop (moto, key fetches, SAML). What runs there must not touch
            `store`; it hands its result back to the loop.
        boot: tells this start from every other one.
        origin: where the sandbox finds itself: on loopback, whatever its public address.
        endpoints: the beginning of a provider's URL -> the local URL that stands in for it.
    """

    def __init__(self, config: SandboxConfig, schemas: Iterable[str], hosts: Iterable[str] = ()) -> None:
        self.config = config
        self.boot = secrets.token_hex(8)
        self.partition = partition_of(config.region)
        self.store = Store(config.data_file, (CLOCK_SCHEMA, KEYS_SCHEMA, ACCOUNT_SCHEMA, *schemas))
        self.clock = Clock(self.store)
        self.keys = Keys(self.store, config.region)
        self.accounts = Accounts(self.store, self.keys, config)
        self.threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sandbox", initializer=self._own_thread)
        self.origin = origin_of(config)
        self.endpoints = _endpoints(config, self.partition.regions, self.origin, hosts)
        self._parts: dict[Callable[[Instance], Any], Any] = {}

    def part(self, factory: Callable[["Instance"], T]) -> T:
        """The one `factory(instance)` of this instance, made when first asked for: a cache or a bridge of a service."""
        if factory not in self._parts:
            self._parts[factory] = factory(self)
        return cast(T, self._parts[factory])

    def _own_thread(self) -> None:
        _of_thread.instance = self

    def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.store.close()


def instance_of_thread() -> Instance:
    """The instance to which this one of its `threads` belongs: for code inside moto, which is the whole process's."""
    instance: Instance = _of_thread.instance
    return instance


def origin_of(config: SandboxConfig) -> str:
    host = config.host if config.host.startswith(("127.", "[", "localhost")) else "127.0.0.1"
    return f"http://{host}:{config.port}"


def _endpoints(config: SandboxConfig, regions: Iterable[str], own: str, hosts: Iterable[str]) -> dict[str, str]:
    """Providers' addresses -> this sandbox: its user pools (moto's) and stand-ins; what the configuration says wins."""
    user_pools = {f"https://cognito-idp.{region}.amazonaws.com": own for region in regions}
    endpoints = {**user_pools, **endpoint_map(hosts, own)}
    if config.public_url != own:
        endpoints[config.public_url] = own
    # A beginning is the same with and without its last slash.
    return {url.rstrip("/"): local.rstrip("/") for url, local in [*endpoints.items(), *config.endpoints.items()]}
