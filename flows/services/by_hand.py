"""A run of calls that somebody chose one by one: opened, its calls recorded as they are sent, ended.

Its flow is none of flows.exchange.steps.FLOWS: it begins and ends within one request, and nothing of it is waited for.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from botocore.client import BaseClient
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.owned import belonging_to
from accounts.owners import Owner
from flows.exchange import engine, sandbox_requests
from flows.exchange.context import TemporaryCredentials
from flows.exchange.engine import Ending, Reply
from flows.exchange.pools import Pool
from flows.models import ApiCall, Outcome, Run
from flows.services import leases
from flows.services.journal import Journal, JournalEntry, redactor_for, total_ms
from flows.services.leases import Lease
from redaction.calls import HttpAttempt, RecordedCall
from web import sandboxes

CONFIGURE, SEND = "configure", "call"
ADMINISTRATOR = "administrator"
_OUTCOMES = {Ending.REFUSED: Outcome.REFUSED, Ending.FAILED: Outcome.FAILED, Ending.NOT_SENT: Outcome.FAILED}


class Stopped(Exception):
    """A call was not answered as it should be; the run has ended with it."""


class ByHand:
    """The run under way: what is sent through it is recorded, and the first refusal ends it."""

    def __init__(self, run: Run, lease: Lease) -> None:
        self.run = run
        self.lease = lease
        self.journal = Journal(run, redactor_for(run), on_retry=lease.renew)
        self.decisions: list[dict[str, Any]] = []  # that came with the last answer
        self._spent = 0
        self._scrubbed = False

    def send(self, client: BaseClient, operation: str, params: Mapping[str, Any], *, step: str) -> Mapping[str, Any]:
        """Send one call; the answer.

        Raises:
            Stopped: it was refused or not answered; the run has ended.
        """
        with self.journal.call(ApiCall.Kind.EXCHANGE, step) as entry:
            reply = engine.send(client, operation, params)
        with transaction.atomic():
            row = entry.store()
            self.count(reply, row)
            self.decisions = row.decisions
            if reply.answer is None:
                code, message = row.error_code or reply.error_code, row.error_message or reply.error_message
                self.end(_OUTCOMES[reply.ending], error_code=code, error_message=message)
            else:
                self.lease.renew()
        if reply.answer is None:
            raise Stopped
        return reply.answer

    def ask(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any],
        credentials: TemporaryCredentials,
        *,
        step: str,
    ) -> Mapping[str, Any]:
        """Ask one of the sandbox's own addresses, which no SDK knows, and record it; the answer.

        Raises:
            Stopped: as `send`.
        """
        call = RecordedCall(
            "sandbox", operation, "json", body, frozenset(), timezone.now(), perf_counter(), signed=True
        )
        sent = json.dumps(body).encode() if body else b""
        attempt = HttpAttempt(
            1, method, f"{sandboxes.of_account(self.run.account_id).endpoint}{path}", {}, sent, perf_counter()
        )
        call.attempts.append(attempt)
        entry = JournalEntry(self.journal, ApiCall.Kind.EXCHANGE, step)
        entry.sent(call)
        try:
            call.answer = sandbox_requests.ask(
                method, path, body or None, account=self.run.account_id, credentials=credentials
            )
            attempt.status, attempt.response_body = 200, json.dumps(call.answer).encode()
        except sandbox_requests.NotDone as problem:
            attempt.status = problem.status or None
            call.error_code, call.error_message = problem.code or "NoAnswer", str(problem)
        attempt.duration_ms = call.duration_ms = round((perf_counter() - call.began) * 1000, 2)
        entry.ready = [(call, self.journal.redactor.finished(call, []))]
        with transaction.atomic():
            row = entry.store()
            self._spent += total_ms([call])
            if call.answer is None:
                outcome = Outcome.REFUSED if attempt.status and attempt.status < 500 else Outcome.FAILED
                self.end(outcome, error_code=row.error_code, error_message=row.error_message)
            else:
                self.lease.renew()
        if call.answer is None:
            raise Stopped
        return call.answer

    def count(self, reply: Reply, row: ApiCall) -> None:
        """Add what a call took to what the run took."""
        self._spent += total_ms(reply.calls)
        self._scrubbed = self._scrubbed or row.scrubbed

    def end(self, outcome: Outcome, **fields: Any) -> bool:
        """End the run; what is given is written to its row. False when it was ended by somebody else meanwhile."""
        return self.lease.end(outcome, duration_ms=self._spent, scrubbed=self._scrubbed, **fields)


@contextmanager
def by_hand(
    *,
    owner: Owner,
    pool: Pool,
    flow: str,
    access: str,
    parameters: Mapping[str, Any],
    provider: str = "",
) -> Iterator[ByHand]:
    """Around the calls of one run. What is not ended inside ends as succeeded; `Stopped` goes no further.

    Args:
        access: whose signature: `guest` for nobody's, `authenticated`, or `administrator`.
        parameters: what was chosen, in words without secrets.
    """
    run = Run.objects.create(
        **belonging_to(owner),
        mode=settings.APP_MODE,
        **pool.in_rows,
        access=access,
        flow=flow,
        provider=provider,
        parameters=dict(parameters),
    )
    with leases.held(run) as lease:
        hand = ByHand(run, lease)
        try:
            yield hand
        except Stopped:
            return
        if lease.holds:
            hand.end(Outcome.SUCCEEDED)
