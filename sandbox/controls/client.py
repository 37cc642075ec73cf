"""How a switch is asked from outside: one signed request over HTTP."""

from hashlib import sha256

# Not httpget: an archive may be large, and take long. People's tests, which it answers, know urllib's HTTPError.
from urllib.request import ProxyHandler, Request, build_opener  # noqa: TID251

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def ask_switch(
    origin: str, method: str, path: str, body: bytes, *, keys: tuple[str, str], region: str, seconds: float = 10
) -> bytes:
    """The answer of the switch `path`, such as `clock`, of the sandbox at `origin`.

    Args:
        keys: access key ID and secret access key of an account's administrator.

    Raises:
        urllib.error.HTTPError: the refusal, whose body is JSON.
        OSError: nobody answers there, or not in time.
    """
    # The stated hash lets the sandbox judge the signature before a large body comes.
    headers = {"Content-Type": "application/json", "X-Amz-Content-SHA256": sha256(body).hexdigest()}
    request = AWSRequest(method, f"{origin}/_sandbox/{path}", data=body, headers=headers)
    SigV4Auth(Credentials(*keys), "sandbox", region).add_auth(request)
    signed = Request(request.url, data=body, headers=dict(request.headers.items()), method=method)  # noqa: S310
    # The sandbox is on this machine, or named by its settings: no proxy is between.
    with build_opener(ProxyHandler({})).open(signed, timeout=seconds) as answer:
        return bytes(answer.read())
