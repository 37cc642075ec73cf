"""OAuth 1.0a (RFC 5849) as X speaks it, on Authlib's core: tokens in the records, signatures really verified."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from authlib.oauth1 import AuthorizationServer, ClientMixin, OAuth1Request, ResourceProtector
from authlib.oauth1.errors import InvalidRequestError, InvalidTokenError, OAuth1Error
from flask import Response, jsonify, request

from sandbox.idp.oauth1.credentials import CLOCK_SKEW, Credential, CredentialRecords
from sandbox.idp.sign_in.stand_in import RegisteredClient


class Consumer(ClientMixin):  # type: ignore[misc]
    """The account's own application; `find_secret` tells the secrets of others that X knows."""

    def __init__(self, registered: RegisteredClient, find_secret: Callable[[str], str | None] = lambda _: None) -> None:
        self.registered = registered
        self.find_secret = find_secret
        self.client_id = registered.client_id

    def get_default_redirect_uri(self) -> str:
        return self.registered.redirect_uris[0]

    def get_client_secret(self) -> str:
        return self.registered.secret

    def get_rsa_public_key(self) -> None:
        return


class SignedRequest(OAuth1Request):  # type: ignore[misc]
    """The request as it was signed. Authlib refuses plain http except on loopback; see sandbox.idp.oauth2."""

    def __init__(self) -> None:
        body = request.form.to_dict(flat=True) if request.method == "POST" else None
        query = request.query_string.decode("ascii", "replace")
        super().__init__(request.method, f"https://stand-in.invalid/?{query}", body, request.headers)
        self.uri = request.base_url


class Checks:
    """What both halves of RFC 5849 check alike, mixed into Authlib's classes. Expects `credentials` and `consumer`."""

    credentials: CredentialRecords
    consumer: Consumer

    def get_client_by_id(self, client_id: str) -> Consumer | None:
        if client_id == self.consumer.client_id:
            return self.consumer
        secret = self.consumer.find_secret(client_id)
        return None if secret is None else Consumer(RegisteredClient(client_id, secret, ()))

    def validate_timestamp_and_nonce(self, signed: SignedRequest) -> None:
        """Authlib's own check knows timestamps that are too old, but none that are ahead."""
        super().validate_timestamp_and_nonce(signed)  # type: ignore[misc]
        if int(signed.timestamp) > time.time() + CLOCK_SKEW:
            raise InvalidRequestError('Invalid "oauth_timestamp" value')

    def exists_nonce(self, nonce: str, signed: SignedRequest) -> bool:
        stamp = int(signed.timestamp)
        return self.credentials.is_replayed(signed.client_id, signed.token or "", stamp, nonce)


class OAuth1Server(Checks, AuthorizationServer):  # type: ignore[misc]
    def __init__(self, credentials: CredentialRecords, consumer: Consumer) -> None:
        self.credentials = credentials
        self.consumer = consumer

    def create_oauth1_request(self, signed: SignedRequest) -> SignedRequest:
        return signed

    def handle_response(self, status: int, payload: Any, headers: Any) -> Response:
        if status >= 400:
            return oauth1_refusal(
                32, "Could not authenticate you.", status=401, detail=dict(payload).get("error_description")
            )
        return Response(urlencode([(name, _text(value)) for name, value in payload]), status, headers)

    def create_temporary_credential(self, signed: SignedRequest) -> Credential:
        return self.credentials.add_temporary(signed.client_id, signed.redirect_uri)

    def get_temporary_credential(self, signed: SignedRequest) -> Credential | None:
        return self.credentials.find(signed.token, "temporary")

    def delete_temporary_credential(self, signed: SignedRequest) -> None:
        if signed.token:
            self.credentials.spend(signed.token)

    def create_token_credential(self, signed: SignedRequest) -> Credential:
        # Of two exchanges at the same moment one finds the request token gone.
        if not self.credentials.spend(signed.token):
            raise InvalidTokenError
        return self.credentials.add_token(signed.credential.consent)


class Protector(Checks, ResourceProtector):  # type: ignore[misc]
    def __init__(self, credentials: CredentialRecords, consumer: Consumer) -> None:
        self.credentials = credentials
        self.consumer = consumer

    def get_token_credential(self, signed: SignedRequest) -> Credential | None:
        credential = self.credentials.find(signed.token, "token")
        consent = credential.consent if credential else None
        # A token of another application fails with this one's key, as it does at X.
        foreign = consent and (consent.misbehaviour == "wrong_audience" or consent.client_id != signed.client_id)
        return None if foreign else credential

    def caller(self) -> Credential:
        """Whose token signed the current request. Raises OAuth1Error."""
        signed = SignedRequest()
        if not signed.client_id or not signed.token:
            raise InvalidRequestError("Missing parameters")
        signed.client = self.get_client_by_id(signed.client_id)
        signed.credential = self.get_token_credential(signed)
        if signed.client is None or signed.credential is None:
            raise InvalidRequestError("Unknown key or token")
        self.validate_timestamp_and_nonce(signed)
        self.validate_oauth_signature(signed)
        credential: Credential = signed.credential
        return credential


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def oauth1_refusal(code: int, message: str, *, status: int, detail: str | None = None) -> Response:
    """An error in the form of X's API."""
    entry = {"code": code, "message": message, **({"detail": detail} if detail else {})}
    answer = jsonify({"errors": [entry]})
    answer.status_code = status
    return answer


__all__ = ["Consumer", "OAuth1Error", "OAuth1Server", "Protector", "SignedRequest", "oauth1_refusal"]
