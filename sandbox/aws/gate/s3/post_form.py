"""A form that a browser sends to a bucket: `multipart/form-data` with a file, and a policy that somebody signed.

Source: Amazon S3 API Reference, "Browser-based uploads using POST" and "POST Object".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from sandbox.core.errors import AwsError
from sandbox.core.http import Request

_KIND = "multipart/form-data"
_MOST_PARTS = 100
_LARGEST_FIELDS = 20 * 1024  # bytes, of all of them together
_LARGEST_BEGINNING = 64 * 1024  # bytes before the file's content, with the heads of all parts
_LONGEST_NAME = 1024  # characters of a file's, which every ${filename} becomes: no key is longer


@dataclass(frozen=True, slots=True)
class PostForm:
    """What stands in a form before its file, and the file; names in lower case, variables put in.

    Attributes:
        filename: without folders.
    """

    fields: Mapping[str, str]
    filename: str
    content: bytes

    @property
    def key(self) -> str:
        return self.fields.get("key", "")


def is_post_form(request: Request) -> bool:
    return request.method == "POST" and request.headers.get("content-type", "").lower().startswith(_KIND)


def read_form(request: Request) -> PostForm:
    """The form of a request. What follows the file is passed over, as S3 does.

    Raises:
        AwsError: MalformedPOSTRequest; InvalidArgument for a form without a key or a file, or with one field twice.
    """
    fields, filename, content = _parts(request)
    filename = filename.replace("\\", "/").rpartition("/")[2]
    if len(filename) > _LONGEST_NAME:
        raise AwsError("KeyTooLongError", "Your key is too long")
    if not fields.get("key"):
        raise AwsError(
            "InvalidArgument",
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
        )
    # Whoever signs a policy signs what the form says when this is done.
    return PostForm({name: value.replace("${filename}", filename) for name, value in fields.items()}, filename, content)


def _parts(request: Request) -> tuple[dict[str, str], str, bytes]:
    """Fields, the file's name and its content."""
    boundary = parse_options_header(request.headers.get("content-type", ""))[1].get("boundary", "")
    fields: dict[str, str] = {}
    part: Field | File | None = None
    content, left = bytearray(), _LARGEST_FIELDS
    try:
        for event in _events(request.body, boundary.encode("latin-1")):
            if isinstance(event, Field | File):
                part, content = event, bytearray()
            elif isinstance(event, Data) and part is not None:
                content += event.data
                if event.more_data:
                    continue
                if _is_file(part):
                    return fields, getattr(part, "filename", None) or "", bytes(content)
                left -= len(content)
                if left < 0:
                    raise _too_large()
                _add(fields, _name(part), bytes(content))
    except (ValueError, RequestEntityTooLarge) as error:
        raise _malformed() from error
    raise AwsError("InvalidArgument", "POST requires exactly one file upload per request.")


def _events(body: bytes, boundary: bytes) -> Iterator[Event]:
    """What a form consists of; its rest is only read when its beginning has come to the file.

    A mebibyte of heads takes most of a second to read, and nobody has to have signed it.
    """
    decoder = MultipartDecoder(boundary, max_parts=_MOST_PARTS)
    decoder.receive_data(body[:_LARGEST_BEGINNING])
    rest, at_file = body[_LARGEST_BEGINNING:], False
    if not rest:
        decoder.receive_data(None)
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            at_file = _is_file(event)
        if not isinstance(event, NeedData):
            yield event
        elif rest and at_file:
            decoder.receive_data(rest)
            decoder.receive_data(None)
            rest = b""
        else:
            raise _too_large()


def _name(part: Field | File) -> str:
    """In lower case.

    Raises:
        AwsError: for a part without a name, which the decoder passes on as None.
    """
    if not part.name:
        raise _malformed()
    return part.name.lower()


def _is_file(part: Field | File) -> bool:
    return _name(part) == "file"


def _add(fields: dict[str, str], name: str, content: bytes) -> None:
    """Keep a field: of two values, whoever stores the object might take another than who checked the policy."""
    if name in fields:
        raise AwsError("InvalidArgument", f"The form has the field {name[:40]} twice.")
    fields[name] = content.decode("utf-8")


def _malformed() -> AwsError:
    message = "The body of your POST request is not well-formed multipart/form-data."
    return AwsError("MalformedPOSTRequest", message)


def _too_large() -> AwsError:
    message = "Your POST request fields preceding the upload file were too large."
    return AwsError("MaxPostPreDataLengthExceeded", message)
