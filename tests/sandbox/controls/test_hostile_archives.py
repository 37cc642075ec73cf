"""Files that somebody made to be imported: each is refused whole, with a sentence, and nothing is there afterwards."""

import base64
import io
import json
import pickle
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.aws.moto.bridge import import_moto
from sandbox.aws.snapshots import graph
from sandbox.aws.snapshots.classes import classes, new_object
from sandbox.controls.account_rows import tables_of
from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.controls.archive import archive_of, column, members, with_description, with_rows, with_snapshot
from tests.sandbox.controls.people import Team

NUMBER = "323232320001"
VICTIM = "323232320002"


@dataclass
class Target:
    """A sandbox into which nothing is to get, and an archive that would be good."""

    sandbox: RunningSandbox
    data_file: Path
    archive: bytes
    victim: Team
    things: dict[str, str]

    def state(self) -> tuple[list[str], list[str]]:
        """All rows, and the names of all files."""
        with closing(sqlite3.connect(self.data_file)) as connection:
            rows = list(connection.iterdump())
        kept = self.data_file.with_name("sandbox.content")
        return rows, sorted(str(path) for path in kept.rglob("*"))

    def settle(self) -> None:
        """Wait until the samples, which are put there behind the start, have been written."""
        public = self.sandbox.client("s3")
        public.head_object(Bucket="identity-pools-lab-public", Key="product-catalog.pdf")
        for account in ("", VICTIM):
            self.sandbox.export(account)  # writes what is still to be written of it
        before, state = None, self.state()
        while before != state:
            time.sleep(3)
            before, state = state, self.state()

    def refusal(self, archive: bytes) -> str:
        before = self.state()
        with pytest.raises(HTTPError) as refused:
            self.sandbox.take(archive)
        assert refused.value.code in (400, 409)
        assert self.state() == before
        return str(json.load(refused.value)["message"])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    data_file = tmp_path_factory.mktemp("from") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0)) as sandbox:
        team = Team(sandbox, *sandbox.make_account(account=NUMBER))
        public = sandbox.anonymous("cognito-identity")
        logins = sandbox.logins("google", "ana", account=NUMBER, secret_key=team.secret)
        public.get_id(IdentityPoolId=team.seeded_pool, Logins=logins)
        team.client("s3").put_object(Bucket="identity-pools-lab-public", Key="own", Body=b"x" * 5000)
        team.client("dynamodb").put_item(TableName="LabNotes", Item={"IdentityId": {"S": "a"}, "NoteId": {"S": "b"}})
        return sandbox.export(NUMBER)


