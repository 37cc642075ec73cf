"""What an account has in S3, DynamoDB and Systems Manager is the same after a restart."""

import os
import shutil
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.testing import RunningSandbox, running_sandbox
from tests.sandbox.wire import send

# Of these tests only: moto's memory is common to all sandboxes of the process.
HOME = "414141414141"
PUBLIC = "identity-pools-lab-public"


def sandbox_in(directory: Path, **more: Any) -> Any:
    return running_sandbox(
        SandboxConfig(data_file=directory / "sandbox.sqlite3", port=0, account_id=HOME, access_key_id=HOME, **more)
    )


def answer(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def await_files(directory: Path, *names: str) -> None:
    deadline = time.monotonic() + 60
    while not all((directory / "sandbox.content" / HOME / name).exists() for name in names):
        assert time.monotonic() < deadline, list(directory.rglob("*"))
        time.sleep(0.02)


def problems(sandbox: RunningSandbox) -> Any:
    return send(sandbox, "GET", "/_sandbox/health").json["notKept"]["now"]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose keys are made and whose home account is seeded; an object was put there."""
    directory = tmp_path_factory.mktemp("seeded")
    with sandbox_in(directory) as sandbox:
        sandbox.client("s3").put_object(Bucket=PUBLIC, Key="mine", Body=b"x" * 5000)
    return directory


@pytest.fixture
def directory(tmp_path: Path, seeded: Path) -> Path:
    """One that is seeded, and to which nothing was put."""
    shutil.copy(seeded / "sandbox.sqlite3", tmp_path)
    return tmp_path


@pytest.fixture
def used(tmp_path: Path, seeded: Path) -> Path:
    """One to which the object was put."""
    return Path(shutil.copytree(seeded, tmp_path / "used"))


@pytest.mark.slow
def test_objects_keep_their_bytes_versions_dates_tags_and_metadata(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        s3 = sandbox.client("s3")
        s3.create_bucket(Bucket="kept")
        s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
        for body in (b"first", b"s" * 40_000):
            s3.put_object(
                Bucket="kept", Key="a/ü", Body=body, Metadata={"colour": "red"}, Tagging="k=v", ACL="public-read"
            )
        s3.delete_object(Bucket="kept", Key="a/ü")
        s3.put_bucket_tagging(Bucket="kept", Tagging={"TagSet": [{"Key": "course", "Value": "spring"}]})
        upload = s3.create_multipart_upload(Bucket="kept", Key="large", Metadata={"m": "n"})["UploadId"]
        s3.upload_part(Bucket="kept", Key="large", UploadId=upload, PartNumber=1, Body=b"p" * 6_000_000)
        before = answer(s3.list_object_versions(Bucket="kept"))
        version = before["Versions"][0]["VersionId"]
        head = answer(s3.head_object(Bucket="kept", Key="a/ü", VersionId=version))
        buckets = answer(s3.list_buckets())
    with sandbox_in(directory) as sandbox:
        s3 = sandbox.client("s3")
        assert answer(s3.list_buckets()) == buckets
        assert answer(s3.list_object_versions(Bucket="kept")) == before
        assert answer(s3.head_object(Bucket="kept", Key="a/ü", VersionId=version)) == head
        read = [s3.get_object(Bucket="kept", Key="a/ü", VersionId=one["VersionId"]) for one in before["Versions"]]
        assert [one["Body"].read() for one in read] == [b"s" * 40_000, b"first"]
        assert read[0]["Metadata"] == {"colour": "red"}
        assert s3.get_object_tagging(Bucket="kept", Key="a/ü", VersionId=version)["TagSet"] == [
            {"Key": "k", "Value": "v"}
        ]
        assert s3.get_bucket_tagging(Bucket="kept")["TagSet"] == [{"Key": "course", "Value": "spring"}]
        parts = s3.list_parts(Bucket="kept", Key="large", UploadId=upload)["Parts"]
        chosen = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
        s3.complete_multipart_upload(Bucket="kept", Key="large", UploadId=upload, MultipartUpload={"Parts": chosen})
        whole = s3.get_object(Bucket="kept", Key="large")
        assert (whole["Body"].read(), whole["Metadata"]) == (b"p" * 6_000_000, {"m": "n"})
    with sandbox_in(directory) as sandbox:
        assert sandbox.client("s3").head_object(Bucket="kept", Key="large")["ContentLength"] == 6_000_000


@pytest.mark.slow
def test_tables_keep_items_indexes_streams_backups_and_dates(directory: Path) -> None:
    item = {
        "k": {"S": "a"},
        "r": {"N": "7"},
        "map": {"M": {"list": {"L": [{"N": "1.5"}, {"BOOL": True}, {"NULL": True}, {"B": b"\x00\xff"}]}}},
        "sets": {"SS": ["x", "y"]},
        "numbers": {"NS": ["1", "2"]},
    }
    with sandbox_in(directory) as sandbox:
        tables = sandbox.client("dynamodb")
        tables.create_table(
            TableName="kept",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind} for name, kind in (("k", "S"), ("r", "N"))
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-r",
                    "KeySchema": [{"AttributeName": "r", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        tables.put_item(TableName="kept", Item=item)
        tables.create_backup(TableName="kept", BackupName="before")
        tables.update_time_to_live(
            TableName="kept", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
        )
        described = answer(tables.describe_table(TableName="kept"))
        backups = answer(tables.list_backups())
    with sandbox_in(directory) as sandbox:
        tables = sandbox.client("dynamodb")
        assert answer(tables.describe_table(TableName="kept")) == described
        assert answer(tables.list_backups()) == backups
        assert tables.get_item(TableName="kept", Key={"k": item["k"], "r": item["r"]})["Item"] == item
        by_index = tables.query(
            TableName="kept",
            IndexName="by-r",
            KeyConditionExpression="r = :r",
            ExpressionAttributeValues={":r": {"N": "7"}},
        )
        assert by_index["Items"] == [item]
        assert tables.describe_time_to_live(TableName="kept")["TimeToLiveDescription"]["AttributeName"] == "until"
        streams = sandbox.client("dynamodbstreams")
        arn = described["Table"]["LatestStreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        records = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
        assert [record["eventName"] for record in records] == ["INSERT"]
        tables.put_item(TableName="kept", Item={**item, "r": {"N": "8"}})
        assert tables.describe_table(TableName="kept")["Table"]["ItemCount"] == 2


@pytest.mark.slow
def test_parameters_keep_versions_labels_and_tags(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        ssm = sandbox.client("ssm")
        ssm.put_parameter(Name="/kept/one", Value="first", Type="SecureString", Tags=[{"Key": "t", "Value": "u"}])
        ssm.put_parameter(Name="/kept/one", Value="second", Type="SecureString", Overwrite=True)
        ssm.label_parameter_version(Name="/kept/one", ParameterVersion=1, Labels=["old"])
        published = "/aws/service/global-infrastructure/regions/us-east-1/longName"
        assert ssm.get_parameter(Name=published)["Parameter"]["Value"]
        before = answer(ssm.get_parameter_history(Name="/kept/one", WithDecryption=True))
    snapshot = directory / "sandbox.content" / HOME / "ssm.snapshot"
    assert b"global-infrastructure" not in snapshot.read_bytes()
    with sandbox_in(directory) as sandbox:
        ssm = sandbox.client("ssm")
        assert answer(ssm.get_parameter_history(Name="/kept/one", WithDecryption=True)) == before
        assert ssm.get_parameter(Name="/kept/one:old", WithDecryption=True)["Parameter"]["Value"] == "first"
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/kept/one")["TagList"]
        assert tags == [{"Key": "t", "Value": "u"}]
        assert ssm.get_parameter(Name=published)["Parameter"]["Value"]


@pytest.mark.slow
def test_samples_that_were_deleted_do_not_come_back_and_others_stay(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        s3 = sandbox.client("s3")
        s3.delete_object(Bucket=PUBLIC, Key="product-catalog.pdf")
        left = s3.list_objects_v2(Bucket=PUBLIC)["KeyCount"]
    with sandbox_in(directory) as sandbox:
        assert sandbox.client("s3").list_objects_v2(Bucket=PUBLIC)["KeyCount"] == left
        assert sandbox.client("dynamodb").scan(TableName="SampleProducts")["Count"] == 20


@pytest.mark.slow
def test_an_account_that_is_seeded_later_gets_its_samples_beside_what_was_kept(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        number, secret = sandbox.make_account(account="414141410001", seed=False)
        keys = {"access_key": number, "secret_key": secret}
        sandbox.client("s3", **keys).create_bucket(Bucket="own")
    for _ in range(2):
        with sandbox_in(directory) as sandbox:
            sandbox.switch("accounts", {"action": "seed", "account": number})
            names = {bucket["Name"] for bucket in sandbox.client("s3", **keys).list_buckets()["Buckets"]}
            assert names == {"own", PUBLIC, "identity-pools-lab-private"}


@pytest.mark.slow
def test_reading_alone_writes_nothing(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        sandbox.client("s3").get_object(Bucket=PUBLIC, Key="product-catalog.pdf")
        sandbox.client("dynamodb").scan(TableName="SampleProducts")
        sandbox.client("ssm").get_parameter(Name="/identity-pools-lab/greeting")
    assert not (directory / "sandbox.content").exists()


@pytest.mark.slow
def test_a_bucket_that_logs_requests_is_written_when_it_is_read(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        s3 = sandbox.client("s3")
        for name in ("logged", "log"):
            s3.create_bucket(Bucket=name)
        group = 'uri="http://acs.amazonaws.com/groups/s3/LogDelivery"'
        s3.put_bucket_acl(Bucket="log", GrantWrite=group, GrantReadACP=group)
        target = {"LoggingEnabled": {"TargetBucket": "log", "TargetPrefix": "of/"}}
        s3.put_bucket_logging(Bucket="logged", BucketLoggingStatus=target)
        await_files(directory, "s3.snapshot")
        time.sleep(1)
        before = s3.list_objects_v2(Bucket="log")["KeyCount"]
        s3.list_objects_v2(Bucket="logged")
    with sandbox_in(directory) as sandbox:
        assert sandbox.client("s3").list_objects_v2(Bucket="log")["KeyCount"] > before


def test_a_change_is_written_soon_and_for_the_owner_only(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        s3 = sandbox.client("s3")
        s3.put_object(Bucket=PUBLIC, Key="large", Body=os.urandom(100_000))
        await_files(directory, "s3.snapshot")
        kept = directory / "sandbox.content"
        files = [path for path in kept.rglob("*") if path.is_file()]
        assert {path.name for path in files} >= {"s3.snapshot"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, *kept.rglob("*")) if path.is_dir()} == {0o700}


@pytest.mark.slow
def test_contents_are_written_once_and_deleted_with_the_last_object_that_has_them(directory: Path) -> None:
    bodies = directory / "sandbox.content" / HOME / "bodies"
    with sandbox_in(directory) as sandbox:
        s3 = sandbox.client("s3")
        content = os.urandom(300_000)
        for key in ("one", "two"):
            s3.put_object(Bucket=PUBLIC, Key=key, Body=content)
    written = {path: path.stat().st_mtime_ns for path in bodies.iterdir()}
    assert len([path for path in written if path.stat().st_size == 300_000]) == 1
    with sandbox_in(directory) as sandbox:
        sandbox.client("s3").delete_object(Bucket=PUBLIC, Key="one")
    assert {path: path.stat().st_mtime_ns for path in bodies.iterdir()} == written
    with sandbox_in(directory) as sandbox:
        sandbox.client("s3").delete_object(Bucket=PUBLIC, Key="two")
    assert 300_000 not in {path.stat().st_size for path in bodies.iterdir()}


@pytest.mark.slow
def test_contents_that_are_in_one_file_leave_it_when_few_of_them_are_needed(directory: Path) -> None:
    """Small ones are written together, so that a thousand of them take no longer than a large one."""
    bodies = directory / "sandbox.content" / HOME / "bodies"
    contents = {f"key-{number}": os.urandom(20_000) for number in range(20)}
    with sandbox_in(directory, seed=False) as sandbox:
        s3 = sandbox.client("s3")
        s3.create_bucket(Bucket="many")
        for key, content in contents.items():
            s3.put_object(Bucket="many", Key=key, Body=content)
    written = {path.name for path in bodies.iterdir()}
    assert len(written) < len(contents)
    left = {key: contents[key] for key in ("key-3", "key-17")}
    with sandbox_in(directory, seed=False) as sandbox:
        s3 = sandbox.client("s3")
        for key in contents.keys() - left.keys():
            s3.delete_object(Bucket="many", Key=key)
    with sandbox_in(directory, seed=False) as sandbox:
        sandbox.client("s3").put_object(Bucket="many", Key="small", Body=b"x")
    assert sum(path.stat().st_size for path in bodies.iterdir()) == 40_000
    with sandbox_in(directory, seed=False) as sandbox:
        s3 = sandbox.client("s3")
        assert {key: s3.get_object(Bucket="many", Key=key)["Body"].read() for key in left} == left


@pytest.mark.slow
def test_a_reset_deletes_what_was_kept_and_samples_come_back(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        sandbox.client("s3").put_object(Bucket=PUBLIC, Key="mine", Body=b"x" * 5000)
        sandbox.client("ssm").put_parameter(Name="/mine", Value="v", Type="String")
        await_files(directory, "s3.snapshot", "ssm.snapshot")
        sandbox.switch("reset")
        assert not (directory / "sandbox.content" / HOME).exists()
        keys = {one["Key"] for one in sandbox.client("s3").list_objects_v2(Bucket=PUBLIC)["Contents"]}
        assert "product-catalog.pdf" in keys
        assert "mine" not in keys
    with sandbox_in(directory) as sandbox, pytest.raises(ClientError, match="ParameterNotFound"):
        sandbox.client("ssm").get_parameter(Name="/mine")


def test_what_is_kept_of_an_account_leaves_with_it(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        number, secret = sandbox.make_account(account="414141410002")
        client = sandbox.client("s3", access_key=number, secret_key=secret)
        client.put_object(Bucket=PUBLIC, Key="mine", Body=b"x")
        sandbox.switch("accounts", {"action": "remove", "account": number})
    assert not (directory / "sandbox.content" / number).exists()


@pytest.mark.slow
def test_two_accounts_are_kept_apart(directory: Path) -> None:
    with sandbox_in(directory) as sandbox:
        keys = {}
        for number in ("414141410003", "414141410004"):
            key, secret = sandbox.make_account(account=number)
            keys[number] = {"access_key": key, "secret_key": secret}
            sandbox.client("s3", **keys[number]).put_object(Bucket=PUBLIC, Key="whose", Body=number.encode() * 200)
            sandbox.client("ssm", **keys[number]).put_parameter(Name="/whose", Value=number, Type="String")
    with sandbox_in(directory) as sandbox:
        for number, own in keys.items():
            body = sandbox.client("s3", **own).get_object(Bucket=PUBLIC, Key="whose")["Body"].read()
            assert body == number.encode() * 200
            assert sandbox.client("ssm", **own).get_parameter(Name="/whose")["Parameter"]["Value"] == number
        assert not sandbox.client("s3").list_objects_v2(Bucket=PUBLIC, Prefix="whose")["KeyCount"]


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda whole: whole[:-7], "incomplete or damaged"),
        (lambda whole: whole[:10], "It is no snapshot"),
        (lambda whole: whole.replace(b'"format":1,', b'"format":9,', 1), "format 9"),
        (lambda whole: whole.replace(b'"moto":"', b'"moto":"1.', 1), "written with moto 1."),
        (lambda whole: whole.replace(HOME.encode(), b"414141419999", 1), "another account"),
    ],
    ids=["cut off", "cut in the heading", "format", "moto", "account"],
)
def test_what_cannot_be_taken_over_is_said_and_samples_are_there(used: Path, harm: Any, sentence: str) -> None:
    snapshot = used / "sandbox.content" / HOME / "s3.snapshot"
    snapshot.write_bytes(harm(snapshot.read_bytes()))
    with sandbox_in(used) as sandbox:
        keys = {one["Key"] for one in sandbox.client("s3").list_objects_v2(Bucket=PUBLIC)["Contents"]}
        assert ("product-catalog.pdf" in keys, "mine" in keys) == (True, False)
        (problem,) = problems(sandbox)
        assert (problem["account"], problem["service"]) == (HOME, "s3")
        assert sentence in problem["problem"]


@pytest.mark.slow
def test_what_cannot_be_taken_over_stays_until_the_next_change(used: Path) -> None:
    snapshot = used / "sandbox.content" / HOME / "s3.snapshot"
    damaged = snapshot.read_bytes()[:-7]
    snapshot.write_bytes(damaged)
    with sandbox_in(used) as sandbox:
        sandbox.client("s3").list_buckets()
    assert snapshot.read_bytes() == damaged
    with sandbox_in(used) as sandbox:
        sandbox.client("s3").put_object(Bucket=PUBLIC, Key="again", Body=b"y")
    with sandbox_in(used) as sandbox:
        assert sandbox.client("s3").get_object(Bucket=PUBLIC, Key="again")["Body"].read() == b"y"
        assert problems(sandbox) == []


def test_a_content_that_is_damaged_is_noticed(used: Path) -> None:
    for body in (used / "sandbox.content" / HOME / "bodies").iterdir():
        body.write_bytes(body.read_bytes()[:-1])
    with sandbox_in(used) as sandbox:
        sandbox.client("s3").list_buckets()
        assert "content of an object is incomplete" in problems(sandbox)[0]["problem"]


def test_what_a_kill_left_half_written_is_deleted(used: Path) -> None:
    kept = used / "sandbox.content"
    left = [kept / HOME / "bodies" / f".{'0' * 64}.new", kept / ".414141419999.new" / "s3.snapshot"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    with sandbox_in(used) as sandbox:
        assert sandbox.client("s3").get_object(Bucket=PUBLIC, Key="mine")["Body"].read() == b"x" * 5000
    assert [path for path in left if path.exists()] == []


@pytest.mark.slow
def test_a_full_disk_is_said_and_the_sandbox_goes_on(directory: Path) -> None:
    """A file stands where the directory would be made: the one failure that also the superuser meets."""
    with sandbox_in(directory) as sandbox:
        (directory / "sandbox.content").write_text("in the way")
        s3 = sandbox.client("s3")
        s3.put_object(Bucket=PUBLIC, Key="mine", Body=b"x")
        deadline = time.monotonic() + 60
        while not any("could not be written" in one["problem"] for one in problems(sandbox)):
            assert time.monotonic() < deadline, problems(sandbox)
            time.sleep(0.05)
        assert s3.get_object(Bucket=PUBLIC, Key="mine")["Body"].read() == b"x"
        (directory / "sandbox.content").unlink()
    with sandbox_in(directory) as sandbox:
        assert sandbox.client("s3").get_object(Bucket=PUBLIC, Key="mine")["Body"].read() == b"x"


def test_each_start_has_a_name_of_its_own(directory: Path) -> None:
    boots = set()
    for _ in range(2):
        with sandbox_in(directory) as sandbox:
            health = send(sandbox, "GET", "/_sandbox/health").json
            assert health["notKept"]["always"]
            boots.add(health["boot"])
    assert len(boots) == 2
