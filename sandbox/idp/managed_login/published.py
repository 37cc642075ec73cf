"""What a user pool publishes below its issuer: its discovery document and its keys."""

import sqlite3

import flask

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import STAND_INS_PATH
from sandbox.user_pools import keys as pool_keys
from sandbox.user_pools.domains import domain_of
from sandbox.user_pools.pools import UserPool

_OPEN = {"Access-Control-Allow-Origin": "*"}


def discovery(config: SandboxConfig, connection: sqlite3.Connection, pool: UserPool) -> flask.Response:
    """The pool's discovery document, with addresses at which this sandbox answers."""
    root = f"{config.public_url}{STAND_INS_PATH}"
    domain = domain_of(connection, pool)
    login = f"{root}/{domain.name}.auth.{pool.region}.amazoncognito.com" if domain else None
    return _published(flask.jsonify(pool_keys.discovery(pool, f"{root}/{pool.provider_name}", login)))


def keys(connection: sqlite3.Connection, pool: UserPool) -> flask.Response:
    """The pool's JSON Web Key Set."""
    return _published(flask.jsonify(pool_keys.jwks(connection, pool)))


def _published(answer: flask.Response) -> flask.Response:
    answer.headers.update({**_OPEN, "Cache-Control": "public, max-age=60"})
    return answer
