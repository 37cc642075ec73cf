"""Log lines as JSON objects or as plain text; neither lets a query string, a token or a run's code through."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from web import outages, request_ids

# A query string may hold an authorization code or a token, whoever logs the URL. "?" followed by name=value is one.
_QUERY = re.compile(r"\?[^\s\"'<>?=&]+=[^\s\"'<>]*")
# A JSON Web Token is three base64url parts, the first of which is an object: {" is always eyJ (RFC 7515 section 3).
# What has no other parts is passed over at its beginning: a path can be long, and full of this.
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]++\.[\w-]++\.)([\w-]*?)eyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
# ASCII's control characters, the other half's, and the two line breaks of Unicode.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
# The code of a run or a sign-in opens its page for the owner, and what a shared link ends with opens a run for anybody,
# so people and logs call them by their numbers.
_RUN_CODE = re.compile(r"(/(?:runs|shared|sign-ins?|saml/continue)/)[\w-]{20,}(?:/[\w-]{20,})?")
# The link to join a class ends with its code, however somebody wrote it.
_JOIN_CODE = re.compile(r"(/join/)(?!(?:back|waiting)/)[^/\s\"'<>]+")


def cleaned(text: str) -> str:
    """`text` without query strings, JSON Web Tokens and codes of runs."""
    text = _RUN_CODE.sub(r"\1…", _TOKEN.sub(r"\1⟨token⟩", _QUERY.sub("?…", text)))
    return _JOIN_CODE.sub(r"\1…", text)


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, the exception if any, and whatever the call put into `extra["fields"]`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": cleaned(record.getMessage()),
            **({"request": number} if (number := request_ids.current()) else {}),
            **{name: _cleaned_value(value) for name, value in getattr(record, "fields", {}).items()},
        }
        if record.exc_info:
            line["exception"] = cleaned(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = cleaned(record.stack_info)
        return json.dumps(line, default=lambda value: cleaned(str(value)), ensure_ascii=False)


class PlainFormatter(logging.Formatter):
    """A line for people: a message cannot begin another line, nor steer the terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", record.message)
        line = super().formatMessage(record)
        return f"{line} [{number}]" if (number := request_ids.current()) else line

    def format(self, record: logging.LogRecord) -> str:
        return cleaned(super().format(record))


class Once(logging.Filter):
    """Lets one line through about a database or a disk that is away, in place of one traceback for each request.

    A page that says so has status 503, which the request's own line tells.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "is_said", False):  # by another handler
            return True
        error = record.exc_info[1] if record.exc_info else None
        if (part := outages.part_missing(error)) is None:
            return not (record.name == "django.request" and getattr(record, "status_code", 0) == 503)
        if not outages.is_news(part.value):
            return False
        cause = str(error).strip().partition("\n")[0]
        record.msg, record.args = "%s Requests are answered with status 503 until it does. (%s)", (part.value, cause)
        record.exc_info, record.exc_text, record.is_said = None, None, True
        return True


def note(request: HttpRequest, **fields: Any) -> None:
    """Add fields to the log line of this request, such as run=<primary key>."""
    known: dict[str, Any] = request.__dict__.setdefault("log_fields", {})
    known.update(fields)


def _cleaned_value(value: Any) -> Any:
    return cleaned(value) if isinstance(value, str) else value


def settings(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING.

    Args:
        form: `json` or `plain`.
        level: of everything that is not named below.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "web.logs.JsonFormatter"},
            "plain": {
                "()": "web.logs.PlainFormatter",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
        },
        "filters": {"once": {"()": "web.logs.Once"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form, "filters": ["once"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would write past our formatter; its warnings repeat what the request's line says.
            "django": {"handlers": []},
            "django.server": {"handlers": [], "propagate": True, "level": "ERROR"},
            "django.request": {"level": "ERROR"},
            # At DEBUG the SDK and the sign-in libraries print bodies, which hold tokens. They never get that level.
            **{
                name: {"level": "WARNING"}
                for name in ("boto3", "botocore", "urllib3", "social", "oauthlib", "requests_oauthlib", "xmlschema")
            },
            # That a server process has started and finished is said by the commands in their own words.
            "uvicorn": {"level": "WARNING"},
            # A refused SAML response is a sign-in's row here, and a traceback with parts of the response there.
            **{name: {"level": "CRITICAL"} for name in ("djangosaml2", "saml2")},
        },
    }
