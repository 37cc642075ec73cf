"""Which actions on which tables and indexes a DynamoDB request needs.

Source: Service Authorization Reference, "Amazon DynamoDB"; DynamoDB Developer Guide, "Using IAM policy conditions for
fine-grained access control".
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from iampolicy.evaluator import Access
from sandbox.aws.gate.dynamodb.items import ItemRequest, read_items
from sandbox.aws.gate.dynamodb.projection import Path, reduced
from sandbox.aws.wire.models import operation_model
from sandbox.core.errors import AwsError, not_emulated

ContextKeys = dict[str, str | Sequence[str]]
Item = Mapping[str, Any]

PARTIQL = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})
# These read and write buckets, for which nobody has been asked here.
BULK = frozenset({"ExportTableToPointInTime", "ImportTable"})
_UNREADABLE = "(the partition key of this query is unknown)"
_STREAMS = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})
_TRANSACT = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_TABLE = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_PART = re.compile(r"table/[A-Za-z0-9_.-]{1,255}/(stream|backup|export|import)/[A-Za-z0-9:._-]+")
# Members that name a table, and members that name what belongs to one.
_TABLE_MEMBERS = ("ResourceArn", "TableArn", "TableName", "SourceTableArn", "SourceTableName", "TargetTableName")
_PART_MEMBERS = ("StreamArn", "BackupArn", "ExportArn", "ImportArn")
_PLACEHOLDERS = {
    "ExpressionAttributeNames": re.compile(r"#[A-Za-z0-9_]+"),
    "ExpressionAttributeValues": re.compile(r":[A-Za-z0-9_]+"),
}
_NESTING = ("RequestItems", "TransactItems", "Get", "Put", "Update", "Delete", "ConditionCheck")
_BATCH = {"PutRequest": "Item", "DeleteRequest": "Key"}
_MOST_IN_TRANSACTION = 100
_ITEM_OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")


@dataclass(frozen=True, slots=True)
class Tables:
    """What is needed to know about the account's tables.

    Attributes:
        hash_key: name of the partition key of a table, or of one of its indexes; None when there is no such table.
    """

    region: str
    account: str
    hash_key: Callable[[str, str | None], str | None]

    def arn(self, name: Any, index: Any = None) -> str:
        """ARN of a table or index; a table may also be named by its ARN.

        Names are taken by their grammar only: whoever serves the request cuts them at other places than a policy does.

        Raises:
            AwsError: ValidationException for what names no table; ResourceNotFoundException for another account's.
            TypeError: a name is no text.
        """
        if not isinstance(name, str) or not isinstance(index, str | None):
            raise TypeError("a name is a text")
        prefix = f"{self._account_arn}table/"
        short = self._name_in_account(name).removeprefix("table/") if name.startswith("arn:") else name
        if not _TABLE.fullmatch(short) or (index is not None and not _TABLE.fullmatch(index)):
            raise AwsError("ValidationException", "Invalid table/index name.")
        return f"{prefix}{short}/index/{index}" if index is not None else f"{prefix}{short}"

    def part_arn(self, name: Any) -> str:
        """ARN of a stream, backup, export or import, as given.

        Raises:
            AwsError: as `arn`.
        """
        if not isinstance(name, str) or not _PART.fullmatch(self._name_in_account(name)):
            raise AwsError("ValidationException", "Invalid ARN.")
        return name

    def stream_of_iterator(self, iterator: Any) -> str:
        """ARN of the stream that a shard iterator reads: it begins with it, and is found as a whole or not at all.

        Raises:
            AwsError: as `arn`.
        """
        if not isinstance(iterator, str) or "/stream/" not in iterator:
            raise AwsError("ValidationException", "Invalid ShardIterator")
        return self.part_arn(iterator.partition("|")[0])

    @property
    def _account_arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:"

    def _name_in_account(self, arn: str) -> str:
        """What an ARN names within this account. Tables cannot be shared between accounts here."""
        if arn.count(":") < 5:
            raise AwsError("ValidationException", "Invalid ARN.")
        if not arn.startswith(self._account_arn):
            raise AwsError("ResourceNotFoundException", "Requested resource not found")
        return arn.removeprefix(self._account_arn)


Finish = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DynamoRequest:
    """A request as it was understood: every access that it needs, and its input written again from that.

    Attributes:
        finished: takes what the request did not ask for out of an answer; None where it asks for whole items.
    """

    accesses: list[Access]
    params: dict[str, Any]
    finished: Finish | None = None


def dynamodb_request(operation: str, params: Mapping[str, Any], tables: Tables) -> DynamoRequest:
    """Read the input of an operation, which holds no members but the operation's own.

    Raises:
        AwsError: NotImplemented (501) for PartiQL, whose statements are not taken apart here, imports and exports;
            SerializationException for malformed batches; ValidationException for what names no table, and for
            expressions that DynamoDB does not take.
    """
    if operation in BULK:
        raise not_emulated(f"{operation} of dynamodb, which reads or writes buckets")
    if operation in PARTIQL:
        raise not_emulated(f"PartiQL ({operation} of dynamodb): use GetItem, Query, PutItem and their siblings")
    try:
        _check_placeholders(params)
        if operation in ("BatchGetItem", "BatchWriteItem"):
            return _batch(operation, params, tables)
        if operation in ("TransactGetItems", "TransactWriteItems"):
            return _transaction(operation, params, tables)
        if operation in _ITEM_OPERATIONS:
            access, read = _item(operation, params, tables, None)
            finished = None if read.projection is None else partial(reduced, paths=read.projection)
            return DynamoRequest([access], read.params, finished)
        accesses = [Access(f"dynamodb:{operation}", resource) for resource in _resources(operation, params, tables)]
        return DynamoRequest(accesses, dict(params))
    except (AttributeError, TypeError, KeyError) as error:
        raise AwsError("SerializationException", "Start of structure or map found where not expected.") from error


def _check_placeholders(params: Any) -> None:
    """Placeholders are read here and again by whoever serves the request: only such as both read to the same end.

    Raises:
        AwsError: ValidationException for one that is not of DynamoDB's grammar (Developer Guide, "Expression attribute
            names in DynamoDB" and "Using expression attribute values in DynamoDB").
    """
    if isinstance(params, list):
        for part in params:
            _check_placeholders(part)
    elif isinstance(params, Mapping):
        for member, form in _PLACEHOLDERS.items():
            for key in params.get(member) or {}:
                if not form.fullmatch(key):
                    raise AwsError("ValidationException", f'{member} contains invalid key: Syntax error; key: "{key}"')
        for member, part in params.items():
            if member in _NESTING:
                _check_placeholders(list(part.values()) if member == "RequestItems" else part)


def _resources(operation: str, params: Mapping[str, Any], tables: Tables) -> list[str]:
    """The resources of an operation on tables, backups, streams as a whole, by the members that it has.

    A member of another operation means nothing to DynamoDB, so it must not say what the request is for.
    """
    service = "dynamodbstreams" if operation in _STREAMS else "dynamodb"
    model = operation_model(service, operation)
    members = model.input_shape.members if model is not None and model.input_shape is not None else {}
    given = [name for name in members if params.get(name) is not None]
    found = [tables.arn(params[name]) for name in given if name in _TABLE_MEMBERS]
    if not found or operation == "RestoreTableFromBackup":  # Another StreamArn is that of a Kinesis stream.
        found += [tables.part_arn(params[name]) for name in given if name in _PART_MEMBERS]
    if "ShardIterator" in given:
        found.append(tables.stream_of_iterator(params["ShardIterator"]))
    if "GlobalTableName" in given:
        found.append(f"arn:aws:dynamodb::{tables.account}:global-table/{params['GlobalTableName']}")
    if not found:
        of_streams = "/stream/*" if operation in _STREAMS else ""
        found.append(f"arn:aws:dynamodb:{tables.region}:{tables.account}:table/*{of_streams}")
    return found


def _transaction(operation: str, params: Mapping[str, Any], tables: Tables) -> DynamoRequest:
    accesses, items, projections = [], [], []
    if len(params.get("TransactItems", [])) > _MOST_IN_TRANSACTION:
        raise AwsError(
            "ValidationException",
            "1 validation error detected at 'transactItems' failed to satisfy constraint: Member must have length less "
            f"than or equal to {_MOST_IN_TRANSACTION}.",
        )
    for item in params.get("TransactItems", []):
        kind, details = _only(item, "TransactItems can only contain one of Check, Put, Update or Delete")
        access, read = _item(_TRANSACT[kind], details, tables, operation)
        accesses.append(access)
        items.append({kind: read.params})
        projections.append(read.projection)
    rewritten = {**params, "TransactItems": items}
    if not any(projections):
        return DynamoRequest(_some(accesses, "transactItems"), rewritten)

    def finished(answer: dict[str, Any]) -> dict[str, Any]:
        parts = zip(answer.get("Responses", []), projections, strict=True)
        return {**answer, "Responses": [reduced(part, projection) for part, projection in parts]}

    return DynamoRequest(_some(accesses, "transactItems"), rewritten, finished)


def _only(item: Mapping[str, Any], problem: str) -> tuple[str, Any]:
    """The one member of a structure of which only one may be given: moto takes the first of several.

    Raises:
        AwsError: ValidationException.
    """
    if len(item) != 1:
        raise AwsError("ValidationException", problem)
    return next(iter(item.items()))


def _item(
    operation: str, params: Mapping[str, Any], tables: Tables, enclosing: str | None
) -> tuple[Access, ItemRequest]:
    """The access that an operation on items needs, and what was read of it."""
    read = read_items(operation, params, enclosed=enclosing is not None)
    index = params.get("IndexName")
    hash_key = _hash_key(params.get("TableName"), index, tables)
    context: ContextKeys = {}
    if operation == "Query":
        _put(context, "dynamodb:LeadingKeys", _query_keys(read, hash_key))
    elif operation != "Scan":
        item = params.get("Item" if operation == "PutItem" else "Key") or {}
        _put(context, "dynamodb:LeadingKeys", _leading([item], hash_key))
    _put(context, "dynamodb:Attributes", read.attributes)
    for name in ("ReturnValues", "ReturnConsumedCapacity"):
        if isinstance(params.get(name), str):
            context[f"dynamodb:{name}"] = params[name]
    if operation in ("Query", "Scan", "GetItem"):
        context["dynamodb:Select"] = read.select
    if enclosing:
        context["dynamodb:EnclosingOperation"] = enclosing
    return Access(f"dynamodb:{operation}", tables.arn(params.get("TableName"), index), context), read


def _batch(operation: str, params: Mapping[str, Any], tables: Tables) -> DynamoRequest:
    accesses: list[Access] = []
    requests: dict[str, Any] = {}
    projections: dict[str, tuple[Path, ...] | None] = {}
    for table, wanted in params.get("RequestItems", {}).items():
        hash_key = _hash_key(table, None, tables)
        if operation == "BatchGetItem":
            context, read = _batch_get(wanted, hash_key)
            requests[table], projections[table] = read.params, read.projection
        else:
            context, requests[table] = _batch_write(wanted, hash_key)
        if isinstance(params.get("ReturnConsumedCapacity"), str):
            context["dynamodb:ReturnConsumedCapacity"] = params["ReturnConsumedCapacity"]
        accesses.append(Access(f"dynamodb:{operation}", tables.arn(table), context))
    rewritten = {**params, "RequestItems": requests}
    if not any(projections.values()):
        return DynamoRequest(_some(accesses, "requestItems"), rewritten)

    def finished(answer: dict[str, Any]) -> dict[str, Any]:
        parts, left = answer.get("Responses", {}), answer.get("UnprocessedKeys", {})
        found = {name: reduced({"Items": items}, projections.get(name))["Items"] for name, items in parts.items()}
        # Whoever sends the rest again sends it as it was asked for.
        again = {name: {**params["RequestItems"][name], "Keys": part["Keys"]} for name, part in left.items()}
        return {**answer, "Responses": found, "UnprocessedKeys": again}

    return DynamoRequest(_some(accesses, "requestItems"), rewritten, finished)


def _some(accesses: list[Access], member: str) -> list[Access]:
    """Nothing to do is nothing that anybody could be asked for.

    Raises:
        AwsError: ValidationException.
    """
    if not accesses:
        constraint = "Member must have length greater than or equal to 1"
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}",
        )
    return accesses


def _batch_get(wanted: Mapping[str, Any], hash_key: str | None) -> tuple[ContextKeys, ItemRequest]:
    read = read_items("BatchGetItem", wanted)
    items: list[Item] = list(wanted["Keys"])
    attributes = set(read.attributes)
    if attributes:
        attributes.update(*items)
    context: ContextKeys = {"dynamodb:Select": read.select}
    _put(context, "dynamodb:LeadingKeys", _leading(items, hash_key))
    _put(context, "dynamodb:Attributes", attributes)
    return context, read


def _batch_write(wanted: Sequence[Mapping[str, Any]], hash_key: str | None) -> tuple[ContextKeys, list[Any]]:
    kinds = [_only(request, "A WriteRequest can only contain one of PutRequest or DeleteRequest") for request in wanted]
    items: list[Item] = [details[_BATCH[kind]] for kind, details in kinds]
    context: ContextKeys = {}
    _put(context, "dynamodb:LeadingKeys", _leading(items, hash_key))
    _put(context, "dynamodb:Attributes", {name for item in items for name in item})
    return context, list(wanted)


def _hash_key(table: Any, index: Any, tables: Tables) -> str | None:
    if not isinstance(table, str):
        return None
    return tables.hash_key(table.rsplit("/", 1)[-1], index if isinstance(index, str) else None)


def _put(context: ContextKeys, key: str, values: Iterable[str]) -> None:
    found = sorted(set(values))
    if found:
        context[key] = found


def _leading(items: Iterable[Item], hash_key: str | None) -> set[str]:
    """The partition keys of items; an item that has none contributes nothing, and DynamoDB will refuse it."""
    return {_scalar(item[hash_key]) for item in items if hash_key is not None and hash_key in item}


def _scalar(value: Any) -> str:
    """The text of `{"S": "x"}`, `{"N": "1"}` or `{"B": "base64"}`."""
    if not isinstance(value, Mapping) or len(value) != 1:
        raise TypeError("an attribute value has exactly one type")
    return str(next(iter(value.values())))


def _query_keys(read: ItemRequest, hash_key: str | None) -> set[str]:
    """The partition key that a Query asks for."""
    found = {_scalar(value) for name, value in read.equalities if name == hash_key}
    # Without any leading key ForAllValues would hold, and every Query has one: what was not found must not be allowed.
    return found or {_UNREADABLE}
