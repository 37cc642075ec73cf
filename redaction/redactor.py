"""From a recorded call to the fields of a row."""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redaction import tokens
from redaction.bodies import rewrite, rewrite_form, rewrite_text
from redaction.calls import HttpAttempt, RecordedCall
from redaction.marks import Marker
from redaction.names import kind_of, plain

_LONGEST_BODY = 256 * 1024  # characters of a body that are stored
_LONGEST_NAME = 128  # characters of an error's code, and of a request's ID
_TEXT_TYPES = ("json", "xml", "text/", "x-www-form-urlencoded", "javascript")
_DECISIONS = "x-sandbox-decisions"

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether somebody checked a token's signature: `key_id` says with which key, `note` why not."""

    verified: bool
    key_id: str = ""
    note: str = ""


Verify = Callable[[str], Verification]


def _unverified(token: str) -> Verification:
    return Verification(False)


class Redactor:
    """Redaction for the calls of one run; it remembers the run's secrets from call to call.

    Args:
        marker: with the run's key.
        plain_logins: provider names whose value in a logins map is no secret, such as a developer's user identifier.
        keep_personal_claims: store what tokens say about a person, such as the e-mail address.
        verify: checks a JSON Web Token's signature.
    """

    def __init__(
        self,
        marker: Marker,
        *,
        plain_logins: Set[str] = frozenset(),
        keep_personal_claims: bool = False,
        verify: Verify = _unverified,
    ) -> None:
        self._marker = marker
        self._plain_logins = plain_logins
        self._keep_personal_claims = keep_personal_claims
        self._verify = verify
        self._sent: tuple[RecordedCall, int, Fields, list[Fields]] | None = None  # of the call that is under way

    def know(self, secret: str, kind: str) -> str:
        """A secret of this run that was met before: in an earlier call, or at the provider. Returns its mark."""
        return self._marker.mark(secret, kind)

    def fingerprint(self, secret: str) -> str:
        """What all marks of a secret have in common."""
        return self._marker.fingerprint(secret)

    def address(self, url: str, call: RecordedCall) -> str:
        """A URL of the call with the secrets in its query replaced."""
        parts = urlsplit(url)
        return (
            urlunsplit(parts._replace(query=rewrite_form(parts.query, self._replacement(call)))) if parts.query else url
        )

    def sent(self, call: RecordedCall) -> Fields:
        """What can be stored when the call goes out: the request, complete."""
        found: list[Fields] = []
        request = self._request(call, found)
        self._sent = (call, len(call.attempts), request, found)
        return self._through_net(self._about(call) | request, found)

    def finished(self, call: RecordedCall, decisions: list[Fields], artifacts: Iterable[Fields] = ()) -> Fields:
        """What can be stored when the call is over, the request included: an answer may teach us another secret.

        Args:
            artifacts: entries of `tokens` for what the call brought and that is no JSON Web Token.
        """
        found: list[Fields] = []
        fields = self._about(call) | self._request_again(call, found) | self._response(call, found)
        fields["attempts"] = [self._attempt(attempt) for attempt in call.attempts]
        fields["decisions"] = decisions
        return self._through_net(fields, [*found, *artifacts])

    # --- By place ---------------------------------------------------------------------------------------------------

    def _about(self, call: RecordedCall) -> Fields:
        return {
            "service": call.service,
            "operation": call.operation,
            "protocol": call.protocol,
            "signed": call.signed,
            "started_at": call.started_at,
            "duration_ms": call.duration_ms,
            "error_code": call.error_code,
            "error_message": call.error_message,
        }

    def _request(self, call: RecordedCall, found: list[Fields]) -> Fields:
        fields: Fields = {"request_params": self._walk(call.params, (), call, "request", found)}
        if call.attempts:
            last = call.attempts[-1]
            fields["method"] = last.method
            fields["url"] = self.address(last.url, call)
            fields["request_headers"] = self._headers(last.request_headers, call)
            fields["request_body"] = self._body(last.request_body, last.request_headers, call)
        return fields

    def _request_again(self, call: RecordedCall, found: list[Fields]) -> Fields:
        """As it was when the call went out, if it went out once: what stands in which place, no answer changes. What it
        teaches the net is found in all of it."""
        if self._sent is None or self._sent[0] is not call or self._sent[1] != len(call.attempts):
            return self._request(call, found)
        _, _, request, before = self._sent
        found += before
        return request

    def _response(self, call: RecordedCall, found: list[Fields]) -> Fields:
        fields: Fields = {"response_params": self._walk(_as_answered(call.answer or {}), (), call, "response", found)}
        if call.attempts:
            last = call.attempts[-1]
            fields["status"] = last.status
            fields["request_id"] = last.request_id
            fields["response_headers"] = self._headers(last.response_headers, call)
            streamed = f"‹{call.stream}›" if call.stream else ""
            fields["response_body"] = streamed or self._body(last.response_body, last.response_headers, call)
        return fields

    def _attempt(self, attempt: HttpAttempt) -> Fields:
        return {
            "number": attempt.number,
            "status": attempt.status,
            "duration_ms": attempt.duration_ms,
            "request_id": attempt.request_id,
            "error": attempt.error_code,
            "message": attempt.error_message,
        }

    def _walk(self, value: Any, path: tuple[str, ...], call: RecordedCall, side: str, found: list[Fields]) -> Any:
        if isinstance(value, Mapping):
            return {
                str(name): self._walk(inner, (*path, str(name)), call, side, found) for name, inner in value.items()
            }
        if isinstance(value, list | tuple | set):
            return [self._walk(inner, path, call, side, found) for inner in value]
        if kind := self._kind(path, call.sensitive):
            return self._secret(str(value), kind, ".".join((side, *path)), found)
        return _plain_value(value, call)

    def _secret(self, value: str, kind: str, where: str, found: list[Fields]) -> str:
        mark = self._marker.mark(value, kind)
        if (token := tokens.decode(value)) is not None:
            checked = self._verify(value)
            found.append(
                {
                    "where": where,
                    "kind": mark.strip("‹›").rpartition(" · ")[0],
                    "fingerprint": self._marker.fingerprint(value),
                    "header": token.header,
                    "claims": self._claims(token.claims),
                    "verified": checked.verified,
                    "key_id": checked.key_id or str(token.header.get("kid", "")),
                    "note": checked.note,
                }
            )
        return mark

    def _claims(self, claims: Fields) -> Fields:
        """A token's claims as they may be stored: its nonce is what binds it to one sign-in."""
        shown = claims if self._keep_personal_claims else tokens.without_personal(claims)
        nonce = shown.get("nonce")
        return {**shown, "nonce": self._marker.mark(nonce, "nonce")} if isinstance(nonce, str) else shown

    def _kind(self, path: tuple[str, ...], sensitive: Set[str]) -> str:
        if path and path[-1] in self._plain_logins:
            return ""
        return kind_of(path, sensitive)

    def _headers(self, headers: Mapping[str, str], call: RecordedCall) -> dict[str, str]:
        return {name: self._header(name, value, call) for name, value in headers.items()}

    def _header(self, name: str, value: str, call: RecordedCall) -> str:
        if name.lower() == _DECISIONS:
            return "‹listed under Why›"
        kind = kind_of((name,), frozenset())
        if kind == "authorization":
            return self._authorization(value)
        return self._marker.mark(value, kind) if kind else rewrite_text(value, self._replacement(call))

    def _authorization(self, value: str) -> str:
        """Of Signature Version 4 only the signature is secret. The scope and the signed headers are worth reading."""
        start, signature, secret = value.partition("Signature=")
        if signature:
            return f"{start}{signature}{self._marker.mark(secret, 'signature')}"
        scheme, _, rest = value.partition(" ")
        return (
            f"{scheme} {self._marker.mark(rest, 'authorization')}"
            if rest
            else self._marker.mark(value, "authorization")
        )

    def _body(self, body: bytes, headers: Mapping[str, str], call: RecordedCall) -> str:
        content_type = next((value for name, value in headers.items() if plain(name) == "contenttype"), "")
        if not body:
            return ""
        if content_type and not any(part in content_type.lower() for part in _TEXT_TYPES):
            return f"‹{len(body):,} bytes of {content_type}›"
        return rewrite(body.decode("utf-8", "replace"), content_type, self._replacement(call))

    def _replacement(self, call: RecordedCall) -> Callable[[tuple[str, ...], str], str | None]:
        def replace(path: tuple[str, ...], value: str) -> str | None:
            kind = self._kind(path, call.sensitive)
            return self._marker.mark(value, kind) if kind else None

        return replace

    # --- By value and by look ---------------------------------------------------------------------------------------

    def _through_net(self, fields: Fields, found: list[Fields]) -> Fields:
        caught, scrubbed = self._marker.catch(fields | {"tokens": found})
        return {**_fitting(caught), "scrubbed": scrubbed}


def _fitting(fields: Fields) -> Fields:
    """Cut to size what is too long: not before the net has seen the whole, which knows no half of a secret."""
    cut: Fields = {name: fields[name][:_LONGEST_NAME] for name in ("error_code", "request_id") if name in fields}
    for name in ("request_body", "response_body"):
        if len(text := fields.get(name, "")) > _LONGEST_BODY:
            cut[name] = f"{text[:_LONGEST_BODY]}\n‹cut here: {len(text):,} characters in all›"
    return fields | cut


def _plain_value(value: Any, call: RecordedCall) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return f"‹{len(value):,} bytes›"
    return f"‹{call.stream}›" if hasattr(value, "read") else str(value)


def _as_answered(answer: Mapping[str, Any]) -> Fields:
    """The answer without what botocore adds to it: metadata, and to an error its message a second time."""
    added = {"ResponseMetadata", "message", "Message"} if "Error" in answer else {"ResponseMetadata"}
    return {name: value for name, value in answer.items() if name not in added}
