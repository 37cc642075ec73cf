"""Providers as the demo offers them, and a run's sign-in as the first entry of its trace."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from accounts.owners import Owner
from flows import services
from flows.exchange.steps import Flow, flow_for
from flows.models import Outcome, Run
from flows.pages.run.calls import CallView, DecisionView
from flows.pages.run.forms import ParametersForm
from flows.pages.run.tokens import TokenView
from flows.services.vault import owner_of
from providers.artifacts import Artifact, artifact_for
from providers.registry import PROVIDERS, Kind, Provider
from providers.services import (
    ProviderStatus,
    SignInOutcome,
    developer_refusal,
    fresh_artifacts,
    provider_status,
    sign_in_outcome,
)
from redaction.tokens import ARTIFACTS

_GROUPS: Mapping[Kind, tuple[str, str]] = {
    "social": (
        "Social",
        "A public provider. The identity pool knows it by name and asks for nothing but your app’s ID there.",
    ),
    "enterprise": (
        "Enterprise",
        "An organisation’s own provider, which IAM has to know: by its issuer, or by its SAML metadata.",
    ),
    "user_pool": ("User pool", "Amazon Cognito’s own directory of people, with groups that can carry roles."),
    "developer": ("Developer", "Your own server says who somebody is, and signs for it with AWS credentials."),
}
_STANDINGS: Mapping[str, str] = {
    "declined": "Declined",
    "refused": "Refused",
    "failed": "Failed",
    "under_way": "Not finished",
    "succeeded": "Signed in",
}


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """One provider in the demo.

    Attributes:
        obstacle: why this person cannot use it, though it is configured; empty when they can.
        caution: what this flow will meet there.
        form: values that this provider's flow alone lets a visitor set.
    """

    status: ProviderStatus
    obstacle: str
    caution: str
    form: ParametersForm | None

    @property
    def provider(self) -> Provider:
        return self.status.provider

    @property
    def is_usable(self) -> bool:
        return self.status.is_configured and not self.obstacle


@dataclass(frozen=True, slots=True)
class ProviderGroup:
    key: str
    title: str
    text: str
    cards: tuple[ProviderCard, ...]


def provider_groups(owner: Owner, flow: Flow) -> Iterator[ProviderGroup]:
    """All providers in which somebody can sign in, grouped, for a flow of that variant."""
    for kind, (title, text) in _GROUPS.items():
        cards = tuple(_card(provider, owner, flow) for provider in PROVIDERS.values() if provider.kind == kind)
        yield ProviderGroup(kind, title, text, cards)


def _card(provider: Provider, owner: Owner, flow: Flow) -> ProviderCard:
    is_developer = provider.kind == "developer"
    own = [field for field in flow_for(flow.variant, provider.kind).editable if field not in flow.editable]
    caution = ""
    if provider.artifact_kind == "saml_response" and flow.variant == "basic":
        caution = (
            "The identity pool takes SAML in the enhanced flow alone. The real calls are made, and you see it refuse."
        )
    return ProviderCard(
        provider_status(provider),
        developer_refusal(owner) if is_developer else "",
        caution,
        ParametersForm(None, own) if own else None,
    )


@dataclass(frozen=True, slots=True)
class FreshSignIn:
    """A sign-in that can serve another run: the run it was for, and until when."""

    run: Run
    provider: Provider
    subject: str


def fresh_sign_ins(owner: Owner) -> list[FreshSignIn]:
    """The newest of each provider, for people who come back to the demo."""
    found: dict[str, FreshSignIn] = {}
    fresh = fresh_artifacts(owner=owner)
    runs = {run.code: run for run in Run.objects.owned_by(owner).filter(code__in=[each.run_code for each in fresh])}
    for each in fresh:
        if each.provider not in found and each.run_code in runs:
            found[each.provider] = FreshSignIn(runs[each.run_code], PROVIDERS[each.provider], each.subject)
    return list(found.values())


@dataclass(frozen=True)
class SignInView:
    """The sign-in of a run. `calls` are those of the run's trace that belong to it."""

    run: Run
    calls: Sequence[CallView]

    @property
    def provider(self) -> Provider | None:
        return PROVIDERS.get(self.run.provider)

    @property
    def label(self) -> str:
        return self.provider.label if self.provider else self.run.provider

    @property
    def tokens(self) -> list[TokenView]:
        """The artifact first, then whatever else was exchanged on the way to it."""
        kind = ARTIFACTS.get(self.provider.artifact_kind, "") if self.provider else ""
        found = [token for call in self.calls for token in call.tokens]
        return sorted(found, key=lambda token: token.kind != kind)

    @property
    def is_developer(self) -> bool:
        return self.provider is not None and self.provider.kind == "developer"

    @cached_property
    def outcome(self) -> SignInOutcome | None:
        """How it ended, from the history of sign-ins; None when that is gone, or the sign-in was another run's."""
        return sign_in_outcome(owner=owner_of(self.run), run_code=self.run.code)

    @cached_property
    def artifact(self) -> Artifact | None:
        return artifact_for(owner=owner_of(self.run), run_code=self.run.code)

    @property
    def succeeded(self) -> bool:
        return bool(self.run.subject)

    @property
    def failed(self) -> bool:
        """The sign-in has ended the run, with no call to AWS."""
        return self.run.is_over and not self.succeeded and self.outcome is not None and not self._ended_with_run

    @property
    def _ended_with_run(self) -> bool:
        """Somebody cancelled on the run's page: the run has ended the sign-in."""
        return self.run.outcome == Outcome.CANCELLED and not self.run.error_code

    @property
    def standing(self) -> str:
        """One word or two on how it stands."""
        if self.run.reuses_id and not self.calls:
            return "Used again"
        if self.succeeded:
            return _STANDINGS["succeeded"]
        if self._ended_with_run and self.outcome:
            return _STANDINGS["under_way"]
        return _STANDINGS.get(self.outcome.outcome, "") if self.outcome else "Not begun"

    @property
    def is_awaited(self) -> bool:
        """The run stands still until somebody signs in."""
        return self.run.outcome == Outcome.OPEN and not self.run.position and self.artifact is None

    @property
    def is_back(self) -> bool:
        """Somebody has signed in, and the run has not taken notice yet."""
        return self.run.outcome == Outcome.OPEN and not self.succeeded and self.artifact is not None

    @property
    def again(self) -> dict[str, str]:
        """The fields of a form that begins the same run anew."""
        variant = "basic" if "basic" in self.run.flow else "enhanced"
        return {
            "access": self.run.access,
            "flow": variant,
            "provider": self.run.provider,
            "pool": self.run.pool_key,
            **self.run.parameters,
        }


