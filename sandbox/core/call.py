"""One operation of a service that the sandbox answers itself: what a handler is given and what it returns."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from sandbox.core.caller import Caller
from sandbox.core.decisions import Decisions
from sandbox.core.http import Request
from sandbox.core.instance import Instance


class Call(Struct):
    """A request whose signature and parameters are already checked.

    Attributes:
        service: name of the botocore model, such as `cognito-identity`.
        operation: as the model spells it, such as `GetId`.
        params: the input, members named as in the model, checked against its constraints.
        caller: None for an operation that needs no signature.
        account: the caller's account. For an unsigned operation the administrator's, until the handler has found out
            whose resource is meant and calls `use_account`.
        region: where the call is made: the region of the signature's scope; of an unsigned call that of the host name,
            else of what the call names (`Service.region_of`), else the sandbox's own.
        now: epoch seconds on that account's clock.
        decisions: where the handler writes down each check that it makes.
    """

    instance: Instance
    request: Request
    service: str
    operation: str
    params: dict[str, Any]
    caller: Caller | None
    account: str
    region: str
    now: float
    decisions: Decisions

    def use_account(self, account: str) -> None:
        """The rest of the call concerns `account`: take its clock."""
        self.account = self.decisions.account = account
        self.now = self.instance.clock.now(account)


# Returns the output's members named as in the botocore model; timestamps as epoch seconds. Raises AwsError to refuse.
Handler = Callable[[Call], Awaitable[dict[str, Any]]]
