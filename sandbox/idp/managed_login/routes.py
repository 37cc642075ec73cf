"""The addresses of managed logins and of what pools publish, below `/idp/` and, by host name, at the root."""

import sqlite3
from collections.abc import Callable

import flask

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import domain_reserved_for, user_pool_reserved_for
from sandbox.idp.accounts import ServedAccounts, served
from sandbox.idp.managed_login import self_service, signing_in, token_endpoint
from sandbox.idp.managed_login.authorization import ShownRefusal, ToldRefusal
from sandbox.idp.managed_login.pages import refusal_page
from sandbox.idp.managed_login.published import discovery, keys
from sandbox.idp.managed_login.signing_out import logout
from sandbox.idp.managed_login.site import LoginSite, site_of_request
from sandbox.idp.managed_login.user_info import user_info
from sandbox.idp.stand_ins.userpool import UserPool
from sandbox.user_pools.domains import pool_of_domain
from sandbox.user_pools.pools import UserPool as Pool
from sandbox.user_pools.pools import find_pool

_DOMAIN = "/<prefix>.auth.<region>.amazoncognito.com"
_ISSUER = "/cognito-idp.<region>.amazonaws.com/<pool_id>/.well-known"
_READ, _ASK = ("GET",), ("GET", "POST")
_CROSS_ORIGIN = ("POST", "OPTIONS")

Endpoint = Callable[[LoginSite], flask.Response]
# The spelling of the paths is the service's.
_ENDPOINTS: dict[str, tuple[Endpoint, tuple[str, ...]]] = {
    "/oauth2/authorize": (signing_in.authorize, _READ),
    "/login": (signing_in.login, _ASK),
    "/changePassword": (signing_in.change_password, ("POST",)),
    "/signup": (self_service.sign_up_here, _ASK),
    "/confirm": (self_service.confirm, _ASK),
    "/forgotPassword": (self_service.forgot, _ASK),
    "/confirmForgotPassword": (self_service.confirm_forgot, ("POST",)),
    "/logout": (logout, _READ),
    "/oauth2/token": (token_endpoint.token, _CROSS_ORIGIN),
    "/oauth2/revoke": (token_endpoint.revoke, _CROSS_ORIGIN),
    "/oauth2/userInfo": (user_info, ("GET", *_CROSS_ORIGIN)),
}


class ManagedLogins:
    """The managed logins of all pools of one sandbox.

    Args:
        exists: whether there is an account of that number.
    """

    def __init__(self, config: SandboxConfig, accounts: ServedAccounts, exists: Callable[[str], bool]) -> None:
        self._config, self._accounts, self._exists = config, accounts, exists

    def register(self, blueprint: flask.Blueprint) -> None:
        rule = blueprint.add_url_rule
        for path, (endpoint, methods) in _ENDPOINTS.items():
            name, answer = f"managed_login{path.replace('/', '_')}", self._answering(endpoint)
            rule(f"{_DOMAIN}{path}", name, answer, methods=list(methods), provide_automatic_options=False)
        rule(f"{_ISSUER}/openid-configuration", "pool_discovery", self._discovery)
        rule(f"{_ISSUER}/jwks.json", "pool_keys", self._keys)

    def _answering(self, endpoint: Endpoint) -> Callable[..., flask.Response]:
        def answer(prefix: str, region: str) -> flask.Response:
            host, pool = f"{prefix}.auth.{region}.amazoncognito.com", self._pool_of(prefix, region)
            if pool is None or not _belongs_here(pool):
                flask.abort(404, f"No user pool here has the domain {host}.")
            site = site_of_request(self._config, self._connection, host, pool)
            try:
                return endpoint(site)
            except ShownRefusal as refused:
                return refusal_page(site, refused)
            except ToldRefusal as refused:
                return refused.way.answer(refused.answer)

        return answer

    def _pool_of(self, prefix: str, region: str) -> Pool | None:
        """The pool that has the domain."""
        pool = pool_of_domain(self._connection, region, prefix)
        if pool is None and self._seeded(domain_reserved_for(prefix, self._config.account_id), region):
            pool = pool_of_domain(self._connection, region, prefix)
        return pool

    def _published(self, pool_id: str, region: str) -> Pool:
        """The pool of that id, in its region; anything else is a page that is not there (404)."""
        pool = find_pool(self._connection, pool_id)
        if pool is None and self._seeded(user_pool_reserved_for(pool_id, self._config.account_id), region):
            pool = find_pool(self._connection, pool_id)
        if pool is None or pool.region != region or not _belongs_here(pool):
            flask.abort(flask.make_response({"message": f"User pool {pool_id} does not exist."}, 404))
        return pool

    def _seeded(self, account: str | None, region: str) -> bool:
        """Give an account that was not seeded its pool, when it is first asked for; whether there can be one."""
        if account is None or region != self._config.region or not self._exists(account):
            return False
        stand_in = self._accounts.of(account).stand_ins[UserPool.slug]
        return isinstance(stand_in, UserPool) and stand_in.pool is not None

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._accounts.records.connection

    def _discovery(self, region: str, pool_id: str) -> flask.Response:
        return discovery(self._config, self._connection, self._published(pool_id, region))

    def _keys(self, region: str, pool_id: str) -> flask.Response:
        return keys(self._connection, self._published(pool_id, region))


def _belongs_here(pool: Pool) -> bool:
    """Whether the path may lead to the pool: below `/idp/` are all, below that of another account its own."""
    lab = served().context.lab
    return lab.is_home or lab.account == pool.account