@dataclass(frozen=True, slots=True)
class Reuse:
    """What else the sign-in of a run can be used for while it is fresh."""

    artifact: Artifact
    other_variant: str
    variant: str
    linkable: list[Run]


def reuse_of(run: Run, flow: Flow | None) -> Reuse | None:
    """None where there is nothing to use again: no sign-in, an expired one, or one that is spent with its use."""
    if run.access == "guest" or not run.is_over or flow is None:
        return None
    artifact = services.run_artifact(run=run)
    if artifact is None:
        return None
    other = "basic" if flow.variant == "enhanced" else "enhanced"
    return Reuse(artifact, other, flow.variant, services.runs_linkable(run=run))


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Which role the identity pool chose, by what (`role.custom`, `role.mapping`, ...), and what the decision said."""

    role: str
    code: str
    why: DecisionView


# The code of each, and how the check was worded when decisions had no codes yet.
_ROLE_CHECKS = {
    "role.custom": "custom role",
    "role.mapping": "role mapping",
    "role.saml": "SAML role",
    "role.missing": "role",
}


def role_choice(calls: Sequence[CallView]) -> RoleChoice | None:
    """From the decisions that came with the answers; None where the service does not say (AWS)."""
    for call in reversed(calls):
        for decision in call.decisions:
            code = _role_code(decision)
            if code and ":role/" in decision.actual and decision.verdict == "pass":
                return RoleChoice(decision.actual.rpartition("/")[2], code, decision)
    return None


def _role_code(decision: DecisionView) -> str:
    """The decision's code if it is one of those that choose a role, else nothing."""
    worded = {check: code for code, check in _ROLE_CHECKS.items()}
    code = decision.code or worded.get(decision.check, "")
    return code if code in _ROLE_CHECKS else ""
