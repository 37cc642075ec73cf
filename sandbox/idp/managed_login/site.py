"""Whose managed login a request is for: a domain belongs to one pool in its region, whoever's account that is in."""

import sqlite3
from dataclasses import dataclass
from urllib.parse import urlsplit

import flask

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import seeded_user_pool
from sandbox.user_pools.pools import UserPool


@dataclass(frozen=True, slots=True)
class LoginSite:
    """The managed login that answers the current request.

    Attributes:
        connection: to the sandbox's file, of this thread.
        host: of its domain, `PREFIX.auth.REGION.amazoncognito.com`.
        base: the path below which its pages are, without a slash at its end: empty where the request came by the host.
        is_lab: whether the pool is one that its account has from the start.
    """

    config: SandboxConfig
    connection: sqlite3.Connection
    pool: UserPool
    host: str
    base: str
    is_lab: bool

    @property
    def cookie_path(self) -> str:
        """Below it browsers send this site's cookies."""
        return f"{self.base}/"


def site_of_request(config: SandboxConfig, connection: sqlite3.Connection, host: str, pool: UserPool) -> LoginSite:
    """The managed login of the pool that has the domain `host`."""
    by_host = (urlsplit(f"//{flask.request.host}").hostname or "") == host
    before, found, _ = f"{flask.request.script_root}{flask.request.path}".partition(host)
    base = "" if by_host else f"{before}{found}"
    seeded = seeded_user_pool(config.lab(pool.account))
    return LoginSite(config, connection, pool, host, base, is_lab=pool.pool_id == seeded.pool_id)