@pytest.fixture(scope="module")
def target(archive: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    data_file = tmp_path_factory.mktemp("to") / "sandbox.sqlite3"
    with running_sandbox(SandboxConfig(data_file=data_file, port=0)) as sandbox:
        victim = Team(sandbox, *sandbox.make_account(account=VICTIM))
        identity = sandbox.anonymous("cognito-identity").get_id(IdentityPoolId=victim.seeded_pool)["IdentityId"]
        pool = victim.client("cognito-identity").create_identity_pool(
            IdentityPoolName="theirs", AllowUnauthenticatedIdentities=True
        )["IdentityPoolId"]
        target = Target(sandbox, data_file, archive, victim, {"identity": identity, "pool": pool})
        target.settle()
        yield target


Change = Callable[[Any, Target], None]


def first(table: str, name: str, value: Any) -> Change:
    """Another value in the first row of a table."""

    def change(rows: Any, target: Target) -> None:
        rows[table]["rows"][0][column(rows, table, name)] = value(target) if callable(value) else value

    return change


def login_to(value: Callable[[Target], str], name: str) -> Change:
    """A login that leads to somebody else's identity, or stands in somebody else's pool."""
    return first("identity_login", name, value)


def _weak_key() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (that is the point)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {"base64": base64.b64encode(pem).decode()}


def _other_account(rows: Any, target: Target) -> None:
    for table in rows:
        rows[table]["rows"][0][column(rows, table, "account")] = VICTIM
        return


def _every_account(rows: Any, target: Target) -> None:
    for table in rows:
        for row in rows[table]["rows"]:
            row[column(rows, table, "account")] = VICTIM


def _unknown_table(rows: Any, target: Target) -> None:
    rows["sqlite_master"] = rows.pop("iam_role")


def _table_of_text(rows: Any, target: Target) -> None:
    rows["iam_role; DROP TABLE iam_role"] = rows.pop("iam_role")


def _table_account(rows: Any, target: Target) -> None:
    rows["account"] = {"columns": ["account", "name", "epoch"], "rows": [[NUMBER, "x", 9]]}


def _unknown_column(rows: Any, target: Target) -> None:
    rows["iam_role"]["columns"][0] = "name) VALUES (1); --"


def _no_account(rows: Any, target: Target) -> None:
    content = rows["iam_role"]
    place = column(rows, "iam_role", "account")
    content["columns"].pop(place)
    for row in content["rows"]:
        row.pop(place)


def _twice_a_column(rows: Any, target: Target) -> None:
    rows["iam_role"]["columns"][column(rows, "iam_role", "name")] = "path"


def _short_row(rows: Any, target: Target) -> None:
    rows["iam_role"]["rows"][0].pop()


def _twice_a_row(rows: Any, target: Target) -> None:
    rows["iam_role"]["rows"].append(rows["iam_role"]["rows"][0])


def _key_of_the_installation(rows: Any, target: Target) -> None:
    rows["installation_key"] = {"columns": ["account", "name", "value"], "rows": [["", "sealing", {"base64": "AAAA"}]]}


def _pool_of_later(rows: Any, target: Target) -> None:
    """The pool that an account would be seeded with that nobody has made yet."""
    place = column(rows, "identity_pool", "pool_id")
    rows["identity_pool"]["rows"][0][place] = "us-east-1:5a4db000-0001-c000-8000-999999999999"


def _login_of_later(rows: Any, target: Target) -> None:
    place = column(rows, "identity_login", "pool_id")
    rows["identity_login"]["rows"][0][place] = "us-east-1:5a4db000-0001-c000-8000-999999999999"


def _home_pool_of_another_region(rows: Any, target: Target) -> None:
    for table in ("identity_pool", "identity_pool_owner"):
        place = column(rows, table, "pool_id")
        rows[table]["rows"][0][place] = "eu-west-1:5a4db000-0000-c000-8000-000000000001"


ROWS: dict[str, tuple[Change, str]] = {
    "a row of another account": (_other_account, "of another account"),
    "all rows of another account": (_every_account, "of another account"),
    "a table that is none of accounts": (_unknown_table, "'sqlite_master', which is unknown"),
    "a statement for a table": (_table_of_text, "which is unknown"),
    "the account's own row": (_table_account, "'account', which is unknown"),
    "a statement for a column": (_unknown_column, "has no column"),
    "rows of nobody": (_no_account, "do not say whose"),
    "a column twice": (_twice_a_column, "do not say whose"),
    "a row that is too short": (_short_row, "not as long"),
    "a row twice": (_twice_a_row, "twice, or held"),
    "a key of the installation": (_key_of_the_installation, "of another account"),
    "a login that leads to another's identity": (
        login_to(lambda target: target.things["identity"], "identity_id"),
        "names what the archive does not have",
    ),
    "a login in another's pool": (
        login_to(lambda target: target.things["pool"], "pool_id"),
        "names what the archive does not have",
    ),
    "a login in a pool that will be another's": (_login_of_later, "belongs to another account"),
    "a pool that will be another's": (_pool_of_later, "belongs to another account"),
    "a pool of home in another region": (_home_pool_of_another_region, "belongs to another account"),
    "another's pool": (
        first("identity_pool_owner", "pool_id", lambda target: target.things["pool"]),
        "held by another",
    ),
    "an app client that will be another's": (
        first("user_pool_client", "client_id", f"1labclientofac{VICTIM[:-1]}9"),
        "belongs to another account",
    ),
    "home's app client": (
        first("user_pool_client", "client_id", "1lab2local3stand4in5client"),
        "belongs to another account",
    ),
    "another's identity": (
        first("identity", "identity_id", lambda target: target.things["identity"]),
        "held by another",
    ),
    "a number for a text": (first("iam_role", "name", 5), "wrong kind"),
    "a text for a number": (first("iam_role", "max_session_duration", "an hour"), "wrong kind"),
    "a truth": (first("iam_role", "max_session_duration", True), "wrong kind"),
    "a number beyond all": (first("iam_role", "max_session_duration", 2**70), "wrong kind"),
    "no number": (first("iam_role", "created", float("nan")), "wrong kind"),
    "half a character": (first("iam_role", "description", "\ud800"), "wrong kind"),
    "a policy that cannot be read": (first("iam_role", "trust_policy", "{"), "a text that cannot be read"),
    "a policy without end": (first("iam_role", "trust_policy", "[" * 100_000), "a text that cannot be read"),
    "a pool that is a list": (first("identity_pool", "definition", "[]"), "a text that cannot be read"),
    "clients that are a number": (first("iam_oidc_provider", "client_ids", "1"), "a text that cannot be read"),
    "a signing key that is none": (
        first("idp_key", "pem", {"base64": "bm8ga2V5"}),
        "signing key of the archive cannot be used",
    ),
    "a weak signing key": (first("idp_key", "pem", lambda _: _weak_key()), "signing key of the archive cannot be used"),
    "no signing key": (first("idp_key", "pem", None), "signing key of the archive cannot be used"),
    "nothing where something must be": (first("iam_role", "role_id", None), "lacks a value"),
}


@pytest.mark.parametrize("attack", ROWS)
def test_rows_that_are_not_the_accounts_are_refused(target: Target, attack: str) -> None:
    change, sentence = ROWS[attack]
    refused = target.refusal(with_rows(target.archive, lambda rows: change(rows, target)))
    assert sentence in refused


@pytest.mark.parametrize("text", [b"[]", b"{", b'"rows"', b"\xff", b'{"iam_role": []}', b"[" * 100_000, b"null"])
def test_rows_that_are_none_are_refused(target: Target, text: bytes) -> None:
    assert target.refusal(archive_of({**members(target.archive), "rows.json": text}))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"schema": 99}, "its schema is 99"),
        ({"format": 2}, "another kind or format"),
        ({"product": "Another"}, "another kind or format"),
        ({"account": "000000000000"}, "another account"),
        ({"account": VICTIM}, "another account"),
        ({"account": "999999999999"}, "another account"),
        ({"account": "../../../../x"}, "of which account"),
        ({"account": 5}, "cannot be read"),
        ({"name": "a\nb"}, "printable"),
        ({"name": "x" * 101}, "printable"),
        ({"seeded": "yes"}, "cannot be read"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(target: Target, more: dict[str, Any], sentence: str) -> None:
    assert sentence in target.refusal(with_description(target.archive, **more))


def test_what_is_no_whole_archive_is_refused(target: Target) -> None:
    whole = target.archive
    for damaged in (b"", b"PK\x03\x04", whole[:-1], whole[: len(whole) // 2], whole[10:], b"x" * 5000, whole[:100] * 9):
        assert target.refusal(damaged)
    middle = len(whole) // 2
    assert target.refusal(whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :])


def _zipped(found: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *more: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in [*found.items(), *more]:
            made.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/passwd", "content/../x", "content/bodies/x", "content/sqs.snapshot"]
)
def test_members_of_other_names_are_refused(target: Target, name: str) -> None:
    assert "which is unknown" in target.refusal(_zipped({**members(target.archive), name: b"x"}))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_twice_packed_otherwise_or_too_large_are_refused(target: Target) -> None:
    found = members(target.archive)
    assert "two of one name" in target.refusal(_zipped(found, zipfile.ZIP_DEFLATED, ("rows.json", b"{}")))
    assert "packed in a way" in target.refusal(_zipped(found, zipfile.ZIP_LZMA))
    assert "more inside" in target.refusal(_zipped({**found, "rows.json": b" " * (65 * 1024 * 1024)}))
    assert "no archive of an account" in target.refusal(_zipped({"account.json": found["account.json"]}))


def test_content_of_objects_that_is_another_or_missing_is_refused(target: Target) -> None:
    found = members(target.archive)
    (name,) = (name for name in found if "/bodies/" in name)
    assert "damaged" in target.refusal(archive_of({**found, name: b"y" * len(found[name])}))
    assert "not in the archive" in target.refusal(archive_of({**found, name: found[name][:-1]}))
    assert "not in the archive" in target.refusal(
        archive_of({other: each for other, each in found.items() if other != name})
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("../../../../etc/passwd", "is nowhere"),
        (f"{'0' * 64}/0/5000", "not in the archive"),
        (f"{'0' * 64}/-5/5000", "is nowhere"),
        (f"{'0' * 64}/0/{'9' * 40}", "is nowhere"),
        (b"too short", "not as long"),
        (5, "nowhere"),
    ],
)
def test_content_of_objects_that_is_elsewhere_is_refused(target: Target, body: Any, sentence: str) -> None:
    import_moto()
    key = new_object(classes()["moto.s3.models.FakeKey"])
    vars(key).update(account_id=NUMBER, contentsize=5000, disposed=True, _value_buffer=None)
    content = graph.written_graph({"aws": {"_pagination_tokens": {"key": key}}}, lambda _: body)
    assert sentence in target.refusal(with_snapshot(target.archive, NUMBER, "s3", content))


class _Runs:
    def __reduce__(self) -> Any:
        return eval, ("1",)


def _build() -> bytes:
    """An object whose attributes are set behind the reader's back."""
    make = b"\x8c\x1bsandbox.aws.snapshots.graph\x8c\x04make\x93"
    name = b"moto.s3.models.FakeAcl"
    text = b"\x8c" + bytes([len(name)]) + name
    return b"\x80\x05" + make + text + b"\x85R}\x8c\x06grantsNsb."


def _twice_and_twice_again() -> bytes:
    """A list of two lists that are one, sixty times: as much as there is nowhere, for whoever walks through it."""
    found: Any = []
    for _ in range(60):
        found = [found, found]
    return graph.written_graph({"us-east-1": {"_errors": found}}, lambda _: None)


def _region(name: str, **members: Any) -> bytes:
    return graph.written_graph({name: members}, lambda _: None)


def _objects_of_another() -> bytes:
    import_moto()
    bucket = new_object(classes()["moto.s3.models.FakeBucket"])
    vars(bucket).update(account_id=VICTIM, name="theirs")
    return graph.written_graph({"aws": {"buckets": {"theirs": bucket}}}, lambda _: None)


CONTENT: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a call": ("s3", lambda: pickle.dumps(_Runs(), protocol=0), "has a form that no snapshot has"),
    "a call, protocol 5": ("s3", lambda: pickle.dumps(_Runs(), protocol=5), "names builtins.eval"),
    "attributes behind the reader": ("s3", _build, "BUILD"),
    "a number that takes all memory": ("ssm", lambda: b"\x80\x05Nr\xff\xff\xff\x7f.", "LONG_BINPUT"),
    "more than there is": ("ssm", _twice_and_twice_again, "holds more than it has"),
    "an object of another account": ("s3", _objects_of_another, "another account"),
    "no regions": ("s3", lambda: graph.written_graph([1], lambda _: None), "not divided into regions"),
    "no such region": ("dynamodb", lambda: _region("mars-north-1"), "no region of the service"),
    "no such member": ("dynamodb", lambda: _region("us-east-1", urls={}), "which the service does not have"),
    "a member of another kind": ("dynamodb", lambda: _region("us-east-1", tables=[]), "does not have"),
    "nothing": ("ssm", lambda: b"", "cannot be"),
}


