"""Pairs of GetId and GetCredentialsForIdentity a second: the sandbox, which checks them, and moto, which does not."""

import itertools
import json
import sqlite3
import statistics
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3

from benchmarks import members, servers
from benchmarks.load import Connection, Rate, Step, rate

GUEST_POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"
PEOPLE = 20
TURNS = 5
MANY, FEW = 1_000_000, 1_000


def guests(pool_id: str) -> Step:
    def pair(connection: Connection) -> None:
        identity = connection.call("GetId", {"IdentityPoolId": pool_id})["IdentityId"]
        connection.call("GetCredentialsForIdentity", {"IdentityId": identity})

    return pair


def signed_in(pool_id: str, issuer: members.Issuer) -> Step:
    everybody = itertools.cycle([{issuer.logins_key: issuer.token(f"person-{n}")} for n in range(PEOPLE)])

    def pair(connection: Connection) -> None:
        logins = next(everybody)
        identity = connection.call("GetId", {"IdentityPoolId": pool_id, "Logins": logins})["IdentityId"]
        connection.call("GetCredentialsForIdentity", {"IdentityId": identity, "Logins": logins})

    return pair


def against_moto(directory: Path, seconds: float) -> None:
    """Both servers run all the time and are asked in turn, so that other work on the machine slows both."""
    print("\nPairs of GetId and GetCredentialsForIdentity a second, raw keep-alive clients: sandbox over moto's server")
    for who, connections in (("guests", 1), ("guests", 8), ("signed in", 1), ("signed in", 8)):
        home = directory / uuid.uuid4().hex
        with members.issuer() as issuer, servers.sandbox(home) as ours, servers.moto() as theirs:
            made = client_of("cognito-identity", theirs).create_identity_pool(
                IdentityPoolName="bench", AllowUnauthenticatedIdentities=True
            )["IdentityPoolId"]
            if who == "guests":
                pairs = guests(GUEST_POOL), guests(made)
            else:
                pairs = signed_in(_member_pool(ours, issuer), issuer), signed_in(made, issuer)
            rates = _in_turn(pairs, (ours, theirs), connections, seconds)
        ratios = sorted(mine.pairs / its.pairs for mine, its in rates)
        mine, its = (statistics.median(one.pairs for one in column) for column in zip(*rates, strict=True))
        print(
            f"  {who:<9} {connections} connection(s)   {statistics.median(ratios):5.1f}"
            f"   ({mine:.0f}/s over {its:.0f}/s; in {TURNS} turns {ratios[0]:.1f} to {ratios[-1]:.1f})"
        )


def over_time(directory: Path, seconds: float) -> None:
    print(f"\nThe same, guests, 8 connections, {seconds:.0f} seconds without a pause")
    fifth = seconds / 5
    with servers.sandbox(directory / uuid.uuid4().hex) as server:
        parts = [
            rate(guests(GUEST_POOL), server, connections=8, seconds=fifth, warm_up=0 if number else 0.3)
            for number in range(5)
        ]
    first, last = parts[0], parts[-1]
    print(f"  {last.pairs / first.pairs:.2f}   pairs a second, last fifth over first")
    print(f"  {last.processor / first.processor:.2f}   processor time a pair, last fifth over first")
    for number, part in enumerate(parts, 1):
        print(f"         ({part.pairs:.0f}/s, {part.processor * 1e6:.0f} us of the processor a pair in fifth {number})")


def by_size(directory: Path, seconds: float) -> None:
    """Two sandboxes, one with a thousand identities and one with a million, asked in turn."""
    print(f"\nThe same, 8 connections: with {MANY:,} identities over with {FEW:,}")
    with members.issuer() as issuer:
        few, many = (_populated(directory / f"identities-{size}", issuer, size) for size in (FEW, MANY))
        with servers.sandbox(few[0]) as small, servers.sandbox(many[0]) as large:
            for who in ("guests", "signed in"):
                pairs = [guests(GUEST_POOL) if who == "guests" else signed_in(pool, issuer) for _, pool in (few, many)]
                rates = _in_turn(pairs, (small, large), 8, seconds)
                held = statistics.median(with_many.pairs / with_few.pairs for with_few, with_many in rates)
                spent = statistics.median(with_many.processor / with_few.processor for with_few, with_many in rates)
                print(f"  {who:<9} {held:.2f}   pairs a second; processor time a pair {spent:.2f}")


def _in_turn(
    pairs: Sequence[Step], asked: Sequence[servers.Server], connections: int, seconds: float
) -> list[list[Rate]]:
    """The rate of each of the servers, `TURNS` times one after the other, for `seconds` each in all."""
    return [
        [
            rate(pair, server, connections=connections, seconds=seconds / TURNS)
            for pair, server in zip(pairs, asked, strict=True)
        ]
        for _ in range(TURNS)
    ]


def client_of(service: str, server: servers.Server) -> Any:
    """A boto3 client of the server's administrator."""
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{server.port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _member_pool(server: servers.Server, issuer: members.Issuer) -> str:
    """A pool whose people sign in at `issuer`, with a role of its own and an exact trust policy."""
    iam, cognito = client_of("iam", server), client_of("cognito-identity", server)
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


def _populated(home: Path, issuer: members.Issuer, size: int) -> tuple[Path, str]:
    """A sandbox's directory with `size` identities, and the id of its pool for people who sign in."""
    with servers.sandbox(home) as server:
        pool_id = _member_pool(server, issuer)
    _fill(home / "sandbox.sqlite3", pool_id, issuer.logins_key, size)
    return home, pool_id


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
