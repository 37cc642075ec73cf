"""Sign-ins to a user pool a second: the sandbox, which checks every proof, and moto, which takes any."""

import base64
import hashlib
import hmac
import statistics
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.load import USER_POOLS, Connection, Step, rate
from benchmarks.throughput import TURNS, client_of
from sandbox.user_pools.srp import N, padded

PASSWORD = "Bench-Pass-1!"
USER = "bench"
_G = 2
_STAMP = "Thu Jan 1 00:00:00 UTC 2026"
_PRIVATE = 1  # the client's secret exponent: as small as it may be, since the server is to be measured
_FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def by_password(client_id: str) -> Step:
    """USER_PASSWORD_AUTH: one call."""
    params = {
        "ClientId": client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": USER, "PASSWORD": PASSWORD},
    }

    def sign_in(connection: Connection) -> None:
        connection.call("InitiateAuth", params, USER_POOLS)["AuthenticationResult"]["IdToken"]

    return sign_in


def by_srp(pool_id: str, client_id: str) -> Step:
    """USER_SRP_AUTH: a challenge and its answer, both really computed."""
    begun = {
        "ClientId": client_id,
        "AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": {"USERNAME": USER, "SRP_A": f"{pow(_G, _PRIVATE, N):x}"},
    }

    def sign_in(connection: Connection) -> None:
        given = connection.call("InitiateAuth", begun, USER_POOLS)["ChallengeParameters"]
        answer = {
            "ClientId": client_id,
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeResponses": {
                "USERNAME": given["USERNAME"],
                "PASSWORD_CLAIM_SECRET_BLOCK": given["SECRET_BLOCK"],
                "PASSWORD_CLAIM_SIGNATURE": _proof(pool_id, given),
                "TIMESTAMP": _STAMP,
            },
        }
        connection.call("RespondToAuthChallenge", answer, USER_POOLS)["AuthenticationResult"]["IdToken"]

    return sign_in


def _proof(pool_id: str, given: dict[str, str]) -> str:
    """PASSWORD_CLAIM_SIGNATURE (RFC 5054 and amazon-cognito-identity-js). What moto gives is no number of the protocol,
    and is taken for one, so that the client has the same work with both."""
    user, public = given["USER_ID_FOR_SRP"], int(given["SRP_B"].replace("-", ""), 16)
    x, verifier = _of_password(pool_id, user, given["SALT"].replace("-", ""))
    u = _number(padded(pow(_G, _PRIVATE, N)), padded(public))
    shared = pow(public - _number(padded(N), padded(_G)) * verifier, _PRIVATE + u * x, N)
    extracted = hmac.digest(padded(u), padded(shared), "sha256")
    key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
    block = base64.b64decode(given["SECRET_BLOCK"] + "==")
    message = f"{pool_id.partition('_')[2]}{user}".encode() + block + _STAMP.encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


@cache
def _of_password(pool_id: str, user: str, salt: str) -> tuple[int, int]:
    """The exponent that is made of the password, and the verifier: the same at each sign-in."""
    identity = hashlib.sha256(f"{pool_id.partition('_')[2]}{user}:{PASSWORD}".encode()).digest()
    x = _number(padded(int(salt, 16)), identity)
    return x, pow(_G, x, N)


def _number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def prepared(server: servers.Server) -> tuple[str, str]:
    """Ids of a new pool with one user, and of its client."""
    idp = client_of("cognito-idp", server)
    pool_id: str = idp.create_user_pool(PoolName="bench")["UserPool"]["Id"]
    made = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="bench", ExplicitAuthFlows=_FLOWS)
    idp.admin_create_user(UserPoolId=pool_id, Username=USER, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool_id, Username=USER, Password=PASSWORD, Permanent=True)
    return pool_id, str(made["UserPoolClient"]["ClientId"])


def against_moto(directory: Path, seconds: float) -> None:
    """Both servers run all the time and are asked in turn, so that other work on the machine slows both."""
    print("\nSign-ins to a user pool a second, raw keep-alive clients: sandbox over moto's server")
    for how, connections in (("password", 1), ("password", 8), ("SRP", 1), ("SRP", 8)):
        with servers.sandbox(directory / uuid.uuid4().hex) as ours, servers.moto() as theirs:
            asked = [(server, *prepared(server)) for server in (ours, theirs)]
            steps = [
                (server, by_srp(pool_id, client_id) if how == "SRP" else by_password(client_id))
                for server, pool_id, client_id in asked
            ]
            turns = [
                [rate(step, server, connections=connections, seconds=seconds / TURNS) for server, step in steps]
                for _ in range(TURNS)
            ]
        ratios = sorted(mine.pairs / its.pairs for mine, its in turns)
        columns: list[Any] = list(zip(*turns, strict=True))
        mine, its = (statistics.median(one.pairs for one in column) for column in columns)
        spent = statistics.median(one.processor for one in columns[0])
        print(
            f"  {how:<9} {connections} connection(s)   {statistics.median(ratios):5.2f}"
            f"   ({mine:.0f}/s over {its:.0f}/s; in {TURNS} turns {ratios[0]:.2f} to {ratios[-1]:.2f};"
            f" {spent * 1000:.1f} ms of the processor a sign-in)"
        )
