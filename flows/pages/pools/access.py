"""By whose right a pool's page reads, and whether it may change anything."""

from dataclasses import dataclass, field

from botocore.client import BaseClient
from django.conf import settings

from accounts.http import Request
from flows.exchange import clients, own_accounts, sandbox_requests
from flows.exchange.context import TemporaryCredentials
from flows.exchange.own_accounts import OwnAccount
from flows.exchange.pool_facts import AccountReader, ClientOf, PoolFacts
from flows.exchange.pools import Pool

_CLOSED = "What the AWS account says of this pool is shown to people who are signed in here."


@dataclass(frozen=True, slots=True)
class PoolsAccess:
    """What somebody may do with the pools of an account.

    Attributes:
        own: their account, when it is one of theirs.
        client_of: None where nothing may be read; `closed` then says why.
        looking: the account is another's, who is being helped.
        credentials: of the administrator of the own account.
    """

    pool: Pool
    own: OwnAccount | None
    reader: AccountReader | None
    client_of: ClientOf | None
    closed: str = ""
    looking: bool = False
    credentials: TemporaryCredentials | None = field(default=None, repr=False)

    @property
    def writable(self) -> bool:
        return self.own is not None and self.own.writable and not self.looking

    @property
    def clock(self) -> float | None:
        """By how many seconds the account's clock has been moved; None where that is not known."""
        if self.credentials is None:
            return None
        try:
            return float(
                sandbox_requests.ask(
                    "GET", "/_sandbox/clock", account=self.pool.account_id, credentials=self.credentials
                )["advanced"]
            )
        except (sandbox_requests.NotDone, KeyError, TypeError, ValueError):
            return None

    def read(self, pool: Pool) -> PoolFacts:
        """A pool of the account; without anything where it cannot be read."""
        if self.client_of is None:
            return PoolFacts(pool, {}, {}, {})
        reader = self.reader if pool == self.pool and self.reader else AccountReader(pool, self.client_of)
        return reader.pool()


def access_to(request: Request, pool: Pool) -> PoolsAccess:
    """How this person reads the pool: as the administrator of their own account, else with the server's credentials.

    On AWS these tell about a real account, so they are used for people with an account of this site only.
    """
    own = next((one for one in own_accounts.accounts_of(request.owner) if one.account_id == pool.account_id), None)
    if own is not None:
        try:
            credentials = own_accounts.administrator_of(request.owner, own.account_id)
        except (own_accounts.NotYours, sandbox_requests.NotDone) as problem:
            return PoolsAccess(pool, own, None, None, str(problem))
        client_of = _kept(pool, credentials)
        return PoolsAccess(pool, own, AccountReader(pool, client_of), client_of, credentials=credentials)
    if settings.APP_MODE != "sandbox" and not request.user.is_authenticated:
        return PoolsAccess(pool, None, None, None, _CLOSED)
    client_of = lambda name: clients.server_client(name, pool.region, pool.account_id)  # noqa: E731
    return PoolsAccess(pool, None, AccountReader(pool, client_of), client_of)


def look_into(account: OwnAccount, pool: Pool) -> PoolsAccess:
    """How somebody reads another's account that they may look into (flows.exchange.own_accounts.account_seen_by)."""
    try:
        credentials = sandbox_requests.administrators_key(account.account_id)
    except sandbox_requests.NotDone as problem:
        return PoolsAccess(pool, account, None, None, str(problem), looking=True)
    client_of = _kept(pool, credentials)
    return PoolsAccess(pool, account, AccountReader(pool, client_of), client_of, looking=True)


def _kept(pool: Pool, credentials: TemporaryCredentials) -> ClientOf:
    """Clients of one request, each made once."""
    found: dict[str, BaseClient] = {}

    def client_of(service: str) -> BaseClient:
        if service not in found:
            found[service] = clients.client_for(service, pool.region, credentials, pool.account_id)
        return found[service]

    return client_of
