"""README's table of providers says what the registry and the flows say."""

from flows.exchange.steps import flow_for
from providers.registry import PROVIDERS
from providers.sign_in.provider import Provider
from tests import ROOT

_HEAD = "| provider | name in `Logins` | artifact | enhanced flow | basic flow |\n| --- | --- | --- | --- | --- |\n"
_ARTIFACTS = {
    "id_token": "ID token",
    "access_token": "access token",
    "oauth1_token": "token and secret (OAuth 1.0a)",
    "saml_response": "SAML response",
    "developer_user_id": "the account that is signed in here",
}
_SHORT = {"GetOpenIdTokenForDeveloperIdentity": "…ForDeveloperIdentity"}


def calls(provider: Provider, variant: str) -> str:
    if provider.artifact_kind == "saml_response" and variant == "basic":
        return "refused by the service, which is shown"
    steps = flow_for(variant, provider.kind).steps
    return ", ".join(_SHORT.get(step.operation, step.operation) for step in steps)


def row(provider: Provider) -> str:
    name = f"`{provider.logins_key}`"
    flows = f"{calls(provider, 'enhanced')} | {calls(provider, 'basic')}"
    page = f"[{provider.label}](docs/providers/{provider.docs}.md)"
    return f"| {page} | {name} | {_ARTIFACTS[provider.artifact_kind]} | {flows} |\n"


def test_table_is_that_of_the_registry() -> None:
    table = _HEAD + "".join(row(provider) for provider in PROVIDERS.values() if provider.kind != "guest")
    assert table in (ROOT / "README.md").read_text()
