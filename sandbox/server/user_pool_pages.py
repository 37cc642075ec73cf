"""What each user pool publishes below its issuer's path: its keys and its discovery document."""

import json
import re

from sandbox.aws.endpoint.replies import CORS
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance
from sandbox.user_pools.domains import domain_of
from sandbox.user_pools.keys import discovery, jwks
from sandbox.user_pools.pools import find_pool

_PATH = re.compile(r"/([a-z0-9-]{1,44}_[0-9A-Za-z]{1,55})/\.well-known/(jwks\.json|openid-configuration)")


def is_user_pool_page(path: str) -> bool:
    return _PATH.fullmatch(path) is not None


async def document_of_user_pool(instance: Instance, request: Request) -> Response:
    """The document, or 404 for a pool that is not here, or not in the region of the host name."""
    match, connection, public = _PATH.fullmatch(request.raw_path), instance.store.connection, instance.config.public_url
    assert match is not None
    pool = find_pool(connection, match[1])
    if pool is None or request.site.region not in ("", pool.region):
        return _answer(404, {"message": f"User pool {match[1]} does not exist."})
    if match[2] == "jwks.json":
        return _answer(200, jwks(connection, pool))
    domain = domain_of(connection, pool)
    login = f"{public}/idp/{domain.name}.auth.{pool.region}.amazoncognito.com" if domain else None
    return _answer(200, discovery(pool, f"{public}/{pool.pool_id}", login))


def _answer(status: int, document: object) -> Response:
    body = json.dumps(document).encode()
    return Response(
        status, body, [("content-type", "application/json"), ("cache-control", "public, max-age=60"), *CORS]
    )
