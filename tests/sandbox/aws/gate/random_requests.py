"""Random requests to the services behind the gate: right ones, changed here and there."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

ACCOUNT, OTHER, REGION = "909090909090", "909090909091", "us-east-1"
BUCKETS, KEYS = ("differ-one", "differ-two"), ("a", "a/b", "a b", "a%20b", "../a", "a?acl", "ä", "a+b")
TABLES, HASHES = ("DifferOne", "DifferTwo"), ("x", "y")
ATTRIBUTES = ("plain", "remove", "begins_with", "Contains", "list_append", "in.dots", "sk")
PARAMETERS = ("/differ/a", "/differ/ab", "/differ/a/b", "differ")


def mark(*names: str) -> str:
    """A text that tells whose content it is, wherever it turns up."""
    return f"MARK:{quote('|'.join(names), safe='|')}:MARK"


@dataclass(slots=True)
class Drawn:
    """A request to be signed and sent, byte for byte."""

    service: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


_ODD_HEADERS = (
    "x-amz-copy-source",
    "x-amz-copy_source",
    "x_amz_copy_source",
    "x-amz-target",
    "x_amz_target",
    "x-moto-account-id",
    "x_moto_account_id",
    "x-amz-metadata-directive",
    "x-amz-tagging",
    "x-amz-acl",
    "content-encoding",
    "x-amz-meta-a_b",
    "x-amz-bypass-governance-retention",
    "Action",
    "uploadId",
    "tagging",
    "acl",
    "delete",
    "TableName",
    "x-amz-date_",
    "x-http-method-override",
    "transfer_encoding",
    "range",
    "if-none-match",
    "x-amz-website-redirect-location",
)
_ODD_QUERY = (
    "acl",
    "tagging",
    "versions",
    "uploads",
    "uploadId=1",
    "versionId=null",
    "versionId=1",
    "Action=ListTables",
    "delete",
    "list-type=2",
    "prefix=a",
    "x-id=PutObject",
    "policy",
    "partNumber=1",
    "response-content-type=a",
    "attributes",
    "foo=bar",
    "select&select-type=2",
    "restore",
    "cors",
    "%61cl",
    "ACL",
    "torrent",
)
_TYPES = (
    "application/x-amz-json-1.0",
    "application/x-amz-json-1.1",
    "application/json",
    "text/plain",
    "",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=urlencoded",
    "multipart/form-data; boundary=b",
)
_WORDS = (
    *ATTRIBUTES,
    "#a",
    "#b",
    ":v",
    ":w",
    "=",
    "<>",
    ",",
    ".",
    "(",
    ")",
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "SET",
    "REMOVE",
    "ADD",
    "DELETE",
    "size(",
    "begins_with(",
    "contains(",
    "attribute_exists(",
    "if_not_exists(",
    "[0]",
    "+",
)
_SHAPED = {
    "ProjectionExpression": ("{a}", "{a}, {b}", "#a", "{a}.x", "pk,{a}", "{a}[1]"),
    "FilterExpression": (
        "{a} = :v",
        "NOT {a} <> :v OR attribute_exists({b})",
        "begins_with({a}, :v)",
        "contains(#a,:v)",
    ),
    "ConditionExpression": (
        "attribute_exists(pk)",
        "{a} <> :v",
        "attribute_not_exists(#a) OR size({b}) > :w",
        "{a} IN (:v, {b})",
    ),
    "UpdateExpression": (
        "SET {a} = :v",
        "SET {a} = {b}",
        "REMOVE {a}",
        "SET #a = if_not_exists({b}, :v) REMOVE {b}",
        "remove {a}, {b}",
    ),
    "KeyConditionExpression": ("pk = :v", "#k = :v", "(pk = :v)", "pk=:v", ":v = pk", "plain = :v"),
}


class Generator:
    """Draws requests: right ones, changed here and there."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def draw(self) -> Drawn:
        kinds: list[Callable[[], Drawn]] = [self.s3, self.s3, self.dynamodb, self.dynamodb, self.ssm]
        drawn = self.dice.choice(kinds)()
        for _ in range(self.dice.choice((0, 0, 1, 1, 2))):
            drawn.headers[self.dice.choice(_ODD_HEADERS)] = self.odd_value()
        if self.dice.random() < 0.1:
            drawn.headers["content-type"] = self.dice.choice(_TYPES)
        return drawn

    def odd_value(self) -> str:
        bucket, key = self.dice.choice(BUCKETS), quote(self.dice.choice(KEYS))
        values = (
            f"/{bucket}/{key}",
            f"{bucket}/{key}?versionId=null",
            OTHER,
            "true",
            "COPY",
            "REPLACE",
            "a=b",
            "gzip",
            "AmazonSSM.DeleteParameter",
            "DynamoDB_20120810.Scan",
            "*",
            "bytes=0-3",
            "",
        )
        return self.dice.choice(values)

    # S3

    def s3(self) -> Drawn:
        bucket, key = self.dice.choice(BUCKETS), self.dice.choice(KEYS)
        method = self.dice.choice(("GET", "GET", "PUT", "DELETE", "HEAD", "POST"))
        path = f"/{bucket}/{self.spelled(key)}" if self.dice.random() < 0.85 else f"/{bucket}"
        query = "&".join(self.dice.sample(_ODD_QUERY, self.dice.choice((0, 0, 1, 1, 2))))
        headers: dict[str, str] = {}
        if method == "PUT" and self.dice.random() < 0.3:
            headers["x-amz-copy-source"] = f"/{self.dice.choice(BUCKETS)}/{self.spelled(self.dice.choice(KEYS))}"
        if path.count("/") == 1 and method == "DELETE":
            method = "GET"  # An empty account would find nothing.
        body = self.s3_body(bucket, key) if method in ("PUT", "POST") and "x-amz-copy-source" not in headers else b""
        if method == "POST" and path.count("/") == 1:
            query = "delete"
        return Drawn("s3", method, path + (f"?{query}" if query else ""), headers, body)

    def spelled(self, key: str) -> str:
        form = self.dice.randrange(5)
        if form == 0:
            return "".join(f"%{byte:02x}" for byte in key.encode())
        if form == 1:
            return quote(key, safe="/+?")
        if form == 2:
            return "/" + quote(key)
        return quote(key, safe="/" if form == 3 else "")

    def s3_body(self, bucket: str, key: str) -> bytes:
        other = self.dice.choice(KEYS).replace("&", "&amp;")
        return self.dice.choice(
            (
                mark(ACCOUNT, bucket, key).encode(),
                f"<Delete><Object><Key>{other}</Key></Object></Delete>".encode(),
                b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
                b"",
            )
        )

    # DynamoDB

    def dynamodb(self) -> Drawn:
        operation = self.dice.choice(
            (
                "GetItem",
                "PutItem",
                "UpdateItem",
                "DeleteItem",
                "Query",
                "Scan",
                "BatchGetItem",
                "BatchWriteItem",
                "TransactGetItems",
                "TransactWriteItems",
                "DescribeTable",
                "ListTables",
                "UpdateTimeToLive",
                "TagResource",
            )
        )
        return self.json("dynamodb", "DynamoDB_20120810", operation, self.dynamodb_params(operation))

    def table(self) -> str:
        name = self.dice.choice(TABLES)
        return (
            f"arn:aws:dynamodb:{REGION}:{self.dice.choice((ACCOUNT, ACCOUNT, OTHER))}:table/{name}"
            if self.dice.random() < 0.1
            else name
        )

    def key(self) -> dict[str, Any]:
        return {"pk": {"S": self.dice.choice(HASHES)}}

    def dynamodb_params(self, operation: str) -> dict[str, Any]:
        if operation == "BatchGetItem":
            return {"RequestItems": {self.table(): {"Keys": [self.key()], **self.reading()}}}
        if operation == "BatchWriteItem":
            write = self.dice.choice(({"DeleteRequest": {"Key": self.key()}}, {"PutRequest": {"Item": self.item()}}))
            return {"RequestItems": {self.table(): [write]}}
        if operation == "TransactGetItems":
            return {"TransactItems": [{"Get": self.one("GetItem")}]}
        if operation == "TransactWriteItems":
            kind = self.dice.choice(("Put", "Update", "Delete", "ConditionCheck"))
            return {"TransactItems": [{kind: self.one({"ConditionCheck": "DeleteItem"}.get(kind, f"{kind}Item"))}]}
        return self.one(operation)

    def item(self) -> dict[str, Any]:
        key = self.key()
        return {**key, self.dice.choice(ATTRIBUTES): {"S": "new"}}

    def one(self, operation: str) -> dict[str, Any]:
        params: dict[str, Any] = {"TableName": self.table()}
        if operation == "PutItem":
            params["Item"] = self.item()
        elif operation in ("GetItem", "UpdateItem", "DeleteItem"):
            params["Key"] = self.key()
        if operation in ("GetItem", "Query", "Scan"):
            params |= self.reading()
        if operation in ("Query", "Scan") and self.dice.random() < 0.3:
            params["IndexName"] = "by-plain"
        if operation == "Query":
            params |= self.expression("KeyConditionExpression", always=True)
        if operation in ("Query", "Scan"):
            params = self.merged(params, self.expression("FilterExpression"))
            params |= self.dice.choice(
                ({}, {}, {"Select": "COUNT"}, {"Select": "SPECIFIC_ATTRIBUTES"}, {"Select": "ALL_ATTRIBUTES"})
            )
        if operation in ("PutItem", "UpdateItem", "DeleteItem"):
            params = self.merged(params, self.expression("ConditionExpression"))
            params |= self.dice.choice(
                ({}, {"ReturnValues": self.dice.choice(("ALL_OLD", "ALL_NEW", "UPDATED_NEW", "UPDATED_OLD"))})
            )
        if operation == "UpdateItem":
            params = self.merged(
                params,
                self.expression("UpdateExpression", always=True)
                if self.dice.random() < 0.8
                else {"AttributeUpdates": {self.dice.choice(ATTRIBUTES): {"Action": "PUT", "Value": {"S": "new"}}}},
            )
        return params

    def reading(self) -> dict[str, Any]:
        if self.dice.random() < 0.2:
            return {"AttributesToGet": self.dice.sample(ATTRIBUTES, 2)}
        return self.expression("ProjectionExpression")

    def expression(self, member: str, *, always: bool = False) -> dict[str, Any]:
        if not always and self.dice.random() < 0.4:
            return {}
        simple = [name for name in ATTRIBUTES if "." not in name]
        text = self.dice.choice(_SHAPED[member]).format(a=self.dice.choice(simple), b=self.dice.choice(simple))
        if self.dice.random() < 0.15:
            text = " ".join(self.dice.choices(_WORDS, k=self.dice.randrange(1, 7)))
        names = {"#a": self.dice.choice(ATTRIBUTES), "#b": self.dice.choice(ATTRIBUTES), "#k": "pk"}
        values = {":v": {"S": self.dice.choice((*HASHES, mark(ACCOUNT, TABLES[0], "x", "plain")))}, ":w": {"N": "1"}}
        used = {alias: name for alias, name in names.items() if alias in text}
        valued = {alias: value for alias, value in values.items() if alias in text}
        return {
            member: text,
            **({"ExpressionAttributeNames": used} if used else {}),
            **({"ExpressionAttributeValues": valued} if valued else {}),
        }

    def merged(self, first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
        both = {**first, **second}
        for member in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
            joined = {**first.get(member, {}), **second.get(member, {})}
            if joined:
                both[member] = joined
        return both

    # Systems Manager and user pools

    def ssm(self) -> Drawn:
        operation = self.dice.choice(
            (
                "GetParameter",
                "GetParameters",
                "GetParametersByPath",
                "GetParameterHistory",
                "DescribeParameters",
                "AddTagsToResource",
                "ListTagsForResource",
                "LabelParameterVersion",
                "PutParameter",
                "DescribeDocument",
            )
        )
        name = self.parameter()
        choices: dict[str, dict[str, Any]] = {
            "GetParameters": {"Names": [name, self.parameter()]},
            "GetParametersByPath": {
                "Path": self.dice.choice(("/", "/differ", "/differ/", "/differ/a")),
                "Recursive": self.dice.random() < 0.5,
            },
            "DescribeParameters": {},
            "AddTagsToResource": {
                "ResourceType": "Parameter",
                "ResourceId": name,
                "Tags": [{"Key": "a", "Value": "b"}],
            },
            "ListTagsForResource": {"ResourceType": "Parameter", "ResourceId": name},
            "LabelParameterVersion": {"Name": name, "Labels": ["label"]},
            "PutParameter": {"Name": name, "Value": mark(ACCOUNT, name), "Type": "String", "Overwrite": True},
        }
        params = choices.get(operation, {"Name": name})
        return self.json("ssm", "AmazonSSM", operation, params)

    def parameter(self) -> str:
        name = self.dice.choice(PARAMETERS)
        account = self.dice.choice((ACCOUNT, OTHER))
        forms = (
            name,
            name,
            name,
            f"{name}:1",
            f"{name}:label",
            f"{name}/",
            f"arn:aws:ssm:{REGION}:{account}:parameter/{name.lstrip('/')}",
            f"/{name}",
        )
        return self.dice.choice(forms)

    def json(self, service: str, prefix: str, operation: str, params: dict[str, Any]) -> Drawn:
        """The request of a JSON service, perhaps with members of other operations and names that stand twice."""
        for _ in range(self.dice.choice((0, 0, 0, 1, 2))):
            foreign = (
                "TableName",
                "Name",
                "Names",
                "Path",
                "UserPoolId",
                "Select",
                "Key",
                "Item",
                "ResourceArn",
                "AttributesToGet",
                "AccessToken",
                "AccountId",
                "Region",
                "region",
                "Action",
                "tablename",
            )
            name = self.dice.choice(foreign)
            value = self.dice.choice((self.dice.choice(TABLES), self.parameter(), self.key(), ["plain"], None))
            params = {name: value, **params} if self.dice.random() < 0.5 else {**params, name: value}
        text = json.dumps(params)
        if self.dice.random() < 0.1 and params:
            again = self.dice.choice(list(params))
            text = f"{{{json.dumps(again)}: {json.dumps(self.dice.choice((*TABLES, *PARAMETERS)))}, {text[1:]}"
        if self.dice.random() < 0.05:
            text = text.replace("a", "\\u0061")
        headers = {"x-amz-target": f"{prefix}.{operation}", "content-type": "application/x-amz-json-1.0"}
        target = "/" if self.dice.random() < 0.9 else f"/?{self.dice.choice(_ODD_QUERY)}"
        return Drawn(service, "POST", target, headers, text.encode())
