"""Tokens and secret keys pass through the sandbox and stay nowhere: not in its file, its logs, its explanations."""

import logging
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.core.config import SandboxConfig
from sandbox.testing import running_sandbox
from tests.sandbox.issuers import OTHER_KEY, USER_POOL, Providers
from tests.sandbox.lab import Lab
from tests.sandbox.wire import call_json, send


def test_no_secret_stays_behind(
    tmp_path: Path, identity_providers: Providers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("botocore", "boto3", "urllib3"):  # The client's own logs are not what is looked at here.
        logging.getLogger(name).setLevel(logging.WARNING)
    url = identity_providers.url
    endpoints = {f"https://{USER_POOL}": f"{url}/userpool", "https://graph.facebook.com": f"{url}/facebook"}
    config = SandboxConfig(data_file=tmp_path / "sandbox.sqlite3", port=0, seed=False, endpoints=endpoints)
    explained = ""
    with running_sandbox(config) as sandbox:
        lab = Lab(sandbox, identity_providers)
        pool_id = lab.pool(SupportedLoginProviders={"graph.facebook.com": "app-1"})
        good, forged = lab.user_pool.token("ana"), lab.user_pool.token("ana", key=OTHER_KEY)
        identity_providers.tokens["planted-facebook-token"] = ("app-1", "fb-ana")
        secrets = [good, forged, "planted-facebook-token", "planted-unknown-token"]
        logins = {USER_POOL: good, "graph.facebook.com": "planted-facebook-token"}
        identity_id = lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
        token = lab.public.get_open_id_token(IdentityId=identity_id, Logins=logins)["Token"]
        got = lab.public.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]
        secrets += [token, got["SecretKey"], got["SessionToken"]]
        who = lab.with_credentials("sts", got)
        who.get_caller_identity()
        with pytest.raises(ClientError):
            lab.with_credentials("ssm", {**got, "SecretKey": "planted-wrong-secret"}).get_parameter(Name="x")
        refusals = [
            {USER_POOL: forged},
            {"graph.facebook.com": "planted-unknown-token"},
            {USER_POOL: "planted-unknown-token"},
        ]
        for bad in refusals:
            answer = call_json(sandbox, "GetId", {"IdentityPoolId": pool_id, "Logins": bad})
            assert answer.status == 400
            explained += answer.body.decode() + answer.headers["x-sandbox-decisions"]
            explained += send(sandbox, "GET", f"/_sandbox/requests/{answer.headers['x-amzn-requestid']}").body.decode()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in explained
        assert secret.encode() not in stored
