"""A number for each request: in the answer's header, in each log line of the request, and on the page about an error,
so that who reports one names it, and who looks finds the line."""

import secrets
from contextvars import ContextVar, Token

_current: ContextVar[str] = ContextVar("request_id", default="")


def begin() -> Token[str]:
    """A new one, for what this thread does until `end`. What a client sends as its own is not taken over: it would be
    another's text in our logs."""
    return _current.set(secrets.token_hex(8))


def end(token: Token[str]) -> None:
    _current.reset(token)


def current() -> str:
    """That of the request that is answered here; empty outside of one."""
    return _current.get()
