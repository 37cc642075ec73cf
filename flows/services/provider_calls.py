"""The sign-in as the beginning of a run's trace: the transcript's calls, redacted, before those to AWS."""

import logging
from typing import Any

from django.conf import settings

from flows.exchange import provider_trace
from flows.models import ApiCall, Run
from flows.services.journal import Journal, redactor_for
from providers.registry import PROVIDERS
from providers.saml import document
from providers.sign_in.artifacts import Artifact
from providers.sign_in.transcript import ProviderCall, Transcript
from redaction import Redactor, tokens

log = logging.getLogger("flows.calls")

_OWN = "Our server made it and signed it with the key that the provider gave it, in place of a fixed client secret."
_ASKED = (
    "Opaque: only the provider can read it. Our server asked the provider with it who signed in; this is the answer."
)


def provider_calls_write(*, run: Run, transcript: Transcript, artifact: Artifact | None) -> int:
    """Store what the sign-in said and heard as the run's next calls.

    Args:
        artifact: what the sign-in yielded; None when it failed.

    Returns:
        How long the calls of our own server took together, in milliseconds.
    """
    redactor = redactor_for(run)
    for secret, kind in transcript.secrets().items():
        redactor.know(secret, kind)
    if artifact is not None:
        redactor.know(artifact.value, tokens.ARTIFACTS.get(artifact.kind, "artifact"))
    journal = Journal(run, redactor)
    artifact_step = _step_of_artifact(transcript)
    spent = 0.0
    for call in transcript.calls:
        entries = _artifact_entries(redactor, transcript, artifact) if call is artifact_step else []
        fields = _fields(run, redactor, call, entries)
        row = journal.insert(kind=ApiCall.Kind.PROVIDER, step=call.step, state=_state(call), **fields)
        spent += call.duration_ms or 0 if call.channel == "server" else 0
        log.info("call", extra={"fields": {"run": run.pk, "step": row.step, "status": row.status}})
    return round(spent)


def _fields(run: Run, redactor: Redactor, call: ProviderCall, entries: list[dict[str, Any]]) -> dict[str, Any]:
    recorded = provider_trace.recorded(call, PROVIDERS[run.provider], keep_personal=settings.KEEP_PERSONAL_CLAIMS)
    fields = redactor.finished(recorded, [], entries)
    for entry in fields["tokens"]:
        if entry["kind"] == "client secret":
            entry |= {"form": "own", "note": _OWN}
    if call.channel == "browser" and call.answer_url:
        method = "POST" if call.response_body else "GET"
        fields["response_body"] = f"{method} {redactor.address(call.answer_url, recorded)}"
    return fields


def _state(call: ProviderCall) -> ApiCall.State:
    answered = bool(call.answer_url) if call.channel == "browser" else call.status is not None
    return ApiCall.State.ANSWERED if answered else ApiCall.State.UNANSWERED


def _step_of_artifact(transcript: Transcript) -> ProviderCall | None:
    """The call that brought it: the browser's trip for SAML, else the token endpoint's answer."""
    return transcript.last("authorization") if provider_trace.saml_response(transcript) else transcript.last("token")


def _artifact_entries(redactor: Redactor, transcript: Transcript, artifact: Artifact | None) -> list[dict[str, Any]]:
    """What can be read of an artifact that is no JSON Web Token: those are decoded where they stand."""
    if encoded := provider_trace.saml_response(transcript):
        return _saml_entry(redactor, encoded, artifact)
    if artifact is None or artifact.kind == "id_token":
        return []
    claims = artifact.claims if settings.KEEP_PERSONAL_CLAIMS else tokens.without_personal(artifact.claims)
    return [
        _entry(redactor, artifact.value, tokens.ARTIFACTS[artifact.kind], "opaque") | {"claims": claims, "note": _ASKED}
    ]


def _saml_entry(redactor: Redactor, encoded: str, artifact: Artifact | None) -> list[dict[str, Any]]:
    read = document.read_response(encoded)
    if read is None:
        return []
    keep = settings.KEEP_PERSONAL_CLAIMS
    name_id = read.name_id if keep else provider_trace.shown_subject(read.name_id)
    attributes = dict(read.attributes) if keep else tokens.without_personal(dict(read.attributes))
    mark = redactor.know(encoded, tokens.ARTIFACTS["saml_response"])
    return [
        _entry(redactor, encoded, tokens.ARTIFACTS["saml_response"], "saml")
        | {
            "header": {
                "Issuer": read.issuer,
                "Destination": read.destination,
                "InResponseTo": read.in_response_to,
                "Status": read.status,
                "Signed": " and ".join(read.signed) or "nothing",
            },
            "claims": {
                **({"NameID": name_id} if name_id else {}),
                **attributes,
                "Audience": [name for names in read.audiences for name in names],
                "Recipient": list(read.recipients),
                "NotBefore": list(dict.fromkeys(read.not_before)),
                "NotOnOrAfter": list(dict.fromkeys(read.not_on_or_after)),
            },
            "verified": artifact is not None,
            "note": f"Verified by {artifact.verified_by}." if artifact else "It was not accepted.",
            "xml": provider_trace.readable_saml(encoded, keep_personal=keep, signature_mark=f"part of {mark}"),
        }
    ]


def _entry(redactor: Redactor, value: str, kind: str, form: str) -> dict[str, Any]:
    return {
        "where": "artifact",
        "kind": kind,
        "form": form,
        "fingerprint": redactor.fingerprint(value),
        "header": {},
        "claims": {},
        "verified": False,
        "key_id": "",
        "note": "",
    }