@pytest.mark.parametrize("attack", CONTENT)
def test_content_that_was_made_by_hand_is_refused(target: Target, attack: str) -> None:
    service, content, sentence = CONTENT[attack]
    assert sentence in target.refusal(with_snapshot(target.archive, NUMBER, service, content()))


def test_a_snapshot_of_another_account_is_refused(target: Target) -> None:
    assert "another account" in target.refusal(with_snapshot(target.archive, VICTIM, "ssm", _region("us-east-1")))


def test_a_number_under_which_something_lies_is_refused(target: Target) -> None:
    """Nobody made the account, but somebody signed with its number and has a bucket there."""
    target.sandbox.client("s3", access_key=NUMBER).create_bucket(Bucket="theirs")
    kept = target.data_file.with_name("sandbox.content") / NUMBER / "s3.snapshot"
    deadline = time.monotonic() + 60
    while not kept.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    try:
        assert "has something in S3" in target.refusal(target.archive)
    finally:
        target.sandbox.switch("accounts", {"action": "reset", "account": NUMBER})


def test_the_archive_itself_would_have_been_good(target: Target) -> None:
    try:
        assert target.sandbox.take(target.archive)["account"] == NUMBER
    finally:
        target.sandbox.switch("accounts", {"action": "remove", "account": NUMBER})


def test_ids_by_which_tables_name_each_others_rows_are_known(target: Target) -> None:
    """A row is only safe in a table that is read without its account where the ids in it are compared. They are known
    by their names; a table whose id is named otherwise, and is named elsewhere, has to be looked at."""
    with closing(sqlite3.connect(target.data_file)) as connection:
        tables = tables_of(connection)
    common = [table for table in tables.values() if table.is_common]
    known = {column for table in tables.values() for column in table.named_ids}
    assert known >= {"pool_id", "identity_id"}
    others = {column for table in common for column in table.ids} - known
    assert others <= {"digest"}, others
