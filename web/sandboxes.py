"""Which sandbox an account is in: the site's own, or one of its own to which CLASS_SANDBOXES pins a class.

All that this application asks about an account goes to that one and to no other: what is an account in one sandbox is
nothing in another.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Place:
    """One sandbox, or AWS.

    Attributes:
        endpoint: where this application reaches it; None: at AWS's own hosts.
        public_url: the origin at which browsers find its stand-ins.
        cli_url: where SDKs and the AWS CLI of others find it.
    """

    endpoint: str | None
    public_url: str
    cli_url: str


def home() -> Place:
    """The site's own, or AWS."""
    return Place(settings.AWS_ENDPOINT, settings.SANDBOX_PUBLIC_URL, settings.SANDBOX_CLI_URL)


def of_class(public_id: str) -> Place:
    """That of a class."""
    if settings.APP_MODE != "sandbox" or public_id not in settings.CLASS_SANDBOXES:
        return home()
    endpoint, public_url = settings.CLASS_SANDBOXES[public_id]
    # With one port for browsers, its stand-ins are at the application's address, as the site's own are.
    one_port = settings.SANDBOX_PUBLIC_URL == settings.PUBLIC_URL
    return Place(endpoint, public_url or (settings.PUBLIC_URL if one_port else endpoint), public_url or endpoint)


def of_account(account_id: str) -> Place:
    """That of an AWS account by its twelve digits; the site's own for those of nobody's class, and for none."""
    if (
        settings.APP_MODE != "sandbox"
        or not settings.CLASS_SANDBOXES
        or account_id in ("", settings.SANDBOX_ACCOUNT_ID)
    ):
        return home()
    class_of_account: Callable[[str], str] = import_string(settings.CLASS_OF_ACCOUNT)
    return of_class(class_of_account(account_id))


def every() -> tuple[Place, ...]:
    """All of them, the site's own first."""
    return tuple(dict.fromkeys((home(), *map(of_class, settings.CLASS_SANDBOXES))))


def stand_in_account(path: str) -> str:
    """The account in whose stand-in a path is; empty of those of the home account, and of everything else."""
    _, _, below = path.partition(f"{settings.STAND_INS_PATH}/")
    number = below.partition("/")[0]
    return number if path.startswith(f"{settings.STAND_INS_PATH}/") and re.fullmatch("[0-9]{12}", number) else ""
