"""The far end of a replaced socket: a TLS server that is certified for AWS's host names and answers as AWS does.

Everything on our side of the socket is what runs in production: boto3, its retries, its TLS with host name checks.
Shapes, headers and sentences of the answers are those of AWS's API reference and of public traces.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

import httpget.asking
from tests.certificates import certify

POOL = "us-east-1:9b7bd4b1-53a5-4b3c-8a8c-3f9a2f0c7e11"
IDENTITY = "us-east-1:157d6171-eea1-c2b3-9d4e-1f2a3b4c5d6e"
ACCOUNT = "123456789012"
GUEST_ROLE = f"arn:aws:iam::{ACCOUNT}:role/guests"
BUCKET = "catalogue-of-the-shop"
ACCESS_KEY_ID = "ASIAEXAMPLEKEYID1234"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION_TOKEN = "FwoGZXIvYXdzEBYaD/plantedSession+Token//" + "0123456789abcdef" * 20 + "=="
HOSTS = (
    "cognito-identity.us-east-1.amazonaws.com",
    "cognito-identity.amazonaws.com",
    "sts.us-east-1.amazonaws.com",
    "s3.us-east-1.amazonaws.com",
    f"{BUCKET}.s3.amazonaws.com",
    f"{BUCKET}.s3.us-east-1.amazonaws.com",
    "dynamodb.us-east-1.amazonaws.com",
    "ssm.us-east-1.amazonaws.com",
    "iam.amazonaws.com",
)


@dataclass
class Arrival:
    host: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def operation(self) -> str:
        """From the target header, the form, or, for S3, the method."""
        if target := self.headers.get("x-amz-target"):
            return target.rpartition(".")[2]
        form = parse_qs(self.body.decode("utf-8", "replace"))
        return form["Action"][0] if "Action" in form else self.method


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    drop: bool = False  # close the connection instead of answering


def json_answer(document: dict[str, Any], status: int = 200) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "11111111-2222-3333-4444-555555555555"}
    if status >= 400:
        headers |= {"x-amzn-ErrorType": f"{document['__type']}:", "x-amzn-ErrorMessage": document["message"]}
    return Answer(status, json.dumps(document).encode(), headers)


def refusal(code: str, message: str) -> Answer:
    """cognito-identity answers 400 to everything but an internal error."""
    return json_answer({"__type": code, "message": message}, 400)


def sts_answer(xml: str, status: int = 200) -> Answer:
    return Answer(status, xml.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": "66666666-2222-3333-4444-55"})


def sts_refusal(code: str, message: str, status: int = 403) -> Answer:
    return sts_answer(
        f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>66666666-2222-3333-4444-55</RequestId></ErrorResponse>",
        status,
    )


class AwsWire:
    """Answers by operation; a test may put its own answers in, also several to be given one after the other.

    Args:
        directory: for certificates.
        address: where it listens, by default on any free port.

    Raises:
        OSError: it cannot listen there.
    """

    def __init__(self, directory: Path, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.reset()
        self.authority = directory / "authority.pem"
        self._certificate = directory / "amazon.pem"
        certify(HOSTS, self.authority, self._certificate)
        self._server = self._serve(address)

    def reset(self) -> None:
        """As before the first request."""
        self.arrivals: list[Arrival] = []
        self.asked: list[tuple[str, int]] = []
        self.answers: dict[str, list[Answer] | Callable[[Arrival], Answer]] = dict(self._normal())
        self.refuses = False
        self._made = int(time.time())

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def operations(self) -> list[str]:
        return [arrival.operation for arrival in self.arrivals]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def token(self) -> str:
        """As GetOpenIdToken makes them: RS512, `typ` JWS, ten minutes."""
        now = self._made
        claims = {
            "sub": IDENTITY,
            "aud": POOL,
            "amr": ["unauthenticated"],
            "iss": "https://cognito-identity.amazonaws.com",
            "exp": now + 600,
            "iat": now,
        }
        return jwt.encode(claims, self.key, algorithm="RS512", headers={"kid": "us-east-1-7", "typ": "JWS"})

    def _normal(self) -> dict[str, Callable[[Arrival], Answer]]:
        expires = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        return {
            "GetId": lambda _: json_answer({"IdentityId": IDENTITY}),
            "GetOpenIdToken": lambda _: json_answer({"IdentityId": IDENTITY, "Token": self.token}),
            "GetCredentialsForIdentity": lambda _: json_answer(
                {
                    "IdentityId": IDENTITY,
                    "Credentials": {
                        "AccessKeyId": ACCESS_KEY_ID,
                        "SecretKey": SECRET_KEY,
                        "SessionToken": SESSION_TOKEN,
                        "Expiration": expires.timestamp(),
                    },
                }
            ),
            "AssumeRoleWithWebIdentity": lambda _: sts_answer(
                '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                "<AssumeRoleWithWebIdentityResult>"
                f"<SubjectFromWebIdentityToken>{IDENTITY}</SubjectFromWebIdentityToken><Audience>{POOL}</Audience>"
                f"<AssumedRoleUser><Arn>arn:aws:sts::{ACCOUNT}:assumed-role/guests/lesson</Arn>"
                "<AssumedRoleId>AROAEXAMPLE:lesson</AssumedRoleId></AssumedRoleUser>"
                f"<Credentials><AccessKeyId>{ACCESS_KEY_ID}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>"
                f"<SessionToken>{SESSION_TOKEN}</SessionToken><Expiration>{expires:%Y-%m-%dT%H:%M:%SZ}</Expiration>"
                "</Credentials><Provider>cognito-identity.amazonaws.com</Provider></AssumeRoleWithWebIdentityResult>"
                "<ResponseMetadata><RequestId>66666666-2222-3333-4444-55</RequestId></ResponseMetadata>"
                "</AssumeRoleWithWebIdentityResponse>"
            ),
            "GetCallerIdentity": lambda _: sts_answer(
                '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
                f"<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/guests/CognitoIdentityCredentials</Arn>"
                f"<UserId>AROAEXAMPLE:CognitoIdentityCredentials</UserId><Account>{ACCOUNT}</Account>"
                "</GetCallerIdentityResult><ResponseMetadata><RequestId>6</RequestId></ResponseMetadata>"
                "</GetCallerIdentityResponse>"
            ),
            "GET": self._read_bucket,
            "PUT": lambda _: Answer(
                403,
                b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>User: arn:aws:'
                b"sts::123456789012:assumed-role/guests/CognitoIdentityCredentials is not authorized to perform: "
                b"s3:PutObject"
                b"</Message><RequestId>TX7</RequestId><HostId>h</HostId></Error>",
                {"Content-Type": "application/xml", "x-amz-request-id": "TX7"},
            ),
            "Scan": lambda _: json_answer({"Items": [{"ProductId": {"S": "1"}}], "Count": 1, "ScannedCount": 1}),
            "GetParameter": lambda _: json_answer(
                {"__type": "AccessDeniedException", "message": "because no session policy allows the action"}, 400
            ),
        }

    def _read_bucket(self, arrival: Arrival) -> Answer:
        if arrival.host == "cognito-identity.amazonaws.com":
            return Answer(
                200, json.dumps({"keys": [self._public_key()]}).encode(), {"Content-Type": "application/json"}
            )
        if arrival.path.split("?")[0].endswith(".pdf"):
            return Answer(200, b"%PDF-1.7 catalogue", {"Content-Type": "application/pdf", "x-amz-request-id": "TX8"})
        listing = (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{BUCKET}</Name><KeyCount>1</KeyCount><MaxKeys>20</MaxKeys><IsTruncated>false</IsTruncated>"
            "<Contents><Key>product-catalog.pdf</Key><Size>18</Size></Contents></ListBucketResult>"
        )
        return Answer(200, listing.encode(), {"Content-Type": "application/xml", "x-amz-request-id": "TX9"})

    def _public_key(self) -> dict[str, str]:
        document = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {
            "kty": "RSA",
            "alg": "RS512",
            "use": "sig",
            "kid": "us-east-1-7",
            "n": document["n"],
            "e": document["e"],
        }

    def _answer(self, arrival: Arrival) -> Answer:
        self.arrivals.append(arrival)
        answers = self.answers[arrival.operation]
        return answers.pop(0) if isinstance(answers, list) else answers(arrival)

    def _serve(self, address: tuple[str, int]) -> ThreadingHTTPServer:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                arrival = Arrival(self.headers["Host"], self.command, self.path, headers, self.rfile.read(length))
                answer = wire._answer(arrival)
                time.sleep(answer.seconds)
                if answer.drop:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_HEAD = _any

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(address, Handler)
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server


@contextmanager
def replaced_socket(wire: AwsWire, monkeypatch: Any) -> Iterator[AwsWire]:
    """Every TCP connection that is opened from here on ends at `wire`, whatever host it was meant for."""
    from urllib3.util import connection

    real = connection.create_connection

    def note(address: tuple[str, int]) -> None:
        wire.asked.append((address[0], address[1]))
        if wire.refuses:
            raise ConnectionRefusedError(111, "Connection refused")

    def create_connection(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
        note(address)
        return real(("127.0.0.1", wire.port), *args, **options)

    def getaddrinfo(host: str, port: int, **options: Any) -> list[Any]:
        note((host, port))
        return socket.getaddrinfo("127.0.0.1", wire.port, **options)

    with monkeypatch.context() as patch:
        patch.setattr(connection, "create_connection", create_connection)
        patch.setattr(httpget.asking, "getaddrinfo", getaddrinfo)
        # The authority that certified the far end, by the one name that the SDK and `requests` both read.
        patch.setenv("REQUESTS_CA_BUNDLE", str(wire.authority))
        patch.delenv("AWS_CA_BUNDLE", raising=False)
        yield wire
