"""What a user pool publishes below its issuer: its discovery document and its keys."""

import sqlite3

import flask

from sandbox.core.config import SandboxConfig
from sandbox.core.facts import STAND_INS_PATH
from sandbox.user_pools import keys as pool_keys
from sandbox.user_pools.domains import domain_of
from sandbox.user_pools.pools import UserPool, find_pool

_OPEN = {"Access-Control-Allow-Origin": "*"}


def discovery(config: SandboxConfig, connection: sqlite3.Connection, region: str, pool_id: str) -> flask.Response:
    """The pool's discovery document, with addresses at which this sandbox answers."""
    pool = _pool(connection, region, pool_id)
    root = f"{config.public_url}{STAND_INS_PATH}"
    domain = domain_of(connection, pool)
    login = f"{root}/{domain.name}.auth.{region}.amazoncognito.com" if domain else None
    return _published(flask.jsonify(pool_keys.discovery(pool, f"{root}/{pool.provider_name}", login)))


def keys(connection: sqlite3.Connection, region: str, pool_id: str) -> flask.Response:
    """The pool's JSON Web Key Set."""
    return _published(flask.jsonify(pool_keys.jwks(connection, _pool(connection, region, pool_id))))


def _pool(connection: sqlite3.Connection, region: str, pool_id: str) -> UserPool:
    pool = find_pool(connection, pool_id)
    if pool is None or pool.region != region:
        flask.abort(flask.make_response({"message": f"User pool {pool_id} does not exist."}, 404))
    return pool


def _published(answer: flask.Response) -> flask.Response:
    answer.headers.update({**_OPEN, "Cache-Control": "public, max-age=60"})
    return answer
