"""A sandbox for tests: served in a thread, on a free port, met over HTTP like any other.

with running_sandbox(SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0)) as sandbox:
    sandbox.client("sts").get_caller_identity()
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from sandbox.controls.client import ask_switch
from sandbox.core.config import SandboxConfig
from sandbox.core.http import Request
from sandbox.server.lifecycle import SandboxServer, listen

_START_SECONDS = 60  # where others are at work as well


@dataclass(slots=True)
class RunningSandbox:
    """A sandbox that serves.

    Attributes:
        url: its origin.
        requests: everything that arrived, in order, when the log was asked for; bodies and headers as they came.
    """

    url: str
    config: SandboxConfig
    requests: list[Request] = field(default_factory=list)
    # One session for all clients: it keeps the parsed service models, which take longest.
    _session: Any = field(default_factory=boto3.session.Session)
    _lock: threading.Lock = field(default_factory=threading.Lock)  # A session makes one client at a time.

    def client(
        self,
        service: str,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
        token: str | None = None,
        region: str = "",
    ) -> Any:
        """A boto3 client of the administrator, or of the given credentials; it retries nothing.

        Args:
            region: where it calls; by default the sandbox's own.
        """
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        if service == "s3":
            config = config.merge(Config(signature_version="s3v4"))
        with self._lock:
            return self._session.client(
                service,
                region_name=region or self.config.region,
                endpoint_url=self.url,
                config=config,
                aws_access_key_id=access_key or self.config.access_key_id,
                aws_secret_access_key=secret_key or self.config.secret_access_key,
                aws_session_token=token,
            )

    def anonymous(self, service: str, *, region: str = "") -> Any:
        """A boto3 client that signs nothing."""
        config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
        with self._lock:
            region = region or self.config.region
            return self._session.client(service, region_name=region, endpoint_url=self.url, config=config)

    def make_account(self, **more: Any) -> tuple[str, str]:
        """Number and secret access key of a new account. `more`: `account`, `name`, `seed` (docs/sandbox.md)."""
        made = self.switch("accounts", {"action": "make", **more})
        return made["AccessKeyId"], made["SecretAccessKey"]

    def switch(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        method: str = "POST",
        account: str = "",
        secret_key: str = "",
    ) -> Any:
        """Call one of the switches under `/_sandbox/`, signed by the account's administrator; its JSON answer."""
        data = json.dumps(body or {}).encode()
        return json.loads(self._ask_switch(method, path, data, account, secret_key))

    def export(self, account: str = "", *, signer: str = "", secret_key: str = "") -> bytes:
        """The archive of an account: asked for by `signer`, by default the home administrator (docs/sandbox.md)."""
        query = f"?account={account}" if account else ""
        return self._ask_switch("GET", f"archive{query}", b"", signer, secret_key)

    def take(self, archive: bytes, *, signer: str = "", secret_key: str = "") -> Any:
        """Import an account, as the home administrator; its key."""
        return json.loads(self._ask_switch("PUT", "archive", archive, signer, secret_key))

    def _ask_switch(self, method: str, path: str, data: bytes, account: str, secret_key: str) -> bytes:
        keys = (account or self.config.access_key_id, secret_key or self.config.secret_access_key)
        return ask_switch(self.url, method, path, data, keys=keys, region=self.config.region, seconds=60)

    def logins(
        self, provider: str, person: str, *, account: str = "", secret_key: str = "", **more: Any
    ) -> dict[str, str]:
        """The Logins of somebody who signed in at a stand-in, as in `logins("google", "ana")`.

        Args:
            account, secret_key: of whose stand-in; by default the home account's.
            more: `claims` (or `attributes`) to change, and a `misbehaviour`; see docs/sandbox.md.
        """
        asked = {"provider": provider, "person": person, **more}
        return dict(self.switch("tokens", asked, account=account, secret_key=secret_key)["Logins"])


@contextmanager
def running_sandbox(config: SandboxConfig, *, log_requests: bool = False) -> Iterator[RunningSandbox]:
    """Serve a sandbox while the block runs. Port 0 takes a free one, and the public URL follows it.

    Raises:
        StaleStore: the sandbox's file is of another version.
        OSError: the port is taken.
    """
    listener = listen(config)
    if config.port == 0:
        port = listener.getsockname()[1]
        config = replace(config, port=port, public_url=f"http://127.0.0.1:{port}")
    sandbox = RunningSandbox(f"http://127.0.0.1:{config.port}", config)
    started: list[SandboxServer] = []
    failed: list[Exception] = []

    def serve() -> None:
        try:
            server = SandboxServer(config, listener, sandbox.requests.append if log_requests else None)
        except Exception as error:  # noqa: BLE001 (raised again in the thread that asked for the sandbox)
            failed.append(error)
            return
        started.append(server)
        server.run()

    thread = threading.Thread(target=serve, name="sandbox", daemon=True)
    thread.start()
    try:
        _await_start(thread, started, failed)
        yield sandbox
    finally:
        for server in started:
            server.stop()
        thread.join(timeout=10)
        listener.close()


def _await_start(thread: threading.Thread, started: list[SandboxServer], failed: list[Exception]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not (started and started[0].started):
        if failed:
            raise failed[0]
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The sandbox did not start.")
        time.sleep(0.005)
