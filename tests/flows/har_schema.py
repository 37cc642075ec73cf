"""What HAR 1.2 asks of an archive, and what its readers ask beside it.

http://www.softwareishard.com/blog/har-12-spec/
"""

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """Custom members begin with an underscore; others than these are not allowed."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | optional | {"comment": {"type": "string"}},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


def _list(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": of, **more}


_TEXT = {"type": "string"}
_ASCII = {"type": "string", "pattern": "^[\\x20-\\x7e]*$"}
_SIZE = {"type": "integer", "minimum": -1}
_TIME = {"type": "number", "minimum": 0}  # firefox and chrome: numbers, never text
_TIMING = {"type": "number", "minimum": -1}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$"}
_PAIRS = _list(_object({"name": _TEXT, "value": _TEXT}))
_COOKIES = _list(_object({"name": _TEXT, "value": _TEXT}))
_HEADERS = _list(_object({"name": _ASCII, "value": _ASCII}))
_ADDRESS = {"type": "string", "pattern": r"^https?://[!-~]+$"}
_REQUEST = _object(
    {
        "method": {"type": "string", "minLength": 1},
        "url": _ADDRESS,
        "httpVersion": _TEXT,
        "cookies": _COOKIES,
        "headers": _HEADERS,
        "queryString": _PAIRS,
        "headersSize": _SIZE,
        "bodySize": _SIZE,
    },
    postData=_object({"mimeType": _TEXT, "text": _TEXT}, params=_list(_object({"name": _TEXT}))),
)
_RESPONSE = _object(
    {
        "status": {"type": "integer", "minimum": 0, "maximum": 599},
        "statusText": _TEXT,
        "httpVersion": _TEXT,
        "cookies": _COOKIES,
        "headers": _HEADERS,
        "content": _object({"size": _SIZE, "mimeType": _TEXT}, text=_TEXT, encoding=_TEXT),
        "redirectURL": {"anyOf": [_ADDRESS, {"const": ""}, {"type": "string", "pattern": "^/"}]},
        "headersSize": _SIZE,
        "bodySize": _SIZE,
    }
)
_ENTRY = _object(
    {
        "pageref": _TEXT,
        "startedDateTime": _MOMENT,
        "time": _TIME,
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": _object({}),
        "timings": _object(
            {"send": _TIME, "wait": _TIME, "receive": _TIME}, blocked=_TIMING, dns=_TIMING, connect=_TIMING, ssl=_TIMING
        ),
    }
)
_PAGE = _object(
    {
        "startedDateTime": _MOMENT,
        "id": _TEXT,
        "title": {"type": "string", "minLength": 1},
        "pageTimings": _object({}, onContentLoad=_TIMING, onLoad=_TIMING),
    }
)
_SCHEMA = _object(
    {
        "log": _object(
            {
                "version": {"const": "1.2"},
                "creator": _object({"name": _TEXT, "version": _TEXT}),
                "pages": _list(_PAGE, minItems=1),  # WebKit and Firefox want one
                "entries": _list(_ENTRY),
            }
        )
    }
)
_VALIDATOR = Draft202012Validator(_SCHEMA, format_checker=FormatChecker())


def complaints(archive: Any) -> list[str]:
    """What is wrong with an archive; empty of a good one."""
    found = [f"{error.json_path}: {error.message[:200]}" for error in _VALIDATOR.iter_errors(archive)]
    for entry in archive["log"]["entries"]:
        if entry["pageref"] not in {page["id"] for page in archive["log"]["pages"]}:
            found.append("an entry of no page")
        if entry["time"] != sum(took for took in entry["timings"].values() if took > 0):
            found.append("a time that is not the sum of its parts")
    return found
