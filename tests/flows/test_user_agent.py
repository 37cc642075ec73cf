"""What the application's clients say of themselves is what boto3 says, for each call with the features that it uses."""

from uuid import uuid4

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from django.conf import settings

from accounts.owners import Owner
from flows.exchange import clients
from flows.exchange.pools import pools_for
from sandbox.core.facts import PUBLIC_BUCKET
from sandbox.testing import RunningSandbox


def said(sandbox: RunningSandbox) -> tuple[list[str], set[str]]:
    """The parts of the last request's header, and the features of the SDK in it, which have no order."""
    parts = sandbox.requests[-1].headers["user-agent"].split()
    (features,) = (part.removeprefix("m/").split(",") for part in parts if part.startswith("m/"))
    return [part for part in parts if not part.startswith("m/")], set(features)


def test_each_call_says_which_features_it_uses(sandbox: RunningSandbox) -> None:
    ours = clients.server_client("s3", settings.AWS_REGION, "")
    keys = {
        "aws_access_key_id": settings.SANDBOX_ACCESS_KEY_ID,
        "aws_secret_access_key": settings.SANDBOX_SECRET_ACCESS_KEY,
    }
    config = Config(
        retries={"mode": "standard"},
        user_agent_appid=settings.APPLICATION_ID,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    theirs = boto3.Session(**keys).client("s3", settings.AWS_REGION, endpoint_url=sandbox.url, config=config)
    heard = []
    for client in (ours, theirs, ours, theirs):
        client.head_bucket(Bucket=PUBLIC_BUCKET)
        one = said(sandbox)
        next(iter(client.get_paginator("list_objects_v2").paginate(Bucket=PUBLIC_BUCKET)))
        heard.append((one, said(sandbox)))
    assert heard[0] == heard[1] == heard[2] == heard[3]
    (parts, features), (_, in_pages) = heard[0]
    assert in_pages - features == {"C"}, "that it goes through pages, which the other call does not"
    assert f"app/{settings.APPLICATION_ID}" in parts


@pytest.mark.django_db
def test_clients_of_other_kinds_say_so_by_themselves(sandbox: RunningSandbox) -> None:
    pool = pools_for(Owner(user_id=None, visitor=uuid4()))[0]
    clients.anonymous_client("cognito-identity", pool.region, "").get_id(IdentityPoolId=pool.pool_id)
    ours, _ = said(sandbox)
    config = Config(signature_version=UNSIGNED, retries={"mode": "standard"})
    client = boto3.client("cognito-identity", pool.region, endpoint_url=sandbox.url, config=config)
    client.get_id(IdentityPoolId=pool.pool_id)
    theirs, _ = said(sandbox)
    assert [part for part in ours if not part.startswith("app/")] == theirs
