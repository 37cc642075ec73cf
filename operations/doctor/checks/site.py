"""This installation: settings, keys, data, database, and the sandbox where it has one."""

import shutil
import stat
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.core.checks.messages import CheckMessage
from django.db import DEFAULT_DB_ALIAS, connection

from operations import parts
from operations.doctor import fixes
from operations.doctor.findings import Finding, Fix
from operations.doctor.subject import Subject

_LEAST_FREE = 500 * 1024 * 1024  # bytes


def site(it: Subject) -> Iterator[Finding | str]:
    """Everything about this installation itself; what `manage.py check` says is among it."""
    databases = [DEFAULT_DB_ALIAS] if parts.database() == "ok" else None  # some checks read it
    for message in run_checks(include_deployment_checks=settings.HTTPS, databases=databases):
        if message.level >= WARNING and not message.is_silenced():
            yield _message(message)
    yield from _address()
    yield from _data()
    yield from _database()
    if settings.APP_MODE == "sandbox" and parts.sandbox() != "ok":
        yield Finding(
            "error",
            f"the sandbox does not answer at {settings.AWS_ENDPOINT}",
            "a sandbox",
            "Every run ends without an answer.",
            (Fix("shell", "python manage.py sandbox"),),
        )
    yield f"{settings.PUBLIC_URL}, {connection.vendor}"


def _message(message: CheckMessage) -> Finding:
    hint = message.hint or f"https://docs.djangoproject.com/en/5.2/ref/checks/ has more on {message.id}."
    found, why = f"{message.id}: {message.msg}", "`manage.py check --database default` says so, too."
    line = _line(message.id or "")
    fix = (*((line,) if line else ()), fixes.by_hand(hint))
    return Finding("error" if message.is_serious() else "warning", found, "nothing to say", why, fix)


def _line(check_id: str) -> Fix | None:
    """The line of `.env` after which a check has nothing to say, where one does for every installation."""
    wanted = {
        "lab.E013": ("DEBUG", "false"),
        "security.W018": ("DEBUG", "false"),
        "lab.W015": ("TRUSTED_PROXIES", "loopback"),
        "lab.W035": ("SANDBOX_PUBLIC_URL", settings.PUBLIC_URL),
    }.get(check_id)
    return fixes.setting(*wanted) if wanted else None


def _address() -> Iterator[Finding]:
    parts_of = urlsplit(settings.PUBLIC_URL)
    if (
        settings.APP_MODE == "aws"
        and parts_of.scheme != "https"
        and parts_of.hostname not in ("localhost", "127.0.0.1")
    ):
        yield Finding(
            "warning",
            f"PUBLIC_URL is {settings.PUBLIC_URL}",
            "https for everybody but this machine",
            "Tokens and credentials are shown to their owners over it, cookies go without TLS, nobody is sent on to "
            "https, and providers send nobody back to http.",
            (
                fixes.setting("PUBLIC_URL", f"https://{parts_of.hostname}"),
                fixes.by_hand("docs/https.md puts TLS before it."),
            ),
        )


def _data() -> Iterator[Finding]:
    """What rests in DATA_DIR is sealed with a key that may lie beside it."""
    for path in (settings.DATA_DIR, settings.ENV_FILE):
        known = path.is_file() or path.is_dir()
        if known and (mode := stat.S_IMODE(path.stat().st_mode)) & (0o077 if path.is_file() else 0o022):
            better = "600" if path.is_file() else "700"
            yield Finding(
                "warning",
                f"{path} has the mode {mode:03o}",
                better,
                "Others on this machine can read its keys, or put others in their place.",
                (Fix("shell", f"chmod {better} {path}"),),
            )
    if settings.DATA_DIR.exists() and shutil.disk_usage(settings.DATA_DIR).free < _LEAST_FREE:
        yield Finding(
            "warning",
            f"less than 500 MB are free for {settings.DATA_DIR}",
            "room for runs",
            "A full disk ends every run.",
            (
                Fix("shell", "python manage.py purge --older-than 30"),
                fixes.by_hand("If that is not enough, move DATA_DIR to a disk with room, and name it in .env."),
            ),
        )


def _database() -> Iterator[Finding]:
    state = parts.database()
    if state != "ok":
        migrate = state == parts.MIGRATIONS_MISSING
        yield Finding(
            "error",
            f"the database: {state}",
            "a database that answers and is up to date",
            "Pages that read it fail.",
            (Fix("shell", "python manage.py migrate"),) if migrate else (fixes.by_hand("Is DATABASE_URL right?"),),
        )
