"""What one running sandbox consists of: its configuration, its file, its clocks and keys, and what it remembers."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar, cast

from sandbox.core.accounts import SCHEMA as ACCOUNT_SCHEMA
from sandbox.core.accounts import Accounts
from sandbox.core.clock import SCHEMA as CLOCK_SCHEMA
from sandbox.core.clock import Clock
from sandbox.core.config import SandboxConfig
from sandbox.core.facts import Lab
from sandbox.core.keys import SCHEMA as KEYS_SCHEMA
from sandbox.core.keys import Keys
from sandbox.core.played_issuers import SCHEMA as PLAYED_SCHEMA
from sandbox.core.played_issuers import played_addresses
from sandbox.core.regions import partition_of
from sandbox.core.store import Store

T = TypeVar("T")
_MOST_ENDPOINTS = 1000  # accounts whose maps are kept


class Instance:
    """Belongs to the event loop's thread, like the store's connection in it.

    Args:
        endpoint_map: of one account's stand-ins: the beginning of a provider's URL -> where it is played here.

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
    """

    def __init__(
        self,
        config: SandboxConfig,
        schemas: Iterable[str],
        endpoint_map: Callable[[Lab], Mapping[str, str]] = lambda lab: {},
    ) -> None:
        self.config = config
        self.boot = secrets.token_hex(8)
        self.partition = partition_of(config.region)
        self.store = Store(config.data_file, (CLOCK_SCHEMA, KEYS_SCHEMA, ACCOUNT_SCHEMA, PLAYED_SCHEMA, *schemas))
        self.clock = Clock(self.store)
        self.keys = Keys(self.store, config.region)
        self.accounts = Accounts(self.store, self.keys, config)
        self.threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sandbox")
        self.origin = origin_of(config)
        self._endpoint_map = endpoint_map
        self._endpoints: dict[str, Mapping[str, str]] = {}
        self._parts: dict[Callable[[Instance], Any], Any] = {}

    def part(self, factory: Callable[["Instance"], T]) -> T:
        """The one `factory(instance)` of this instance, made when first asked for: a cache or a bridge of a service."""
        if factory not in self._parts:
            self._parts[factory] = factory(self)
        return cast(T, self._parts[factory])

    def endpoints_of(self, account: str) -> Mapping[str, str]:
        """The beginning of a provider's URL -> the local URL that stands in for it, in the world of that account: a
        provider is asked at the account's own stand-in."""
        found = self._endpoints.get(account)
        if found is None:
            if len(self._endpoints) >= _MOST_ENDPOINTS:
                self._endpoints.clear()
            found = self._endpoints[account] = self._endpoints_at(
                replace(self.config.lab(account), public_url=self.origin)
            )
        return found

    def forget_endpoints(self, account: str) -> None:
        """The account plays other issuers than before."""
        self._endpoints.pop(account, None)

    def _endpoints_at(self, here: Lab) -> dict[str, str]:
        """This sandbox's user pools, the account's stand-ins and the issuers that it plays itself; what the
        configuration says wins."""
        own, config = self.origin, self.config
        user_pools = {f"https://cognito-idp.{region}.amazonaws.com": own for region in self.partition.regions}
        endpoints = {**user_pools, **self._endpoint_map(here), **played_addresses(self.store.connection, here)}
        if config.public_url != own:
            endpoints[config.public_url] = own
        # A beginning is the same with and without its last slash.
        return {url.rstrip("/"): local.rstrip("/") for url, local in [*endpoints.items(), *config.endpoints.items()]}

    def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)
        self.store.close()


def origin_of(config: SandboxConfig) -> str:
    host = config.host if config.host.startswith(("127.", "[", "localhost")) else "127.0.0.1"
    return f"http://{host}:{config.port}"
