"""The API's own handlers, called from here: everything that they check is checked, in one transaction of the caller's.

What they are given is held against botocore's models first, as a request would be.
"""

import uuid
from collections.abc import Coroutine, Mapping
from typing import Any

from iampolicy.documents import PolicyRefused
from sandbox.aws.endpoint.services import SERVICES
from sandbox.aws.wire.constraints import WrongType, check_input
from sandbox.aws.wire.json_text import without_nulls
from sandbox.aws.wire.models import operation_model
from sandbox.core.call import Call
from sandbox.core.caller import administrator_of
from sandbox.core.decisions import Decisions
from sandbox.core.errors import AwsError
from sandbox.core.http import Request
from sandbox.core.instance import Instance


class HandlerRefused(Exception):
    """What the API would answer. `code` as AWS names it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Handlers:
    """The operations of one account and region, as its administrator calls them."""

    def __init__(self, instance: Instance, account: str, region: str) -> None:
        self._instance, self._account, self._region = instance, account, region

    def call(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Do it at once. Members that the operation does not have are passed over.

        Raises:
            HandlerRefused
        """
        model = operation_model(service, operation)
        assert model is not None
        assert model.input_shape is not None
        members = model.input_shape.members
        given = without_nulls({name: value for name, value in params.items() if name in members})
        try:
            check_input(service, operation, given)
            return _result(SERVICES[service].operations[operation](self._prepared(service, operation, given)))
        except (AwsError, PolicyRefused) as refused:
            raise HandlerRefused(refused.code, refused.message) from None
        except WrongType as wrong:
            raise HandlerRefused("SerializationException", str(wrong)) from None

    def _prepared(self, service: str, operation: str, params: dict[str, Any]) -> Call:
        caller = administrator_of(self._account, region=self._region)
        request = Request("POST", "/", "", {}, b"", "127.0.0.1", str(uuid.uuid4()))
        now = self._instance.clock.now(self._account)
        decisions = Decisions()
        return Call(
            self._instance, request, service, operation, params, caller, self._account, self._region, now, decisions
        )


def _result(handler: Coroutine[Any, Any, dict[str, Any]] | Any) -> dict[str, Any]:
    """What a handler returns that waits for nothing: the loop, whose connection has a transaction open, does not go on.

    Raises:
        RuntimeError: it does wait.
    """
    try:
        handler.send(None)
    except StopIteration as done:
        result: dict[str, Any] = done.value
        return result
    handler.close()
    raise RuntimeError("a handler waits, which no transaction allows")
