"""`make bench`: prints every figure as a ratio of two things measured in the same run."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3

from benchmarks import servers
from benchmarks.load import Connection, Rate, rate

POOL = "us-east-1:5a4db000-0000-c000-8000-000000000001"


def guest_pair(pool_id: str, connection: Connection) -> None:
    identity = connection.call("GetId", {"IdentityPoolId": pool_id})["IdentityId"]
    connection.call("GetCredentialsForIdentity", {"IdentityId": identity})


def moto_pool(port: int) -> str:
    client = boto3.client(
        "cognito-identity",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    made = client.create_identity_pool(IdentityPoolName="bench", AllowUnauthenticatedIdentities=True)
    pool_id: str = made["IdentityPoolId"]
    return pool_id


def throughput(directory: Path, seconds: float) -> None:
    print("\nPairs of GetId and GetCredentialsForIdentity, guests, raw keep-alive clients")
    for connections in (1, 8):
        with servers.sandbox(directory) as port:
            ours = _rate(POOL, port, connections, seconds)
        with servers.moto() as port:
            theirs = _rate(moto_pool(port), port, connections, seconds)
        print(
            f"  {connections} connection(s): sandbox / moto = {ours.overall / theirs.overall:.1f}"
            f"   (sandbox {ours.overall:.0f}/s, last fifth over first {ours.last_fifth / ours.first_fifth:.2f};"
            f" moto {theirs.overall:.0f}/s)"
        )


def _rate(pool_id: str, port: int, connections: int, seconds: float) -> Rate:
    def pair(connection: Connection) -> None:
        guest_pair(pool_id, connection)

    return rate(pair, ("127.0.0.1", port), connections=connections, seconds=seconds)


def application(directory: Path) -> None:
    with servers.sandbox(directory) as port:
        environment = {
            **os.environ,
            "ENV_FILE": "/dev/null",
            "DATA_DIR": str(directory / "app"),
            "SANDBOX_PORT": str(port),
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "cognitodemo.settings",
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.application"],
            cwd=servers.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    measured: dict[str, Any] = json.loads(done.stdout)
    run, history = measured["guest_run"], measured["history"]
    print("\nA whole guest run, enhanced flow, over the two bare boto3 calls")
    print(f"  bare calls                      1.00   ({run['bare'] * 1000:.2f} ms)")
    print(f"  with the recorder attached      {run['recorded'] / run['bare']:.2f}")
    print(f"  run, calls and redaction stored {run['services'] / run['bare']:.2f}")
    print(f"  through the page's POST         {run['page'] / run['bare']:.2f}")
    print("\nMy runs with 100,000 runs over My runs with 100")
    for page in ("first", "filtered"):
        small, large = history[f"{page}_100"], history[f"{page}_100000"]
        print(f"  {page:<8}  {large / small:.2f}   ({small * 1000:.1f} ms with 100)")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="of each throughput measurement")
    parser.add_argument("--only", choices=("throughput", "application"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        if options.only != "application":
            throughput(Path(directory), options.seconds)
        if options.only != "throughput":
            application(Path(directory))


if __name__ == "__main__":
    main()
