"""Reads the environment, in types. Nothing else of the application does.

`.env` beside manage.py is read when it is there (`ENV_FILE` names another), and the real environment wins over it. A
value that cannot be read stops the start in a sentence that says what the setting takes.
"""

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from cognitodemo import envfile
from web import proxies

BASE_DIR = Path(__file__).resolve().parent.parent

ENV_FILE = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
OUTSIDE = frozenset(os.environ)  # names that the process was given, and not the file
for _name, _value in envfile.read_env_file(ENV_FILE).items():
    os.environ.setdefault(_name, _value)  # where the SDKs look as well


def as_given() -> dict[str, str]:
    """The environment without what the file has added to it."""
    return {name: value for name, value in os.environ.items() if name in OUTSIDE}


def beginning_with(prefix: str) -> dict[str, str]:
    """Every variable whose name begins so and that is not empty."""
    return {name: value for name, value in os.environ.items() if name.startswith(prefix) and value.strip()}


def give_up_names_soon() -> None:
    """Let a resolver that does not answer be asked for four seconds, not ten, unless the environment says otherwise.

    Nobody else can limit that (resolv.conf(5), `RES_OPTIONS`), and whoever waits for AWS waits for it as well.
    """
    os.environ.setdefault("RES_OPTIONS", "timeout:2 attempts:2")


def text(name: str, default: str = "") -> str:
    """The stripped value of one variable. An empty value in `.env` means the same as no line at all."""
    # Not env.str(): a value that begins with "$" would be taken for the name of another variable.
    return str(environ.Env.ENVIRON.get(name, "")).strip() or default


def listed(name: str, default: str = "") -> list[str]:
    """What stands between the commas, without the blanks around it."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def one_of(name: str, *choices: str) -> str:
    """One of the choices, by default the first."""
    value = text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of: {', '.join(choices)}.")
    return value


def some_of(name: str, *choices: str) -> list[str]:
    """Some of the choices, all of them by default."""
    values = listed(name, ",".join(choices))
    for value in values:
        if value not in choices:
            raise ImproperlyConfigured(f"{name} has {value!r}; it takes: {', '.join(choices)}.")
    return values


def flag(name: str, default: bool) -> bool:
    """Yes or no, in any of the usual words."""
    value = text(name, "yes" if default else "no").lower()
    if value not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be yes or no.")
    return value in ("1", "true", "yes", "on")


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number in digits."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number of at least {least}.")
    return int(value)


def range_of(name: str) -> tuple[int, int] | None:
    """Two whole numbers with a comma between them, the second no smaller; None where nothing is set."""
    if not (value := text(name)):
        return None
    parts = [part.strip() for part in value.split(",")]
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be two whole numbers such as 2,8.")
    least, most = map(int, parts)
    if not 0 <= least <= most or most == 0:
        raise ImproperlyConfigured(f"{name} is {value!r}; the second number must be at least 1 and no smaller.")
    return least, most


def url(name: str, default: str) -> str:
    """An origin, without the slash at its end."""
    value = text(name, default).rstrip("/")
    if not _is_origin(value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be an origin such as http://127.0.0.1:8000.")
    return value


def addresses_of(name: str) -> dict[str, tuple[str, str]]:
    """Names with one origin or two each: `NAME=http://127.0.0.1:4567 https://one.example.org, OTHER=...`; the second is
    empty where there is one."""
    found: dict[str, tuple[str, str]] = {}
    for entry in listed(name):
        key, _, origins = entry.partition("=")
        given = origins.split()
        if not key.strip() or not 1 <= len(given) <= 2 or not all(map(_is_origin, given)) or key.strip() in found:
            told = f"{name} has {entry!r}; it takes NAME=http://127.0.0.1:4567, each name once, with commas between."
            raise ImproperlyConfigured(told)
        found[key.strip()] = (given[0].rstrip("/"), (given[1:] or [""])[0].rstrip("/"))
    return found


def networks(name: str, default: str) -> list[str]:
    """Addresses and networks, as web.proxies takes them."""
    value = listed(name, default)
    try:
        proxies.networks(tuple(value))
    except ValueError as error:
        told = f"{name}: {error}; it takes addresses, networks such as 10.0.0.0/24, loopback and private."
        raise ImproperlyConfigured(told) from None
    return value


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text.rstrip("/"))
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.path or parts.query)


def database(name: str, default: str) -> dict[str, Any]:
    """What the URL of a database says, in the terms of Django's setting."""
    with warnings.catch_warnings():
        # The library warns with everything that it read out of the URL, the password included.
        warnings.simplefilter("ignore")
        config = _from_url(name, environ.Env.db_url_config, text(name, default))
    if not config.get("ENGINE"):
        raise ImproperlyConfigured(
            f"{name} names no kind of database; it must be a URL such as postgres://user:password@host:5432/name."
        )
    return config


def cache(name: str, default: str) -> dict[str, Any]:
    """What the URL of a cache says, in the terms of Django's setting."""
    return _from_url(name, environ.Env.cache_url_config, text(name, default))


def _from_url(name: str, read: Callable[[str], Any], url: str) -> dict[str, Any]:
    """What django-environ makes of a URL. Its own complaints, and urllib's, quote the URL, which has a password."""
    try:
        return dict(read(url))
    except (ValueError, KeyError, ImproperlyConfigured):
        told = f"{name} cannot be read as a URL; signs such as / and @ in a password are written %2F and %40."
        raise ImproperlyConfigured(told) from None
