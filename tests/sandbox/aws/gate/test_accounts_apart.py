"""Accounts in one sandbox do not see each other."""

import pytest

from sandbox.testing import RunningSandbox
from tests.sandbox.aws.gate.people import refused

ONE, TWO = "111111111111", "222222222222"


@pytest.mark.slow
def test_each_account_has_the_bucket_names_to_itself(sandbox: RunningSandbox) -> None:
    one, two = (sandbox.client("s3", access_key=account) for account in (ONE, TWO))
    for client, content in ((one, b"one"), (two, b"two")):
        client.create_bucket(Bucket="same-name")
        client.put_object(Bucket="same-name", Key="k", Body=content)
    assert one.get_object(Bucket="same-name", Key="k")["Body"].read() == b"one"
    assert two.get_object(Bucket="same-name", Key="k")["Body"].read() == b"two"
    one.create_bucket(Bucket="only-one")
    assert refused(two.list_objects_v2, Bucket="only-one")[:2] == ("NoSuchBucket", 404)
    one.delete_object(Bucket="same-name", Key="k")
    one.delete_bucket(Bucket="same-name")
    assert two.head_object(Bucket="same-name", Key="k")


def test_tables_are_separate(sandbox: RunningSandbox) -> None:
    assert sandbox.client("dynamodb", access_key=ONE).list_tables()["TableNames"] == []
    assert "SampleProducts" in sandbox.client("dynamodb").list_tables()["TableNames"]


def test_a_service_that_nobody_serves_says_so_to_an_administrator(sandbox: RunningSandbox) -> None:
    for service, operation in (("sqs", "list_queues"), ("sns", "list_topics"), ("lambda", "list_functions")):
        code, status, message = refused(getattr(sandbox.client(service), operation))
        assert (code, status) == ("NotImplemented", 501)
        assert f"does not emulate {service}" in message
