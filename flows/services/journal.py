"""A run's calls in the database: a row before each is sent, the same row finished when it is over."""

import hmac
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError
from django.db.models import Max

from flows.exchange import issuer_keys
from flows.exchange.context import Context, TemporaryCredentials
from flows.exchange.decisions import decisions_of
from flows.exchange.recorder import recording
from flows.models import ApiCall, Run
from providers.registry import PROVIDERS
from providers.sign_in.artifacts import Artifact, artifact_for
from providers.sign_in.registration import registration_for
from redaction import Marker, Redactor, Verification, Verify
from redaction.calls import RecordedCall
from redaction.tokens import ARTIFACTS
from vault.keys import derived_key
from web.prepared import insert, tried, update

log = logging.getLogger("flows.calls")

_TRIES = 5  # to find a free position while other requests add calls to the same run


def redactor_for(run: Run, artifact: Artifact | None = None) -> Redactor:
    """Fingerprints are keyed by run: the same token in two people's runs does not look the same.

    Args:
        artifact: what the run's sign-in yielded, where the vault does not have it.
    """
    registration = registration_for(run.account_id)
    key = hmac.new(derived_key(settings.SECRET_KEY, "fingerprints"), run.code.encode(), sha256).digest()
    return Redactor(
        Marker(key),
        plain_logins=frozenset(
            provider.provider_name(registration)
            for provider in PROVIDERS.values()
            if provider.artifact_kind == "developer_user_id" and provider.is_configured(registration)
        ),
        keep_personal_claims=settings.KEEP_PERSONAL_CLAIMS,
        verify=_verifier(run, artifact),
    )


def _verifier(run: Run, at_hand: Artifact | None) -> Verify:
    """Checks a token with its issuer's keys, once; the run's own ID token was checked by our server when it came."""

    @cache
    def verify(token: str) -> Verification:
        found = issuer_keys.verify(token, run.account_id)
        if found.verified or run.access == "guest":
            return found
        artifact = at_hand or artifact_for(owner=run.owner, run_code=run.code)
        if artifact is None or artifact.kind != "id_token" or artifact.value != token:
            return found
        return Verification(True, found.key_id, f"Verified when the person signed in, with {artifact.verified_by}.")

    return verify


def _artifact_kind(run: Run, provider_name: str) -> str:
    """What a provider of that name in the logins map yields; empty for one that is not configured here."""
    registration = registration_for(run.account_id)
    return next(
        (
            provider.artifact_kind
            for provider in PROVIDERS.values()
            if provider.is_configured(registration)
            and provider.logins_key
            and provider.provider_name(registration) == provider_name
        ),
        "",
    )


def know_context(redactor: Redactor, run: Run, context: Context) -> None:
    """Tell the redactor what the run already holds, so that its mark is the one of the call that brought it."""
    for name, login in context.logins.items():
        if (kind := _artifact_kind(run, name) or PROVIDERS[run.provider].artifact_kind) in ARTIFACTS:
            redactor.know(login, ARTIFACTS[kind])
            for part in login.split(";") if kind == "oauth1_token" else ():
                redactor.know(part, ARTIFACTS[kind])
    redactor.know(context.open_id_token, "OpenID token")
    if context.credentials:
        know_credentials(redactor, context.credentials)


def know_credentials(redactor: Redactor, credentials: TemporaryCredentials) -> None:
    redactor.know(credentials.secret_access_key, "secret key")
    redactor.know(credentials.session_token, "session token")


class Journal:
    """Writes the calls of one run, numbered in the order in which they are sent.

    Args:
        on_retry: called before each further attempt of a call.
        last: the position of its last call, where that is known: 0 of a run that has made none.
    """

    def __init__(
        self, run: Run, redactor: Redactor, on_retry: Callable[[], None] = lambda: None, *, last: int | None = None
    ) -> None:
        self.run, self.redactor, self.on_retry = run, redactor, on_retry
        self._last = last

    @contextmanager
    def call(self, kind: ApiCall.Kind, step: str) -> Iterator["JournalEntry"]:
        """Record the one call that is made inside, and those that the SDK makes along with it.

        A row is there before each is sent. When the block ends, the answers have been made fit to be stored, which may
        ask an issuer for its keys; `entry.store()` then writes them, in a transaction of the caller's.
        """
        entry = JournalEntry(self, kind, step)
        with recording(on_send=entry.sent) as heard:
            yield entry
        entry.ready = [(call, self.redactor.finished(call, decisions_of(call, self.run.mode))) for call in heard.calls]

    def insert(self, **fields: Any) -> ApiCall:
        for tries_left in range(_TRIES - 1, -1, -1):
            try:
                return self._insert(fields)
            except IntegrityError:
                # Another request of the same person took the position after we had looked.
                self._last = None
                if not tries_left:
                    raise
        raise AssertionError("unreachable")

    def _insert(self, fields: dict[str, Any]) -> ApiCall:
        with tried():
            if self._last is None:
                self._last = self.run.calls.aggregate(last=Max("position"))["last"] or 0
            row = ApiCall(run=self.run, position=self._last + 1, **fields)
            insert(row)
        self._last += 1
        return row


class JournalEntry:
    """The rows of what one step sends: written by `sent` as the recorder hears it, finished by `store`."""

    def __init__(self, journal: Journal, kind: ApiCall.Kind, step: str) -> None:
        self._journal, self._kind, self._step = journal, kind, step
        self._rows: dict[int, ApiCall] = {}
        self.ready: list[tuple[RecordedCall, dict[str, Any]]] = []

    def sent(self, call: RecordedCall) -> None:
        """An attempt of this call is about to go out."""
        if id(call) in self._rows:
            self._journal.on_retry()
        else:
            self._rows[id(call)] = self._insert(self._journal.redactor.sent(call), ApiCall.State.SENT)

    def store(self) -> ApiCall:
        """Write what was answered, and return the row of the call itself."""
        first, *_ = [self._write(call, fields) for call, fields in self.ready]
        return first

    def _write(self, call: RecordedCall, fields: dict[str, Any]) -> ApiCall:
        state = state_of_call(call)
        row = self._rows.get(id(call))
        if row is None:
            row = self._insert(fields, state)
        else:
            changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
            for name, value in (changed | {"state": state}).items():
                setattr(row, name, value)
            if not update(ApiCall, {"pk": row.pk}, {**changed, "state": state}):
                raise DatabaseError("The call’s row is gone.")
        log_call(self._journal.run, row)
        return row

    def _insert(self, fields: dict[str, Any], state: ApiCall.State) -> ApiCall:
        return self._journal.insert(kind=self._kind, step=self._step, state=state, **fields)


def total_ms(calls: Iterable[RecordedCall]) -> int:
    return round(sum(call.duration_ms or 0 for call in calls))


def state_of_call(call: RecordedCall) -> ApiCall.State:
    """How a call ended, as its row says it."""
    if not call.sent:
        return ApiCall.State.NOT_SENT
    return ApiCall.State.UNANSWERED if call.attempts[-1].status is None else ApiCall.State.ANSWERED


def log_call(run: Run, row: ApiCall) -> None:
    """One line for a call that is over. It has the run's number, not its code: the code opens the run."""
    fields = {
        "run": run.pk,
        "step": row.step,
        "operation": row.operation,
        "status": row.status,
        "error": row.error_code,
        "request_id": row.request_id,
        "duration_ms": row.duration_ms,
        "attempts": len(row.attempts),
        "scrubbed": row.scrubbed,
    }
    log.info("call", extra={"fields": fields})
