"""What a service of AWS declares when the sandbox answers it itself: its operations, and what callers need for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sandbox.core.call import Call, Handler
from sandbox.core.instance import Instance
from sandbox.core.regions import region_named


class Resource(NamedTuple):
    """What a call is about: an ARN, or `*` where it names nothing, and the condition keys that say more about it."""

    arn: str
    keys: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Service:
    """One service. Whoever calls an operation of it has to be allowed `NAME:OPERATION` on each of `resources(call)`.

    Attributes:
        name: as in the botocore model, such as `cognito-identity`.
        family: which wire form requests and answers have.
        operations: the operation's name in the model -> its handler.
        schema: the SQL that makes its tables, where they are missing.
        resources: the resources that a call names.
        free: operations that everybody may call who can sign.
        authorised_by_handler: operations whose handler asks for the permission, since only it knows what grants it.
        region_of: the region of what an unsigned call names in its input; empty where it names nothing. A service whose
            callers name more than pools and identities (a user pool's client, say) has a function of its own.
        parameter_error: the code with which a JSON service refuses input that its model does not take.
        drops_nulls: whether a null counts as absent wherever it stands in the input, not only among its members.
        names_administrators: whether the decisions of an administrator's call say that AdministratorAccess allowed it.
    """

    name: str
    family: Literal["json", "query"]
    operations: Mapping[str, Handler]
    schema: str
    resources: Callable[[Call], Sequence[Resource]]
    free: frozenset[str] = frozenset()
    authorised_by_handler: frozenset[str] = frozenset()
    region_of: Callable[[Instance, Mapping[str, Any]], str] = lambda _instance, params: region_named(params)
    parameter_error: str = "ValidationException"
    drops_nulls: bool = False
    names_administrators: bool = False

    def needs_permission(self, operation: str) -> bool:
        """Whether the caller's policies are asked before the handler is."""
        return operation not in self.free and operation not in self.authorised_by_handler
