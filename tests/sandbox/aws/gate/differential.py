"""Gate and moto held against each other: what was authorised has to be what moto's own handlers did.

Random requests of an administrator, to whom nothing is refused, go to a real sandbox in this process. On the way every
access that the gate asks for is written down, and so is every call of moto's backends: operation, account, region and
what they were called with. Afterwards what the answer shows and what has changed in moto's state is looked at, too.
Whatever was touched without having been asked for is a finding.

    python -m tests.sandbox.aws.gate.differential SECONDS [SEED]
"""

import functools
import inspect
import itertools
import random
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.aws.moto.state import forget_account
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.aws.gate.random_requests import (
    ACCOUNT,
    ATTRIBUTES,
    BUCKETS,
    HASHES,
    KEYS,
    OTHER,
    PARAMETERS,
    REGION,
    TABLES,
    Drawn,
    Generator,
    mark,
)

_MARK = re.compile(r"MARK:([^:]+):MARK")


@dataclass(slots=True)
class Watched:
    """What both sides did for one request."""

    accesses: list[Any] = field(default_factory=list)
    calls: list[tuple[str, str, str, str, dict[str, Any]]] = field(
        default_factory=list
    )  # service, account, region, ...
    handled: list[tuple[str, str, str, str]] = field(default_factory=list)  # service, account, region, operation

    def clear(self) -> None:
        self.accesses.clear()
        self.calls.clear()
        self.handled.clear()


# --- Looking on -------------------------------------------------------------------------------------------------------


@contextmanager
def watching(seen: Watched) -> Iterator[None]:
    """While the block runs, everything that gate and moto do is written down. Nothing is done differently."""
    from moto.core.responses import BaseResponse
    from moto.dynamodb.models import DynamoDBBackend
    from moto.s3.models import S3Backend
    from moto.ssm.models import SimpleSystemManagerBackend

    from sandbox.aws.gate import forward
    from sandbox.aws.gate.s3 import delete_objects
    from sandbox.aws.gate.s3 import gate as s3_gate

    with ExitStack() as stack:
        for module, name, place in (
            (forward, "require_access", 3),
            (s3_gate, "require_access", 3),
            (s3_gate, "evaluate", 3),
            (delete_objects, "evaluate", 3),
        ):
            original = getattr(module, name)
            stack.enter_context(mock.patch.object(module, name, _noting_accesses(original, place, seen)))
        for backend in (S3Backend, DynamoDBBackend, SimpleSystemManagerBackend):
            for name, function in list(vars(backend).items()):
                if inspect.isfunction(function) and not name.startswith("_") and name != "reset":
                    stack.enter_context(mock.patch.object(backend, name, _noting_call(function, seen)))
        handle = BaseResponse.call_action

        def call_action(self: Any) -> Any:
            seen.handled.append((self.service_name, self.current_account, self.region, self._get_action()))
            return handle(self)

        stack.enter_context(mock.patch.object(BaseResponse, "call_action", call_action))
        yield


def _noting_accesses(original: Any, place: int, seen: Watched) -> Any:
    @functools.wraps(original)
    def noting(*args: Any, **kwargs: Any) -> Any:
        found = args[place]
        seen.accesses.extend(found if isinstance(found, list) else [found])
        return original(*args, **kwargs)

    return noting


_depth = threading.local()


