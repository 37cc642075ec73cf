"""RSA keys made ahead, so that nobody's first sign-in waits for one.

To make a key takes about a tenth of a second of a processor, and a class that signs in for the first time does so all
at once. Whoever makes an account says so (`expect`), and a thread makes keys one by one, most of the time at rest.
Nothing is made ahead before a server asks for it by `make_ahead`: a test's account is gone before it needs a key.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from sandbox.core.later import later

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa
else:
    rsa = later("cryptography.hazmat.primitives.asymmetric.rsa")

BITS = 2048
_MOST = 250
_REST = 0.25  # seconds between two keys

_ready: deque[rsa.RSAPrivateKey] = deque()
_more = threading.Condition()
_expected = 0
_maker: threading.Thread | None = None


def make_ahead() -> None:
    """Have keys made ahead in this process, from now on."""
    global _maker
    with _more:
        if _maker is None:
            _maker = threading.Thread(target=_make, name="spare keys", daemon=True)
            _maker.start()


def expect() -> None:
    """Somebody will need one key more."""
    global _expected
    with _more:
        _expected = min(_expected + 1, _MOST)
        _more.notify()


def take() -> rsa.RSAPrivateKey:
    """A key nobody has had: one that was made ahead, or else a new one."""
    global _expected
    with _more:
        _expected = max(_expected - 1, 0)
        if _ready:
            return _ready.popleft()
    return new_rsa_key()


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


def _make() -> None:
    while True:
        with _more:
            _more.wait_for(lambda: len(_ready) < _expected)
        key = new_rsa_key()
        with _more:
            _ready.append(key)
            _more.wait_for(lambda: False, timeout=_REST)
