"""Which actions on which tables and indexes a DynamoDB request needs.

Source: Service Authorization Reference, "Amazon DynamoDB"; DynamoDB Developer Guide, "Using IAM policy conditions for
fine-grained access control".
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.aws.errors import AwsError
from sandbox.aws.policy.evaluator import Access
from sandbox.aws.protocol.models import operation_model

ContextKeys = dict[str, str | Sequence[str]]
Item = Mapping[str, Any]

PARTIQL = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})
# These read and write buckets, for which nobody has been asked here.
BULK = frozenset({"ExportTableToPointInTime", "ImportTable"})
_UNREADABLE = "(the partition key of this query cannot be told)"
_STREAMS = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})
_TRANSACT = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_TABLE = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_PART = re.compile(r"table/[A-Za-z0-9_.-]{1,255}/(stream|backup|export|import)/[A-Za-z0-9:._-]+")
# Members that name a table, and members that name what belongs to one.
_TABLE_MEMBERS = ("ResourceArn", "TableArn", "TableName", "SourceTableArn", "SourceTableName", "TargetTableName")
_PART_MEMBERS = ("StreamArn", "BackupArn", "ExportArn", "ImportArn")
_EQUALITY = re.compile(r"(?<![^\s(])([#\w.-]+)\s*=\s*(:\w+)(?![^\s)])")
_NAME = re.compile(r"#[A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*")
_PLACEHOLDERS = {
    "ExpressionAttributeNames": re.compile(r"#[A-Za-z0-9_]+"),
    "ExpressionAttributeValues": re.compile(r":[A-Za-z0-9_]+"),
}
_NESTING = ("RequestItems", "TransactItems", "Get", "Put", "Update", "Delete", "ConditionCheck")
_BATCH = {"PutRequest": "Item", "DeleteRequest": "Key"}
_KEYWORDS = frozenset(
    [
        "and", "or", "not", "between", "in", "set", "remove", "add", "delete", "attribute_exists",
        "attribute_not_exists", "attribute_type", "begins_with", "contains", "size", "if_not_exists", "list_append",
    ]
)  # fmt: skip
_EXPRESSIONS = ("ProjectionExpression", "FilterExpression", "ConditionExpression", "UpdateExpression",
                "KeyConditionExpression")  # fmt: skip


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
        short = self._own(name).removeprefix("table/") if name.startswith("arn:") else name
        if not _TABLE.fullmatch(short) or (index is not None and not _TABLE.fullmatch(index)):
            raise AwsError("ValidationException", "Invalid table/index name.")
        return f"{prefix}{short}/index/{index}" if index is not None else f"{prefix}{short}"

    def part_arn(self, name: Any) -> str:
        """ARN of a stream, backup, export or import, as given.

        Raises:
            AwsError: as `arn`.
        """
        if not isinstance(name, str) or not _PART.fullmatch(self._own(name)):
            raise AwsError("ValidationException", "Invalid ARN.")
        return name

    @property
    def _account_arn(self) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:"

    def _own(self, arn: str) -> str:
        """What an ARN names within this account. Tables cannot be shared between accounts here."""
        if arn.count(":") < 5:
            raise AwsError("ValidationException", "Invalid ARN.")
        if not arn.startswith(self._account_arn):
            raise AwsError("ResourceNotFoundException", "Requested resource not found")
        return arn.removeprefix(self._account_arn)


def dynamodb_accesses(operation: str, params: Mapping[str, Any], tables: Tables) -> list[Access]:
    """Every access that an operation needs.

    Raises:
        AwsError: for PartiQL, whose statements are not taken apart here; NotImplemented (501) for imports and exports;
            SerializationException for malformed batches; ValidationException for what names no table.
    """
    if operation in BULK:
        raise AwsError("NotImplemented", f"This sandbox does not emulate {operation} of DynamoDB.", 501)
    if operation in PARTIQL:
        raise AwsError(
            "UnknownOperationException",
            f"This sandbox does not emulate PartiQL ({operation}): use GetItem, Query, PutItem and their siblings.",
        )
    try:
        _check_placeholders(params)
        return list(_accesses(operation, params, tables))
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


def _accesses(operation: str, params: Mapping[str, Any], tables: Tables) -> Iterable[Access]:
    if operation in ("BatchGetItem", "BatchWriteItem"):
        for table, requests in params.get("RequestItems", {}).items():
            yield _batch_access(operation, table, requests, tables)
    elif operation == "TransactGetItems":
        for item in params.get("TransactItems", []):
            yield _item_access("GetItem", item["Get"], tables, operation)
    elif operation == "TransactWriteItems":
        for item in params.get("TransactItems", []):
            for kind, details in item.items():
                yield _item_access(_TRANSACT[kind], details, tables, operation)
    elif operation in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"):
        yield _item_access(operation, params, tables, None)
    else:
        for resource in _resources(operation, params, tables):
            yield Access(f"dynamodb:{operation}", resource)


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
    if "GlobalTableName" in given:
        found.append(f"arn:aws:dynamodb::{tables.account}:global-table/{params['GlobalTableName']}")
    if not found:
        of_streams = "/stream/*" if operation in _STREAMS else ""
        found.append(f"arn:aws:dynamodb:{tables.region}:{tables.account}:table/*{of_streams}")
    return found


def _item_access(operation: str, params: Mapping[str, Any], tables: Tables, enclosing: str | None) -> Access:
    index = params.get("IndexName")
    hash_key = _hash_key(params.get("TableName"), index, tables)
    context: ContextKeys = {}
    if operation == "Query":
        _put(context, "dynamodb:LeadingKeys", _query_keys(params, hash_key))
    elif operation != "Scan":
        item = params.get("Item" if operation == "PutItem" else "Key") or {}
        _put(context, "dynamodb:LeadingKeys", _leading([item], hash_key))
    _put(context, "dynamodb:Attributes", _attributes(params))
    for name in ("ReturnValues", "ReturnConsumedCapacity"):
        if isinstance(params.get(name), str):
            context[f"dynamodb:{name}"] = params[name]
    if operation in ("Query", "Scan", "GetItem"):
        context["dynamodb:Select"] = _select(params)
    if enclosing:
        context["dynamodb:EnclosingOperation"] = enclosing
    return Access(f"dynamodb:{operation}", tables.arn(params.get("TableName"), index), context)


def _batch_access(operation: str, table: str, requests: Any, tables: Tables) -> Access:
    hash_key = _hash_key(table, None, tables)
    if operation == "BatchGetItem":
        items: list[Item] = list(requests["Keys"])
        attributes = _attributes({name: value for name, value in requests.items() if name != "Keys"})
        for item in items:
            attributes |= set(item) if attributes else set()
    else:
        items = [request[kind][_BATCH[kind]] for request in requests for kind in request]
        attributes = {name for item in items for name in item}
    context: ContextKeys = {}
    _put(context, "dynamodb:LeadingKeys", _leading(items, hash_key))
    _put(context, "dynamodb:Attributes", attributes)
    return Access(f"dynamodb:{operation}", tables.arn(table), context)


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


def _query_keys(params: Mapping[str, Any], hash_key: str | None) -> set[str]:
    """The partition key that a Query asks for, from its expression or from the older KeyConditions."""
    found = set()
    conditions = params.get("KeyConditions")
    if isinstance(conditions, Mapping):
        asked = conditions.get(hash_key or "", {})
        found = {_scalar(value) for value in asked.get("AttributeValueList", [])}
    names, values = params.get("ExpressionAttributeNames") or {}, params.get("ExpressionAttributeValues") or {}
    for left, right in _EQUALITY.findall(str(params.get("KeyConditionExpression", ""))):
        if names.get(left, left) == hash_key and right in values:
            found.add(_scalar(values[right]))
    # Without any leading key ForAllValues would hold, and every Query has one: what was not found must not be allowed.
    return found or {_UNREADABLE}


def _attributes(params: Mapping[str, Any]) -> set[str]:
    """The top-level attributes that a request names, in whichever of the ways there are."""
    found: set[str] = set(params.get("AttributesToGet") or [])
    for name in ("Key", "Item", "Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter"):
        found |= set(params.get(name) or {})
    names = params.get("ExpressionAttributeNames") or {}
    for name in _EXPRESSIONS:
        # What follows a dot is inside a document, and what follows a colon is a value.
        text = re.sub(r"[.:][#\w]+|\[\d+\]", "", str(params.get(name) or ""))
        found |= {names.get(token, token) for token in _NAME.findall(text) if token.lower() not in _KEYWORDS}
    return found


def _select(params: Mapping[str, Any]) -> str:
    if isinstance(params.get("Select"), str):
        return str(params["Select"])
    named = params.get("ProjectionExpression") or params.get("AttributesToGet")
    if named:
        return "SPECIFIC_ATTRIBUTES"
    return "ALL_PROJECTED_ATTRIBUTES" if params.get("IndexName") else "ALL_ATTRIBUTES"
