"""samlcrypto as pysaml2's backend: installed, used in both directions, and without the xmlsec1 program."""

import base64
import inspect
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from defusedxml.common import EntitiesForbidden  # type: ignore[import-untyped]
from lxml.etree import XMLSyntaxError
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, SAMLError, sigver
from saml2.client import Saml2Client
from saml2.config import IdPConfig, SPConfig
from saml2.metadata import entity_descriptor
from saml2.response import IncorrectlySigned
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from samlcrypto import backend
from sandbox.idp.saml.responses import metadata
from tests.samlcrypto.attacks import ATTACKS, NO_MESSAGE
from tests.samlcrypto.documents import certificate, encoded, genuine, pem

SP, IDP = "https://sp.example/metadata", "https://idp.example/metadata"
# pysaml2's own default is RSA with SHA-1, which the backend refuses.
STRONG = {"signing_algorithm": SIG_RSA_SHA256, "digest_algorithm": DIGEST_SHA256}
ACS, SSO = "https://sp.example/acs", "https://idp.example/sso"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backend in place, no xmlsec1 to be found, and no subprocess to be started."""
    backend.install()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sigver, "Popen", lambda *_, **__: pytest.fail("pysaml2 starts a program"))


def key_files(tmp_path: Path, name: str) -> dict[str, str]:
    key, certificate_file = tmp_path / f"{name}.pem", tmp_path / f"{name}.crt"
    key.write_bytes(pem(name))
    body = base64.encodebytes(certificate(name)).decode()
    certificate_file.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    return {"key_file": str(key), "cert_file": str(certificate_file)}


def service_provider(provider_metadata: str, **files: str) -> Saml2Client:
    config = SPConfig()
    sp: dict[str, Any] = {
        "endpoints": {"assertion_consumer_service": [(ACS, BINDING_HTTP_POST)]},
        "want_assertions_signed": True,
        "want_response_signed": True,
        "authn_requests_signed": bool(files),
    }
    config.load(
        {
            "entityid": SP,
            "metadata": {"inline": [provider_metadata]},
            "service": {"sp": {**sp, **STRONG}},
            "allow_unknown_attributes": True,
            **files,
        }
    )
    return Saml2Client(config)


def identity_provider(sp_metadata: str, **files: str) -> Server:
    config = IdPConfig()
    idp = {
        "endpoints": {"single_sign_on_service": [(SSO, BINDING_HTTP_REDIRECT), (f"{SSO}/post", BINDING_HTTP_POST)]},
        "sign_assertion": True,
        "sign_response": True,
        "want_authn_requests_signed": True,
    }
    config.load(
        {"entityid": IDP, "metadata": {"inline": [sp_metadata]}, "service": {"idp": {**idp, **STRONG}}, **files}
    )
    return Server(config=config)


def test_pysaml2_still_has_the_two_names_that_install_replaces() -> None:
    """An upgrade of pysaml2 that renames them or asks them for something else fails here."""
    source = inspect.getsource(sigver.security_context)
    assert "get_xmlsec_binary(_path)" in source
    assert "_get_xmlsec_cryptobackend(xmlsec_binary, delete_tmpfiles=conf.delete_tmpfiles)" in source
    client = service_provider(metadata(IDP, {BINDING_HTTP_REDIRECT: SSO}, [certificate()]))
    assert isinstance(client.sec.crypto, backend.XmlsecBackend)


def test_the_backend_answers_what_pysaml2_asks_of_one() -> None:
    for name in ("sign_statement", "validate_signature"):
        ours = list(inspect.signature(getattr(backend.XmlsecBackend, name)).parameters)[1:]
        theirs = list(inspect.signature(getattr(sigver.CryptoBackendXmlSec1, name)).parameters)[1:]
        assert ours == theirs
    assert backend.XmlsecBackend().version_nums > (1, 2)


def both(tmp_path: Path) -> tuple[Saml2Client, Server]:
    """Two parties that sign everything, each with the other's metadata."""
    own = key_files(tmp_path, "sp")
    published = metadata(IDP, {BINDING_HTTP_REDIRECT: SSO, BINDING_HTTP_POST: f"{SSO}/post"}, [certificate()])
    client = service_provider(published, **own)
    return client, identity_provider(str(entity_descriptor(client.config)), **key_files(tmp_path, "provider"))


@pytest.mark.parametrize("binding", [BINDING_HTTP_REDIRECT, BINDING_HTTP_POST])
def test_signed_request_and_signed_response_go_round(tmp_path: Path, binding: str) -> None:
    client, server = both(tmp_path)
    identifier, request = client.create_authn_request(
        f"{SSO}/post" if binding == BINDING_HTTP_POST else SSO, sign=binding == BINDING_HTTP_POST
    )
    sent = client.apply_binding(binding, str(request), SSO, sign=True, sigalg=SIG_RSA_SHA256)
    assert sent
    message = encoded(str(request))
    if binding == BINDING_HTTP_POST:
        parsed = server.parse_authn_request(message, BINDING_HTTP_POST)
        assert parsed.message.id == identifier
    answer = server.create_authn_response(
        {"department": "Engineering"},
        identifier,
        ACS,
        SP,
        userid="ana",
        authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
        sign_response=True,
        sign_assertion=True,
    )
    accepted = client.parse_authn_request_response(encoded(str(answer)), BINDING_HTTP_POST, {identifier: "/"})
    assert accepted.ava == {"department": ["Engineering"]}
    assert accepted.issuer() == IDP


def test_a_request_that_was_changed_on_its_way_is_refused(tmp_path: Path) -> None:
    client, server = both(tmp_path)
    _, request = client.create_authn_request(f"{SSO}/post", sign=True)
    changed = encoded(str(request).replace(ACS, "https://attacker.example/acs"))
    with pytest.raises(IncorrectlySigned):
        server.parse_authn_request(changed, BINDING_HTTP_POST)


@cache
def party() -> Saml2Client:
    return service_provider(metadata(IDP, {BINDING_HTTP_REDIRECT: SSO}, [certificate()]))


def accepted(document: str | bytes) -> Any:
    return party().parse_authn_request_response(encoded(document), BINDING_HTTP_POST, {"_request": "/"})


def test_pysaml2_accepts_the_genuine_response() -> None:
    assert accepted(genuine().text()).ava == {"department": ["Engineering"]}


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name not in NO_MESSAGE])
def test_pysaml2_accepts_no_attack(attack: str) -> None:
    document = ATTACKS[attack](genuine())
    with pytest.raises((SAMLError, EntitiesForbidden, XMLSyntaxError)):
        accepted(document)
