"""The samples in S3, DynamoDB and Systems Manager, which are put there at each start until the account changes them."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from sandbox.aws.moto.bridge import MotoRequest, ask
from sandbox.aws.moto.state import put_object
from sandbox.aws.samples.products import PRODUCTS, Product
from sandbox.core.errors import AwsError
from sandbox.core.facts import CATALOGUE_KEY, NOTES_TABLE, PRIVATE_BUCKET, PRODUCTS_TABLE, PUBLIC_BUCKET, team_key
from sandbox.core.http import Response
from sandbox.idp.sign_in.people import ADMINS, GROUPS, SeededGroup

FILES = Path(__file__).parent / "files"  # of the public bucket, by their keys there
# What a guest of the basic flow can read and one of the enhanced flow cannot, whatever the role says.
PARAMETER_NAME = "/identity-pools-lab/greeting"


def put_content(region: str, account: str, service: str) -> None:
    """Make in `s3`, `dynamodb` or `ssm` what is missing of buckets and tables, and put what is in them. Blocks."""
    _SERVICES[service](region, account)


def _put_objects(region: str, account: str) -> None:
    for bucket in (PUBLIC_BUCKET, PRIVATE_BUCKET):
        _make_bucket(region, account, bucket)
    for bucket, key, headers, body in _objects():
        put_object(account, bucket, key, headers, body)


def _put_items(region: str, account: str) -> None:
    _make_table(region, account, PRODUCTS_TABLE, {"ProductId": "HASH"})
    _make_table(region, account, NOTES_TABLE, {"IdentityId": "HASH", "NoteId": "RANGE"})
    items = [{"PutRequest": {"Item": item(product)}} for product in PRODUCTS]
    _dynamodb(region, account, "BatchWriteItem", {"RequestItems": {PRODUCTS_TABLE: items}})


@lru_cache(maxsize=1)
def _objects() -> tuple[tuple[str, str, dict[str, str], bytes], ...]:
    """Bucket, key, headers and content of each object: the same in every account."""
    # A browser that kept what one role may read would show it to the next.
    public, private = {"cache-control": "max-age=3600"}, {"cache-control": "no-store"}
    svg, text = {"content-type": "image/svg+xml", **public}, {"content-type": "text/plain", **private}
    return (
        (PUBLIC_BUCKET, CATALOGUE_KEY, {"content-type": "application/pdf", **public}, _file(CATALOGUE_KEY)),
        *((PUBLIC_BUCKET, product.picture_key, svg, _file(product.picture_key)) for product in PRODUCTS),
        *((PRIVATE_BUCKET, team_key(group.name), text, _roadmap(group)) for group in GROUPS.values()),
    )


def _file(key: str) -> bytes:
    return (FILES / key).read_bytes()


def item(product: Product) -> dict[str, dict[str, str]]:
    """A product as DynamoDB writes it."""
    return {
        "ProductId": {"S": product.product_id},
        "Name": {"S": product.name},
        "Category": {"S": product.category},
        "Price": {"N": product.price},
        "Stock": {"N": str(product.stock)},
        "Description": {"S": product.description},
        "Picture": {"S": product.picture_key},
    }


def _asked(request: MotoRequest) -> Response:
    """The answer. That samples were put is no change that has to be kept: they would be put again."""
    return ask(request, counted=False)


def _s3(region: str, account: str, method: str, path: str, headers: dict[str, str], body: bytes) -> Response:
    return _asked(MotoRequest("s3", account, region, method, path, "", headers, body))


def _make_bucket(region: str, account: str, bucket: str) -> None:
    if _s3(region, account, "HEAD", f"/{bucket}", {}, b"").status == 200:
        return
    # us-east-1 is the region that must not be named (S3 API Reference, CreateBucket).
    namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
    place = f'<CreateBucketConfiguration xmlns="{namespace}"><LocationConstraint>{region}</LocationConstraint>'
    body = b"" if region == "us-east-1" else f"{place}</CreateBucketConfiguration>".encode()
    _expect(_s3(region, account, "PUT", f"/{bucket}", {}, body))


def _roadmap(group: SeededGroup) -> bytes:
    readers = "its own role" if group.name == ADMINS else f"its own role and that of {ADMINS}"
    return f"Roadmap of the team {group.name}. Who may read this, in each identity pool: {readers}.\n".encode()


def _dynamodb(region: str, account: str, operation: str, params: dict[str, Any]) -> Response:
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"DynamoDB_20120810.{operation}"}
    return _asked(MotoRequest("dynamodb", account, region, "POST", "/", "", headers, json.dumps(params).encode()))


def _make_table(region: str, account: str, name: str, keys: dict[str, str]) -> None:
    if _dynamodb(region, account, "DescribeTable", {"TableName": name}).status == 200:
        return
    answer = _dynamodb(
        region,
        account,
        "CreateTable",
        {
            "TableName": name,
            "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    _expect(answer)


def _put_parameter(region: str, account: str) -> None:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.PutParameter"}
    value = "Hello from a service that guests of the enhanced flow never reach."
    params = {"Name": PARAMETER_NAME, "Value": value, "Type": "String", "Overwrite": True}
    _expect(_asked(MotoRequest("ssm", account, region, "POST", "/", "", headers, json.dumps(params).encode())))


def _expect(answer: Response) -> None:
    if answer.status != 200:
        raise AwsError("InternalFailure", f"Sample content could not be made: {answer.body[:200]!r}", 500)


_SERVICES = {"s3": _put_objects, "dynamodb": _put_items, "ssm": _put_parameter}
