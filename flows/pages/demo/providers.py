"""Providers as the demo offers them, and sign-ins that can be used once more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.owners import Owner
from flows.exchange.steps import Flow, flow_for
from flows.models import Run
from flows.pages.run.parameters import ParametersForm
from lessons.provider_kinds import PROVIDER_KINDS, SAML_IN_BASIC_FLOW
from providers.registry import PROVIDERS
from providers.services import (
    ProviderStatus,
    developer_account_refusal,
    developer_refusal,
    fresh_artifacts,
    provider_status,
)
from providers.sign_in.provider import Provider
from redaction.tokens import ARTIFACTS


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """One provider in the demo.

    Attributes:
        obstacle: why this person cannot use it, though it is configured; empty when they can.
        account_helps: whether that may end when they sign in to an account of the application.
        caution: what this flow will meet there.
        form: values that a visitor can set only in this provider's flow.
        fresh: a sign-in of theirs that is still good, and can be used again without signing in.
    """

    status: ProviderStatus
    obstacle: str
    account_helps: bool
    caution: str
    form: ParametersForm | None
    fresh: "FreshSignIn | None"

    @property
    def provider(self) -> Provider:
        return self.status.provider

    @property
    def artifact(self) -> str:
        """What the pool will be shown, such as `ID token`."""
        return ARTIFACTS.get(self.provider.artifact_kind, "our own user ID")

    @property
    def is_usable(self) -> bool:
        return self.status.is_configured and not self.obstacle


@dataclass(frozen=True, slots=True)
class ProviderGroup:
    key: str
    title: str
    text: str
    cards: tuple[ProviderCard, ...]


def provider_groups(owner: Owner, flow: Flow, account_id: str) -> Iterator[ProviderGroup]:
    """All providers in which somebody can sign in, grouped, for a flow of that variant in a pool of that account."""
    fresh = fresh_sign_ins(owner, account_id)
    for kind, lesson in PROVIDER_KINDS.items():
        cards = tuple(
            _card(provider, owner, flow, account_id, fresh.get(provider.key))
            for provider in PROVIDERS.values()
            if provider.kind == kind
        )
        yield ProviderGroup(kind, lesson.title, lesson.text, cards)


def _card(provider: Provider, owner: Owner, flow: Flow, account_id: str, fresh: "FreshSignIn | None") -> ProviderCard:
    is_developer = provider.kind == "developer"
    nobody = developer_account_refusal(account_id) if is_developer else ""
    own = [field for field in flow_for(flow.variant, provider.kind).editable if field not in flow.editable]
    caution = ""
    if provider.artifact_kind == "saml_response" and flow.variant == "basic":
        caution = SAML_IN_BASIC_FLOW
    return ProviderCard(
        provider_status(provider, account_id),
        nobody or (developer_refusal(owner) if is_developer else ""),
        not nobody,
        caution,
        ParametersForm(None, own) if own else None,
        fresh,
    )


@dataclass(frozen=True, slots=True)
class FreshSignIn:
    """A sign-in that can serve another run: the run it was for, and until when."""

    run: Run
    subject: str
    expires_at: datetime


def fresh_sign_ins(owner: Owner, account_id: str) -> dict[str, FreshSignIn]:
    """The newest of each provider by its key, as far as a pool of that account takes it."""
    found: dict[str, FreshSignIn] = {}
    fresh = fresh_artifacts(owner=owner)
    codes = [each.run_code for each in fresh]
    runs = {run.code: run for run in Run.objects.owned_by(owner).filter(code__in=codes, account_id=account_id)}
    for each in fresh:
        if each.provider not in found and each.run_code in runs:
            found[each.provider] = FreshSignIn(runs[each.run_code], each.subject, each.expires_at)
    return found
