"""The stand-ins inside the sandbox's server: one WSGI call in a thread for each request below `/idp/`."""

import asyncio
import io
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from sandbox.core import facts
from sandbox.core.http import Request, Response, is_loopback
from sandbox.idp.sign_in.logins import Login, LoginRefused, LoginRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask import Flask

    from sandbox.core.instance import Instance
    from sandbox.idp.accounts import Served, ServedAccounts

PREFIX = f"{facts.STAND_INS_PATH}/"
T = TypeVar("T")
_OF_A_POOL = re.compile(r"/(?P<region>[a-z0-9-]+)_[0-9A-Za-z]+/\.well-known/(?:jwks\.json|openid-configuration)")


class _StandIns:
    """The application, made by the first request that needs it: its libraries take most of a second to import."""

    def __init__(self, instance: "Instance") -> None:
        self._config = instance.config
        self._exists = instance.accounts.is_there
        self._making = threading.Lock()
        self._application: Flask | None = None

    def answer(self, request: Request) -> Response:
        return call_wsgi(self._made(), request, self._config.public_url)

    def of(self, account: str) -> "Served":
        accounts: ServedAccounts = self._made().extensions["stand_ins"]
        return accounts.of(account)

    def _made(self) -> "Flask":
        with self._making:
            if self._application is None:
                from sandbox.idp.app import idp_application

                self._application = idp_application(self._config, self._exists)
            return self._application


async def idp_page(instance: "Instance", request: Request) -> Response:
    """The stand-ins' answer. Made in one of the instance's threads, away from the event loop and its store."""
    stand_ins = instance.part(_StandIns)
    return await asyncio.get_running_loop().run_in_executor(instance.threads, stand_ins.answer, request)


async def managed_login(instance: "Instance", request: Request) -> Response:
    """The answer to a request that found its way here by the host name of a user pool's domain."""
    return await _at_host(instance, request, request.site.login)


def is_user_pool_page(path: str) -> bool:
    """Whether a path is where a user pool's keys or its discovery document are, below the issuer's host name."""
    return _OF_A_POOL.fullmatch(path) is not None


async def user_pool_page(instance: "Instance", request: Request) -> Response:
    """A pool's keys or discovery document, at the issuer's host name, of its region, or at the sandbox's own."""
    found = _OF_A_POOL.fullmatch(request.raw_path)
    assert found is not None
    region = request.site.region or found["region"]
    return await _at_host(instance, request, f"cognito-idp.{region}.amazonaws.com")


async def _at_host(instance: "Instance", request: Request, host: str) -> Response:
    # Links and pictures of the stand-ins' pages are known by their own paths.
    path = request.raw_path if request.raw_path.startswith(PREFIX) else f"{PREFIX}{host}{request.raw_path}"
    return await idp_page(instance, replace(request, raw_path=path))


async def login_without_page(instance: "Instance", account: str, slug: str, wanted: LoginRequest) -> Login:
    """A login at an account's stand-in `slug`, for whoever needs its token and not its pages.

    Raises:
        LoginRefused
    """

    def login(served: "Served") -> Login:
        if slug not in served.stand_ins:
            raise LoginRefused(f"There are stand-ins for {', '.join(served.stand_ins)}.")
        return served.stand_ins[slug].login(wanted)

    return await with_stand_ins(instance, account, login)


async def with_stand_ins(instance: "Instance", account: str, work: Callable[["Served"], T]) -> T:
    """What comes out when `work` is given the account's stand-ins, in a thread as `idp_page`. Raises what it raises."""
    stand_ins = instance.part(_StandIns)
    return await asyncio.get_running_loop().run_in_executor(instance.threads, lambda: work(stand_ins.of(account)))


def call_wsgi(app: "WSGIApplication", request: Request, public_url: str) -> Response:
    """One request through a WSGI application (PEP 3333), whole body in, whole body out."""
    from werkzeug.test import run_wsgi_app

    chunks, status, headers = run_wsgi_app(app, environment(request, public_url), buffered=True)
    return Response(int(status.split(" ", 1)[0]), b"".join(chunks), [(name.lower(), value) for name, value in headers])


def _client(request: Request) -> str:
    """Who asks: what a proxy on this machine says of it, such as the application where browsers have one port."""
    told = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return told if told and is_loopback(request.client) else request.client


def environment(request: Request, public_url: str) -> dict[str, Any]:
    """The WSGI environment of a request. Host comes from the request: it is part of what OAuth 1.0a signs.

    Made by hand: werkzeug's EnvironBuilder takes a quarter as long as a small answer, and reads paths as UTF-8 only.
    """
    public = urlsplit(public_url)
    host = request.headers.get("host", public.netloc)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.raw_path).decode("latin-1"),
        "QUERY_STRING": request.query_string,
        "SERVER_NAME": host.rpartition(":")[0] or host,
        "SERVER_PORT": host.rpartition(":")[2] if ":" in host else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": _client(request),
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": public.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        # A name that has `_` would be taken for the one with `-`.
        if name not in ("content-type", "content-length") and "_" not in name:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ
