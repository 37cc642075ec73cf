"""How a command asks the running sandbox: as its home administrator, with sentences for what goes wrong."""

import json
from urllib.error import HTTPError

from django.core.management.base import CommandError

from sandbox.controls.client import ask_switch
from sandbox.core.config import SandboxConfig
from sandbox.core.instance import origin_of

_SECONDS = 600  # an account, and all of them together, may be large


def asked(config: SandboxConfig, method: str, path: str, body: bytes) -> bytes:
    """The answer of the switch `path` of the sandbox that the configuration describes.

    Raises:
        CommandError: it refuses, or does not answer.
    """
    keys = (config.access_key_id, config.secret_access_key)
    origin = origin_of(config)
    try:
        return ask_switch(origin, method, path, body, keys=keys, region=config.region, seconds=_SECONDS)
    except HTTPError as refused:
        raise CommandError(_message(refused)) from None
    except OSError as error:
        raise CommandError(f"The sandbox does not answer at {origin}: {error}. Start it first.") from None


def _message(refused: HTTPError) -> str:
    try:
        return str(json.load(refused)["message"])
    except (ValueError, KeyError, TypeError):
        return f"The sandbox answered {refused.code}."
