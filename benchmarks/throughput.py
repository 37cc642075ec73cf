"""Pairs of GetId and GetCredentialsForIdentity a second: the sandbox, which checks them, and moto, which does not."""

import itertools
import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from benchmarks import members, servers
from benchmarks.load import Connection, Rate, rate

GUEST_POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"
PEOPLE = 20
MANY, FEW = 1_000_000, 1_000

Pair = Callable[[Connection], None]


def guests(pool_id: str) -> Pair:
    def pair(connection: Connection) -> None:
        identity = connection.call("GetId", {"IdentityPoolId": pool_id})["IdentityId"]
        connection.call("GetCredentialsForIdentity", {"IdentityId": identity})

    return pair


def signed_in(pool_id: str, issuer: members.Issuer) -> Pair:
    everybody = itertools.cycle([{issuer.logins_key: issuer.token(f"person-{n}")} for n in range(PEOPLE)])

    def pair(connection: Connection) -> None:
        logins = next(everybody)
        identity = connection.call("GetId", {"IdentityPoolId": pool_id, "Logins": logins})["IdentityId"]
        connection.call("GetCredentialsForIdentity", {"IdentityId": identity, "Logins": logins})

    return pair


def against_moto(directory: Path, seconds: float) -> None:
    """Fresh servers for each row, ours and moto's in turn."""
    print("\nPairs of GetId and GetCredentialsForIdentity a second, raw keep-alive clients: sandbox over moto's server")
    with members.issuer() as issuer:
        for who, connections in (("guests", 1), ("guests", 8), ("signed in", 1), ("signed in", 8)):
            with servers.sandbox(directory / uuid.uuid4().hex) as port:
                pair = guests(GUEST_POOL) if who == "guests" else signed_in(_member_pool(port, issuer), issuer)
                ours = _rate(pair, port, connections, seconds)
            with servers.moto() as port:
                pool_id = _client("cognito-identity", port).create_identity_pool(
                    IdentityPoolName="bench", AllowUnauthenticatedIdentities=True
                )["IdentityPoolId"]
                pair = guests(pool_id) if who == "guests" else signed_in(pool_id, issuer)
                theirs = _rate(pair, port, connections, seconds)
            print(
                f"  {who:<9} {connections} connection(s)   {ours.overall / theirs.overall:5.1f}"
                f"   ({ours.overall:.0f}/s over {theirs.overall:.0f}/s)"
            )


def over_time(directory: Path, seconds: float) -> None:
    print(f"\nThe same, guests, 8 connections, over {seconds:.0f} seconds: last fifth over first fifth")
    with servers.sandbox(directory / uuid.uuid4().hex) as port:
        held = _rate(guests(GUEST_POOL), port, 8, seconds)
    print(f"  {held.last_fifth / held.first_fifth:.2f}   ({held.first_fifth:.0f}/s -> {held.last_fifth:.0f}/s)")


def by_size(directory: Path, seconds: float) -> None:
    """Two sandboxes, one with a thousand identities and one with a million, measured in turn, twice."""
    print(f"\nThe same, 8 connections: with {MANY:,} identities over with {FEW:,}")
    with members.issuer() as issuer:
        homes = {size: directory / f"identities-{size}" for size in (FEW, MANY)}
        for size, home in homes.items():
            with servers.sandbox(home) as port:
                pool_id = _member_pool(port, issuer)
            _fill(home / "sandbox.sqlite3", pool_id, issuer.logins_key, size)
            homes[size] = home
        seen: dict[tuple[str, int], list[float]] = {}
        for size, home in [*homes.items()] * 2:
            with servers.sandbox(home) as port:
                client = _client("cognito-identity", port)
                pools = client.list_identity_pools(MaxResults=60)["IdentityPools"]
                pool_id = next(pool["IdentityPoolId"] for pool in pools if pool["IdentityPoolName"] == "Members")
                for who, pair in (("guests", guests(GUEST_POOL)), ("signed in", signed_in(pool_id, issuer))):
                    seen.setdefault((who, size), []).append(_rate(pair, port, 8, seconds).overall)
        for who in ("guests", "signed in"):
            many, few = (sum(seen[who, size]) for size in (MANY, FEW))
            print(f"  {who:<9} {many / few:.2f}   ({many / 2:.0f}/s over {few / 2:.0f}/s)")


def _rate(pair: Pair, port: int, connections: int, seconds: float) -> Rate:
    return rate(pair, ("127.0.0.1", port), connections=connections, seconds=seconds)


def _client(service: str, port: int) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _member_pool(port: int, issuer: members.Issuer) -> str:
    """A pool whose people sign in at `issuer`, with a role of its own and an exact trust policy."""
    iam, cognito = _client("iam", port), _client("cognito-identity", port)
    provider = iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=[members.CLIENT_ID], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    pool_id: str = cognito.create_identity_pool(
        IdentityPoolName="Members", AllowUnauthenticatedIdentities=False, OpenIdConnectProviderARNs=[provider]
    )["IdentityPoolId"]
    conditions = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="Members", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    cognito.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": role})
    return pool_id


def _fill(file: Path, pool_id: str, provider: str, size: int) -> None:
    """Put `size` signed-in identities into a sandbox's file while nothing serves it."""
    now = time.time()
    with sqlite3.connect(file) as connection:
        ids = [f"us-east-1:{uuid.uuid4()}" for _ in range(size)]
        account = "000000000000"
        connection.executemany(
            "INSERT INTO identity (identity_id, pool_id, account, authenticated, created, modified)"
            " VALUES (?, ?, ?, 1, ?, ?)",
            ((identity, pool_id, account, now, now) for identity in ids),
        )
        connection.executemany(
            "INSERT INTO identity_login (pool_id, provider, user_key, identity_id, account) VALUES (?, ?, ?, ?, ?)",
            ((pool_id, provider, f"filler-{n}", identity, account) for n, identity in enumerate(ids)),
        )