def _noting_call(function: Any, seen: Watched) -> Any:
    """Only the outermost: what a backend asks itself is a part of that."""
    names = list(inspect.signature(function).parameters)[1:]

    @functools.wraps(function)
    def noting(self: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(_depth, "inside", False) or not threading.current_thread().name.startswith("sandbox"):
            return function(self, *args, **kwargs)
        _depth.inside = True
        try:
            service = type(self).__module__.split(".")[1]
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            seen.calls.append((service, str(self.account_id), str(self.region_name), function.__name__, given))
            return function(self, *args, **kwargs)
        finally:
            _depth.inside = False

    return noting


# --- What both accounts hold ------------------------------------------------------------------------------------------


def furnish(sandbox: RunningSandbox, account: str) -> None:
    """The same things in each account, with other contents."""
    s3, db, ssm = (sandbox.client(name, access_key=account) for name in ("s3", "dynamodb", "ssm"))
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket)
        for key in KEYS:
            s3.put_object(Bucket=bucket, Key=key, Body=mark(account, bucket, key).encode())
    for table in TABLES:
        db.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "plain")],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-plain",
                    "KeySchema": [{"AttributeName": "plain", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
    for name in PARAMETERS:
        ssm.put_parameter(Name=name, Value=mark(account, name), Type="String", Overwrite=True)
    refill(sandbox, account)


def refill(sandbox: RunningSandbox, account: str) -> None:
    db = sandbox.client("dynamodb", access_key=account)
    for table, value in itertools.product(TABLES, HASHES):
        marks = {name: {"S": mark(account, table, value, name)} for name in ATTRIBUTES}
        db.put_item(TableName=table, Item={"pk": {"S": value}, **marks})


def state_of(account: str) -> dict[str, str]:
    """What moto holds for an account: the name of each thing -> a text in which its content shows."""
    from moto.dynamodb.models import dynamodb_backends
    from moto.s3.models import s3_backends
    from moto.ssm.models import ssm_backends

    found: dict[str, str] = {}
    for name, bucket in list(s3_backends[account]["aws"].buckets.items()):
        found[f"arn:aws:s3:::{name}"] = repr((bucket.policy, bucket.cors, bucket.versioning_status))
        for key, versions in list(dict.items(bucket.keys)):
            digest = [
                (one.etag, one.version_id, dict(one.metadata), one.storage_class, one.value)
                for one in versions
                if hasattr(one, "etag")
            ]
            found[f"arn:aws:s3:::{name}/{key}"] = repr((digest, len(versions)))
    for name, table in list(dynamodb_backends[account][REGION].tables.items()):
        found[f"arn:aws:dynamodb:{REGION}:{account}:table/{name}"] = repr(sorted(table.attribute_keys))
        for item in table.all_items():
            attributes = item.to_json()["Attributes"]
            for attribute, value in attributes.items():
                found[f"item:{name}:{attributes['pk']['S']}:{attribute}"] = repr(value)
    for name, history in list(dict.items(ssm_backends[account][REGION]._parameters)):
        if not name.startswith("/aws/"):
            found[f"arn:aws:ssm:{REGION}:{account}:parameter/{name.removeprefix('/')}"] = repr(
                [(one.value, one.version) for one in history]
            )
    return found


# --- What has to be so ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Judge:
    """Says what was done for a request without having been asked for."""

    seen: Watched
    before: dict[str, str]

    def findings(self, answer: bytes) -> list[str]:
        before, after = self.before, state_of(ACCOUNT)
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        self.before = after
        found = [
            f"{service} was asked in {account}/{region}"
            for service, account, region, *_ in self._all()
            if account != ACCOUNT or region not in (REGION, "aws", "global")
        ]
        found += [f"{operation} handled, not authorised" for operation in self._unasked_operations()]
        found += [f"{name}({given}) not authorised" for name, given in self._unasked_calls()]
        found += [f"{name} changed, not authorised" for name in changed if not self._may(name)]
        for text in set(_MARK.findall(answer.decode("utf-8", "replace"))):
            # Content travels, by copies and updates: what counts is where it was, or is now.
            holders = {name for state in (before, after) for name, content in state.items() if text in content}
            if not any(self._may_read(name) for name in holders):
                found.append(f"{text} shown, not authorised")
        return found

    def _all(self) -> list[tuple[Any, ...]]:
        return [*self.seen.calls, *self.seen.handled]

    @property
    def _resources(self) -> set[str]:
        return {access.resource for access in self.seen.accesses}

    def _unasked_operations(self) -> list[str]:
        actions = {access.action.partition(":")[2] for access in self.seen.accesses}
        outer = {str(access.context.get("dynamodb:EnclosingOperation", "")) for access in self.seen.accesses}
        return [
            operation
            for service, _, _, operation in self.seen.handled
            if service != "s3" and operation not in actions | outer
        ]

    def _unasked_calls(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for service, _, _, name, given in self.seen.calls:
            if not self.seen.accesses or not all(
                self._named(service, member, value) for member, value in given.items()
            ):
                yield name, {member: repr(value)[:80] for member, value in given.items()}

    def _named(self, service: str, member: str, value: Any) -> bool:
        """Whether what a backend was called with belongs to a resource that was asked for."""
        names = value if isinstance(value, list) else [value]
        if service == "s3" and member == "src_key" and hasattr(value, "bucket_name"):
            return f"arn:aws:s3:::{value.bucket_name}/{value.name}" in self._resources
        if service == "s3" and member in ("bucket_name", "src_bucket", "dest_bucket"):
            buckets = {resource.removeprefix("arn:aws:s3:::").partition("/")[0] for resource in self._resources}
            return value in buckets
        if service == "s3" and member in ("key_name", "src_key", "dest_key", "dest_key_name"):
            return any(resource.endswith(f"/{value}") for resource in self._resources) or value in ("", None)
        if service == "dynamodb" and member in ("table_name", "name") and isinstance(value, str):
            tables = {re.split("[:/]", resource.partition(":table/")[2])[0] for resource in self._resources}
            return value.rpartition("/")[2] in tables or "*" in tables
        if service == "ssm" and member in ("name", "names", "path"):
            documents = {f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/{one}" for one in names}
            asked = documents <= self._resources or all(self._is_parameter(str(one)) for one in names)
            return asked or "*" in self._resources
        return True

    def _is_parameter(self, name: str) -> bool:
        plain = name.partition(":")[0].removeprefix("/").rstrip("/")
        return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{plain}" in {one.rstrip("/") for one in self._resources} or (
            plain == "" and f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/" in self._resources
        )

    def _may(self, changed: str) -> bool:
        if not changed.startswith("item:"):
            made = {"CreateTable", "CreateBucket"}
            return changed in self._resources or any(
                access.action.partition(":")[2] in made or access.resource == "*" for access in self.seen.accesses
            )
        _, table, value, attribute = changed.split(":", 3)
        for access in self.seen.accesses:
            whole = access.action in (
                "dynamodb:PutItem",
                "dynamodb:DeleteItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:DeleteTable",
            )
            named = whole or attribute in access.context.get("dynamodb:Attributes", ())
            if access.resource.endswith(f"table/{table}") and (named and self._leads(access, value)):
                return True
        return False

    def _leads(self, access: Any, value: str) -> bool:
        if access.action.endswith(("Scan", "DeleteTable")):
            return True
        return value in access.context.get("dynamodb:LeadingKeys", ())

    def _may_read(self, thing: str) -> bool:
        if thing.startswith("arn:aws:ssm:"):
            return self._may_read_parameter(thing)
        if not thing.startswith("item:"):
            return thing in self._resources
        _, table, value, attribute = thing.split(":", 3)
        return any(
            access.resource.partition("/index/")[0].endswith(f"table/{table}")
            and self._selects(access, attribute)
            and (access.resource.endswith("/index/by-plain") or self._leads(access, value))
            for access in self.seen.accesses
        )

    def _selects(self, access: Any, attribute: str) -> bool:
        if attribute in access.context.get("dynamodb:Attributes", ()):
            return True
        if access.action in ("dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem"):
            return access.context.get("dynamodb:ReturnValues", "NONE") in ("ALL_OLD", "ALL_NEW")
        return access.context.get("dynamodb:Select") in ("ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")

    def _may_read_parameter(self, arn: str) -> bool:
        paths = [
            access.resource.rstrip("/") for access in self.seen.accesses if access.action == "ssm:GetParametersByPath"
        ]
        return arn in self._resources or any(arn.startswith(f"{path}/") for path in paths)


# --- The run ----------------------------------------------------------------------------------------------------------


class _AsSent(SigV4Auth):  # type: ignore[misc]
    """Signs the path as it is sent, as S3 wants it."""

    def _normalize_url_path(self, path: str) -> str:
        return path


def send(sandbox: RunningSandbox, drawn: Drawn) -> bytes:
    """The whole answer, as it came."""
    import http.client

    request = AWSRequest(drawn.method, sandbox.url + drawn.target, data=drawn.body, headers=dict(drawn.headers))
    signer = _AsSent if drawn.service == "s3" else SigV4Auth
    signer(Credentials("test", "test"), drawn.service, REGION).add_auth(request)
    parts = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
    try:
        connection.request(drawn.method, drawn.target, body=drawn.body, headers=dict(request.headers.items()))
        answer = connection.getresponse()
        head = "".join(f"{name}: {value}\n" for name, value in answer.getheaders() if name != "x-sandbox-decisions")
        return f"{answer.status}\n{head}".encode() + answer.read()
    finally:
        connection.close()


@dataclass(slots=True)
class Outcome:
    """How many requests there were, how many of them moto saw, how many succeeded, and what was found."""

    requests: int = 0
    handled: int = 0
    succeeded: int = 0
    findings: list[str] = field(default_factory=list)


def config_in(directory: Path) -> SandboxConfig:
    """A sandbox whose account no other test uses: moto's state is the whole process's."""
    return SandboxConfig(data_file=directory / "sandbox.sqlite3", port=0, seed=False, account_id=ACCOUNT)


def compare(sandbox: RunningSandbox, seconds: float, seed: int, *, most: int = 10**9) -> Outcome:
    """Send random requests for a time, or until `most` were sent or something was found."""
    seen, outcome = Watched(), Outcome()
    for account in (ACCOUNT, OTHER):
        forget_account(account)
        furnish(sandbox, account)
    generator = Generator(random.Random(seed))  # noqa: S311 (to draw again what was found)
    until = time.monotonic() + seconds
    with watching(seen):
        judge = Judge(seen, state_of(ACCOUNT))
        while time.monotonic() < until and outcome.requests < most and not outcome.findings:
            if outcome.requests % 500 == 499:
                refill(sandbox, ACCOUNT)
                judge.before = state_of(ACCOUNT)
            drawn = generator.draw()
            seen.clear()
            answer = send(sandbox, drawn)
            outcome.requests += 1
            outcome.handled += bool(seen.handled or seen.calls)
            outcome.succeeded += answer.startswith(b"2")
            for finding in judge.findings(answer):
                outcome.findings.append(
                    f"seed {seed}, request {outcome.requests}: {finding}: {drawn}; {answer[:300]!r}"
                )
    return outcome


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**9)
    with tempfile.TemporaryDirectory() as directory, running_sandbox(config_in(Path(directory))) as sandbox:
        outcome = compare(sandbox, seconds, seed)
    counts = f"{outcome.requests} requests, {outcome.handled} handled by moto, {outcome.succeeded} with success"
    sys.stdout.write(f"seed {seed}: {counts}, {len(outcome.findings)} findings\n")
    sys.stdout.writelines(f"{finding}\n" for finding in outcome.findings)
    sys.exit(1 if outcome.findings else 0)


if __name__ == "__main__":
    main()
