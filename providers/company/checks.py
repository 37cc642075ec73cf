"""What is missing or does not fit in the settings of the company's sign-in."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from accounts.company import GROUP_SETTINGS, LONGEST, NEEDED, is_set_up
from web.fake_values import FAKE
from web.proxies import is_loopback

_DOCS = "docs/company.md says where it comes from."


@register("lab")
def check_company(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """lab.E041 to E043, W044, W045: whole or not at all, an issuer that is one, and a way in without passwords."""
    return [*_half_set(), *_issuer(), *_scopes(), *_way_in(), *_examples()]


def _half_set() -> Iterator[CheckMessage]:
    missing = [name for name in NEEDED if not getattr(settings, name)]
    said = [name for name in (*NEEDED, *GROUP_SETTINGS.values()) if getattr(settings, name)]
    if missing and said:
        problem = f"The company’s sign-in is only partly set up: it lacks {', '.join(missing)}."
        yield Error(problem, hint=f"Set it, or take out {', '.join(said)}. {_DOCS}", id="lab.E041")


def _issuer() -> Iterator[CheckMessage]:
    """https, since a token from anywhere else proves nothing; a stand-in on this machine is met by http."""
    issuer = settings.COMPANY_ISSUER
    parts = urlsplit(issuer)
    is_local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    is_met = (parts.scheme == "https" or is_local) and parts.hostname and not parts.query + parts.fragment
    if not issuer or (is_met and "/.well-known/" not in issuer and len(issuer) <= LONGEST):
        return
    hint = (
        "It begins with https:// and is what the tokens have as iss, the same as `issuer` in its discovery document: "
        f"without /.well-known/openid-configuration at its end. {_DOCS}"
    )
    yield Error(f"COMPANY_ISSUER is {issuer!r}, which is no issuer.", hint=hint, id="lab.E042")


def _scopes() -> Iterator[CheckMessage]:
    if is_set_up() and "openid" not in settings.COMPANY_SCOPES.split():
        problem = f"COMPANY_SCOPES is {settings.COMPANY_SCOPES!r}: without openid there is no ID token."
        yield Error(problem, hint='Set COMPANY_SCOPES="openid profile email", with blanks between.', id="lab.E042")


def _way_in() -> Iterator[CheckMessage]:
    if settings.LOCAL_PASSWORDS:
        return
    if not is_set_up():
        missing = ", ".join(name for name in NEEDED if not getattr(settings, name))
        hint = f"Set {missing}, or take out LOCAL_PASSWORDS. {_DOCS}"
        yield Error("LOCAL_PASSWORDS is no, and there is no other way to sign in.", hint=hint, id="lab.E043")
    elif not settings.COMPANY_STAFF:
        hint = (
            "Set COMPANY_STAFF to the group of those who run this site, or link an administrator’s account by "
            "`manage.py company_identity NAME --subject SUBJECT`, and silence lab.W044."
        )
        problem = "LOCAL_PASSWORDS is no, and no group of the company gives access to the admin site."
        yield Warning(problem, hint=hint, id="lab.W044")


def _examples() -> Iterator[CheckMessage]:
    for name in NEEDED:
        if FAKE.search(getattr(settings, name)):
            hint = "Put in the real value, or remove the lines of the company’s sign-in."
            yield Warning(f"{name} has the value of an example.", hint=hint, id="lab.W045")
