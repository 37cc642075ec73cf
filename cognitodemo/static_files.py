"""Static files under names that hold a digest of what is in them: browsers keep those for a year, and ask for nothing.

They are read where they lie and kept in memory, compressed as well, so that there is no collecting first. Under their
plain names, which style sheets of packages refer to, texts are answered too, and kept for a minute; WhiteNoise serves
the rest.
"""

import gzip
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

_YEAR, _MINUTE = "public, max-age=31536000, immutable", "public, max-age=60"
_DIGEST = 12  # hexadecimal digits
_NAMED = re.compile(rf"(?P<stem>.+)\.(?P<digest>[0-9a-f]{{{_DIGEST}}})(?P<suffix>\.[A-Za-z0-9]+)")
_COMPRESSED = (".css", ".js", ".json", ".svg", ".txt")
_MOST_KEPT = 400  # files of ours and of the admin's are about half as many


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is answered. `compressed` is empty where that would save nothing."""

    content: bytes
    compressed: bytes
    digest: str
    content_type: str


@lru_cache(maxsize=_MOST_KEPT)
def _read(path: Path, changed: int) -> StaticFile:
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0) if path.suffix in _COMPRESSED else b""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(
        content,
        compressed if len(compressed) < len(content) else b"",
        sha256(content).hexdigest()[:_DIGEST],
        f"{kind}; charset=utf-8" if path.suffix in _COMPRESSED else kind,
    )


@lru_cache(maxsize=_MOST_KEPT)
def _found(name: str) -> Path | None:
    found = finders.find(name)
    return Path(found) if isinstance(found, str) else None


def static_file(name: str) -> StaticFile | None:
    """The file of that name, such as `css/base.css`; None where there is none. A changed file is read anew."""
    path = _found(name)
    try:
        return _read(path, path.stat().st_mtime_ns) if path and path.is_file() else None
    except OSError:
        return None


class NamesWithDigests(StaticFilesStorage):
    """What `{% static %}` writes: `/static/css/base.3f2a1b4c5d6e.css`."""

    def url(self, name: str | None) -> str:
        """The address of a file; of one that is not there the plain one, as in pages about errors."""
        path = _found(name) if name else None
        try:
            return self._url(name, path.stat().st_mtime_ns if path else 0)
        except OSError:
            return self._url(name, 0)

    @lru_cache(maxsize=_MOST_KEPT)  # noqa: B019 - there is one storage
    def _url(self, name: str | None, changed: int) -> str:
        """As `url`: a page asks for a dozen, of files that do not change."""
        file = static_file(name) if name else None
        if name is None or file is None or "." not in Path(name).name:
            return super().url(name)
        stem, _, suffix = name.rpartition(".")
        return super().url(f"{stem}.{file.digest}.{suffix}")


class StaticFilesMiddleware:
    """Answers for the names with digests; what has another digest by now is answered too, and not kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        prefix = settings.STATIC_URL
        if not request.path_info.startswith(prefix) or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        named = _NAMED.fullmatch(request.path_info)
        name = f"{named['stem']}{named['suffix']}" if named else request.path_info
        file = static_file(name.removeprefix(prefix))
        if file is None or (named is None and not file.compressed):
            return self.get_response(request)
        return _answer(request, file, named["digest"] if named else "")


def _answer(request: HttpRequest, file: StaticFile, digest: str) -> HttpResponse:
    """The file. `digest`: of the name that was asked for; empty for a plain one."""
    packed = bool(file.compressed) and "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(file.compressed if packed else file.content, content_type=file.content_type)
    response["Cache-Control"] = _YEAR if digest == file.digest else "no-cache" if digest else _MINUTE
    response["Access-Control-Allow-Origin"] = "*"  # as WhiteNoise has it
    if packed:
        response["Content-Encoding"] = "gzip"
    if file.compressed:
        patch_vary_headers(response, ["Accept-Encoding"])
    return response
