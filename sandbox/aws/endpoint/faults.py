"""Faults on request: throttling, errors and delays for chosen operations and pools.

In memory: a restart ends them.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.core.call import Call
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.user_pools.tokens import pool_of_call

_LONGEST_DELAY = 30.0  # seconds, of all the faults that apply to one call


@dataclass(slots=True)
class Fault:
    """One fault.

    Attributes:
        operation, pool: the calls that it applies to; empty means all. An identity pool is known by the call's
            IdentityPoolId, or by that of its IdentityId; a user pool by its id, its client or an access token.
        delay: seconds to wait first.
        rate: calls in a second that are let through before they are throttled; None throttles nobody, 0 everybody.
        code, message, status: the error to answer with; an empty code answers none.
        times: how often it answers with its error; None is without end.
    """

    account: str
    operation: str = ""
    pool: str = ""
    delay: float = 0.0
    rate: int | None = None
    code: str = ""
    message: str = ""
    status: int = 400
    times: int | None = None
    recent: deque[float] = field(default_factory=deque)

    def throttles(self) -> bool:
        if self.rate is None:
            return False
        now = time.monotonic()
        while self.recent and self.recent[0] <= now - 1.0:
            self.recent.popleft()
        if len(self.recent) >= self.rate:
            return True
        self.recent.append(now)
        return False

    def public(self) -> dict[str, Any]:
        """The fault as it was asked for."""
        names = ("operation", "pool", "delay", "rate", "code", "message", "status", "times")
        return {name: getattr(self, name) for name in names}


class Faults:
    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._faults: list[Fault] = []

    @property
    def any(self) -> bool:
        return bool(self._faults)

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def of(self, account: str) -> list[Fault]:
        return [fault for fault in self._faults if fault.account == account]

    def clear(self, account: str) -> None:
        self._faults = [fault for fault in self._faults if fault.account != account]

    async def apply(self, call: Call) -> None:
        """Delay, throttle or refuse a call, as was asked for.

        Raises:
            AwsError: TooManyRequestsException, or the code of the fault.
        """
        pool, account = self._concerned(call)
        left = _LONGEST_DELAY
        for fault in list(self._faults):
            if fault.account != account or fault.operation not in ("", call.operation) or fault.pool not in ("", pool):
                continue
            if fault.delay:
                call.decisions.info("fault.delay", "fault: delay", f"{fault.delay} s")
                # All faults together: a call that waits keeps one of the connections that everybody shares.
                delay, left = min(fault.delay, left), max(0.0, left - fault.delay)
                await asyncio.sleep(delay)
            if fault.throttles():
                call.decisions.denied(
                    "fault.throttle", "fault: throttle", f"at most {fault.rate} calls a second", "more"
                )
                raise AwsError("TooManyRequestsException", "Rate exceeded")
            if fault.code and fault.times != 0:
                fault.times = None if fault.times is None else fault.times - 1
                call.decisions.denied("fault.error", "fault: error", "no fault", fault.code)
                raise AwsError(fault.code, fault.message, fault.status)

    def _concerned(self, call: Call) -> tuple[str, str]:
        """The pool and the account of a call; empty and the caller's where the call names no pool."""
        connection = self._instance.store.connection
        if call.service == "cognito-idp":
            # Unsigned calls bring a client or an access token, and the account is that of their pool.
            user_pool = pool_of_call(connection, call.params)
            return (user_pool.pool_id, user_pool.account) if user_pool is not None else ("", call.account)
        pool = call.params.get("IdentityPoolId", "")
        if not pool and (identity := call.params.get("IdentityId")):
            row = connection.execute("SELECT pool_id FROM identity WHERE identity_id = ?", (identity,)).fetchone()
            pool = row["pool_id"] if row else ""
        row = connection.execute("SELECT account FROM identity_pool WHERE pool_id = ?", (pool,)).fetchone()
        return pool, row["account"] if row else call.account
