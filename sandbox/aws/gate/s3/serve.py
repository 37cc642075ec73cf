"""An S3 request that was authorised: how moto is asked, and what it answers."""

import asyncio

from sandbox.aws.access.sessions import Sessions
from sandbox.aws.gate.s3.bodies import decode_body
from sandbox.aws.gate.s3.chunks import ChunkSigner
from sandbox.aws.gate.s3.known_parts import headers_for_moto
from sandbox.aws.gate.s3.request import S3Request
from sandbox.aws.moto.bridge import MotoRequest, ask
from sandbox.aws.signing import sigv4
from sandbox.core.caller import Caller
from sandbox.core.errors import not_emulated
from sandbox.core.http import Request, Response
from sandbox.core.instance import Instance


def decoded_body(instance: Instance, request: Request, caller: Caller) -> tuple[bytes, dict[str, str]]:
    """The payload and the headers that go with it (`decode_body`), with the signatures of its chunks checked."""
    return decode_body(request.headers, request.body, _chunk_signer(instance, request, caller))


async def serve_s3(instance: Instance, call: S3Request, request: Request, caller: Caller) -> Response:
    """The answer of moto, which is asked in a thread."""
    signer = _chunk_signer(instance, request, caller)

    def serve() -> Response:
        body, headers = decode_body(request.headers, request.body, signer)
        return ask(
            MotoRequest(
                service="s3",
                account=caller.account,
                region=caller.region,
                method=call.method,
                path=call.path,
                query_string=call.query_string,
                headers=headers_for_moto(call, headers),
                body=body,
            )
        )

    return await asyncio.get_running_loop().run_in_executor(instance.threads, serve)


def _chunk_signer(instance: Instance, request: Request, caller: Caller) -> ChunkSigner | None:
    """Who can check the chunks of this request, when they are signed.

    Raises:
        AwsError: NotImplemented for signatures of other kinds.
    """
    stated = request.headers.get("x-amz-content-sha256", "")
    if not stated.startswith("STREAMING-") or stated == "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        return None
    signed = sigv4.read_authorization(request)
    if signed is None or not stated.startswith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"):
        raise not_emulated(f"{stated[:60]} of s3")
    if signed.token:
        secret = instance.part(Sessions).secret_access_key(signed.access_key_id, signed.token)
    else:
        secret = instance.accounts.secret_access_key(caller.account)
    return ChunkSigner(secret, signed.date, signed.scope, signed.signature)
