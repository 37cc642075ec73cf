"""A form that a browser sends to a bucket: `multipart/form-data` with a file, and a policy that somebody signed.

Source: Amazon S3 API Reference, "Browser-based uploads using POST" and "POST Object".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from sandbox.core.errors import AwsError
from sandbox.core.http import Request

_KIND = "multipart/form-data"
_MOST_PARTS = 100
_LARGEST_FIELDS = 20 * 1024  # bytes, of all of them together
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
        decoder = MultipartDecoder(boundary.encode("latin-1"), max_parts=_MOST_PARTS)
        decoder.receive_data(request.body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            if isinstance(event, Field | File):
                part, content = event, bytearray()
            elif isinstance(event, Data) and part is not None:
                content += event.data
                if event.more_data:
                    continue
                if part.name.lower() == "file":
                    return fields, getattr(part, "filename", None) or "", bytes(content)
                left -= len(content)
                if left < 0:
                    message = "Your POST request fields preceding the upload file were too large."
                    raise AwsError("MaxPostPreDataLengthExceeded", message)
                _add(fields, part.name.lower(), bytes(content))
    except (ValueError, RequestEntityTooLarge) as error:
        raise _malformed() from error
    raise AwsError("InvalidArgument", "POST requires exactly one file upload per request.")


def _add(fields: dict[str, str], name: str, content: bytes) -> None:
    """Keep a field: of two values, whoever stores the object might take another than who checked the policy."""
    if name in fields:
        raise AwsError("InvalidArgument", f"The form has the field {name[:40]} twice.")
    fields[name] = content.decode("utf-8")


def _malformed() -> AwsError:
    message = "The body of your POST request is not well-formed multipart/form-data."
    return AwsError("MalformedPOSTRequest", message)
