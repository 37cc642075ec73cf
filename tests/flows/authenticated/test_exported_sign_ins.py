"""Runs with a sign-in are exported as the published schema says."""

import json

import pytest

from decisioncodes import MEANINGS
from flows.traces import read_trace
from flows.traces.har import har_of
from tests.flows import har_schema
from tests.flows.authenticated.person import Person
from tests.flows.trace_schema import complaints, downloaded, exported

_OTHERS = ("facebook", "amazon", "apple", "user-pool", "oidc")
# One of each kind of artifact; the others are left to verify.
PROVIDERS = ["google", "saml", "x", *(pytest.param(key, marks=pytest.mark.slow) for key in _OTHERS)]


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_signed_in_run_is_exported_as_the_schema_says(ana: Person, provider: str) -> None:
    run = ana.run(provider)
    document = json.loads(downloaded(ana.client, run))
    assert complaints(document) == []
    read = read_trace(document)
    assert read.outcome == "succeeded"
    assert [call.kind for call in read.calls] == [call.kind for call in run.calls.all()]
    codes = {decision.code for call in read.calls for decision in call.decisions}
    assert {"pool.exists", "identity.owner", "trust.principal"} <= codes <= set(MEANINGS)
    archive = json.loads(json.dumps(har_of(run)))
    assert har_schema.complaints(archive) == []
    assert len(archive["log"]["entries"]) == sum(max(1, len(call.attempts)) for call in read.calls)


@pytest.mark.parametrize(
    ("choice", "outcome"), [({"misbehave": "expired"}, "refused"), ({"step": "deny"}, "cancelled")]
)
def test_a_sign_in_that_failed_is_exported_as_the_schema_says(
    ana: Person, choice: dict[str, str], outcome: str
) -> None:
    ana.get(ana.arrive(ana.at_provider(ana.open("google"), "ana", **choice))["Location"])
    document = exported(ana.latest)
    assert complaints(document) == []
    assert read_trace(document).outcome == outcome
