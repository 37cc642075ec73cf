"""Issuers over https with a certificate that no authority has signed: IAM's thumbprint decides."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.certificates import private_pem, self_signed
from tests.sandbox.issuers import CLIENT, Issuer, Providers
from tests.sandbox.lab import Lab, refused


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate and its key, in one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path_factory.mktemp("tls") / "issuer.pem"
    path.write_bytes(private_pem(key) + self_signed("127.0.0.1", key).public_bytes(Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def issuer(certificate: Path) -> Iterator[Issuer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    providers = Providers(context)
    yield providers.issuer("realm")
    providers.close()


@pytest.fixture
def thumbprint(certificate: Path) -> str:
    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    return made.fingerprint(hashes.SHA1()).hex()  # noqa: S303 (as IAM has them)


def registered(lab: Lab, issuer: Issuer, thumbprints: list[str]) -> str:
    made = lab.iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=[CLIENT], ThumbprintList=thumbprints)
    return str(made["OpenIDConnectProviderArn"])


@pytest.mark.parametrize("told", [True, False])
def test_a_thumbprint_vouches_for_an_issuer(lab: Lab, issuer: Issuer, thumbprint: str, told: bool) -> None:
    arn = registered(lab, issuer, [thumbprint.upper()] if told else [])
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[arn])
    assert lab.public.get_id(IdentityPoolId=pool_id, Logins={issuer.name: issuer.token("ana")})["IdentityId"]


def test_another_thumbprint_does_not(lab: Lab, issuer: Issuer) -> None:
    arn = registered(lab, issuer, ["0" * 40])
    pool_id = lab.pool(roles=False, OpenIdConnectProviderARNs=[arn])
    with pytest.raises(ClientError, match="Couldn't verify signed token"):
        lab.public.get_id(IdentityPoolId=pool_id, Logins={issuer.name: issuer.token("ana")})
    trust: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    role = lab.role("Web", {"Version": "2012-10-17", "Statement": [trust]})
    with pytest.raises(ClientError) as error:
        lab.sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="web", WebIdentityToken=issuer.token("ana"))
    message = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
    assert refused(error.value) == (400, "InvalidIdentityToken", message)
