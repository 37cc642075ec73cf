"""What the flows ask of this package: begin a sign-in for a run, and later say its outcome.

A sign-in begins here, goes over the page in between to the provider, comes back to `views`, and ends with a redirect
to the path that the run gave. Success and failure both lead there; `sign_in_outcome` says which it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from accounts.owners import Owner
from lessons.sign_in_advice import advice_for
from providers.registry import PROVIDERS
from providers.saml.begin import begin as begin_saml
from providers.saml.config import acs_url
from providers.sign_in.artifacts import Artifact, artifact_for
from providers.sign_in.comparison import Comparison
from providers.sign_in.models import SignIn
from providers.sign_in.provider import Provider
from providers.sign_in.refusals import Failed, Refused, SignInError
from providers.sign_in.registration import registration_for
from providers.sign_in.sign_ins import TRANSCRIPT, sign_in_fail, sign_in_open, sign_in_succeed, sign_ins_abandon
from providers.sign_in.transaction import Transaction
from providers.sign_in.transcript import Transcript
from providers.social.base import SocialProvider
from providers.social.begin import begin as begin_social
from providers.social.begin import redirect_uri
from vault import services as vault
from web.batches import Turns

DEVELOPER_PERMISSION = "providers.use_developer_identity"
_DEVELOPER_LIFE = timedelta(hours=1)
_BATCH = 500

__all__ = [
    "ProviderStatus",
    "SignInOutcome",
    "artifact_for",
    "developer_account_refusal",
    "developer_refusal",
    "fresh_artifacts",
    "provider_status",
    "sign_in_begin",
    "sign_in_outcome",
    "sign_ins_purge",
    "transcript_for",
]


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """Whether a provider can be used here, for its card.

    Attributes:
        logins_key: its name in the logins map; words stand for a setting that is missing.
        missing: names of settings that have no value; an alternative is written `A or B`.
        register: the redirect URI, or the ACS address, that the provider has to know; empty where there is none.
        register_label: what the provider's console calls it.
    """

    provider: Provider
    logins_key: str
    missing: tuple[str, ...]
    register: str
    register_label: str

    @property
    def is_configured(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class SignInOutcome:
    """How the latest sign-in for a run ended, or that it has not.

    Attributes:
        outcome: a value of SignIn.Outcome.
        error_code, error_message: the provider's own where it gave one; both safe to store and to show.
        page_url: the page that tells the person what happened and what to do.
        advice: what to do, in a sentence or two; empty when it succeeded.
    """

    outcome: str
    provider: str
    subject: str
    issuer: str
    error_code: str
    error_message: str
    checks: tuple[Comparison, ...]
    page_url: str
    advice: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class FreshArtifact:
    """An artifact that may serve another run: from whose sign-in for which run, and until when."""

    run_code: str
    provider: str
    subject: str
    expires_at: datetime


def provider_status(provider: Provider, account_id: str = "") -> ProviderStatus:
    """Is it configured, and if not what is missing; and which address to register at the provider.

    Args:
        account_id: the AWS account of the identity pool that is to be used.
    """
    registration = registration_for(account_id)
    known_as = provider.provider_name(registration) or provider.logins_key
    register, label = "", ""
    if provider.artifact_kind == "saml_response":
        register, label = acs_url(), "ACS URL"
    elif isinstance(provider, SocialProvider):
        label = "Callback URL" if provider.artifact_kind == "oauth1_token" else "Redirect URI"
        register = redirect_uri(provider)
    return ProviderStatus(provider, known_as, provider.missing_settings(registration), register, label)


def sign_in_begin(*, owner: Owner, provider: str, run_code: str, return_path: str, account_id: str = "") -> str:
    """Begin a sign-in for a run and return the path to send the browser to.

    That is the page in between, with the request ready to go; or `return_path` itself when the sign-in is over already:
    nothing has to be asked for a developer-authenticated identity, and nothing can be when a setting is missing.

    Args:
        provider: key in the registry.
        return_path: where the browser goes in the end, whatever the outcome.
        account_id: the AWS account of the run.

    Raises:
        KeyError: there is no such provider.
    """
    known = PROVIDERS[provider]
    sign_in = sign_in_open(
        owner=owner, provider=provider, run_code=run_code, return_path=return_path, account_id=account_id
    )
    transaction = Transaction(sign_in)
    try:
        if missing := known.missing_settings(registration_for(account_id)):
            raise Failed("not_configured", f"{known.label} is not configured here. Set {_listed(missing)}.")
        if known.artifact_kind == "developer_user_id":
            _vouch(owner, known, transaction)
            return return_path
        if isinstance(known, SocialProvider):
            begin_social(owner, known, transaction)
        else:
            begin_saml(owner, transaction)
    except SignInError as error:
        sign_in_fail(transaction, error)
        return return_path
    return reverse("providers:sign_in_request", args=[sign_in.code])


def sign_in_outcome(*, owner: Owner, run_code: str) -> SignInOutcome | None:
    """How the latest sign-in for this run stands; None when this person began none for it."""
    found = SignIn.objects.owned_by(owner).filter(run_code=run_code)
    sign_in = found.first()
    if sign_in is None:
        return None
    if sign_in.outcome == SignIn.Outcome.UNDER_WAY and sign_ins_abandon(found):
        sign_in.refresh_from_db()
    return SignInOutcome(
        outcome=sign_in.outcome,
        provider=sign_in.provider,
        subject=sign_in.subject,
        issuer=sign_in.issuer,
        error_code=sign_in.error_code,
        error_message=sign_in.error_message,
        checks=tuple(sign_in.checks),
        page_url=sign_in.get_absolute_url(),
        advice=advice_for(sign_in.error_code, sign_in.outcome),
        finished_at=sign_in.finished_at,
    )


def transcript_for(*, owner: Owner, run_code: str) -> Transcript | None:
    """What the run's sign-in said and heard, once: with this call it leaves the vault.

    It is not redacted. `Transcript.secrets()` lists every value in it that must not be stored.
    """
    content = vault.unseal(owner, reference=run_code, purpose=TRANSCRIPT)
    if content is None:
        return None
    vault.discard_one(reference=run_code, purpose=TRANSCRIPT)
    return Transcript.from_json(content)


def fresh_artifacts(*, owner: Owner) -> tuple[FreshArtifact, ...]:
    """The artifacts of this person that may serve another run, the newest first. SAML responses never may."""
    found = []
    recent = SignIn.objects.owned_by(owner).filter(
        outcome=SignIn.Outcome.SUCCEEDED, finished_at__gt=timezone.now() - timedelta(hours=1)
    )
    for sign_in in recent[:50]:
        artifact = artifact_for(owner=owner, run_code=sign_in.run_code)
        known = PROVIDERS.get(sign_in.provider)
        if artifact and known and known.is_reusable and artifact.provider == sign_in.provider:
            found.append(FreshArtifact(sign_in.run_code, sign_in.provider, artifact.subject, artifact.expires_at))
    return tuple(found)


def developer_refusal(owner: Owner) -> str:
    """Why this person cannot be vouched for as a developer-authenticated identity; empty when they can.

    In the sandbox an account is enough. On AWS the call is signed with this server's own credentials, so an
    administrator has to allow it (permission `providers.use_developer_identity`).
    """
    user = get_user_model().objects.filter(pk=owner.user_id, is_active=True).first() if owner.user_id else None
    if user is None:
        return (
            "This provider is the sign-in of this site. Sign in to your account here first: our server vouches for it."
        )
    if settings.APP_MODE == "aws" and not user.has_perm(DEVELOPER_PERMISSION):
        return "On AWS an administrator has to allow this for your account."
    return ""


def developer_account_refusal(account_id: str) -> str:
    """Why nobody at all can be vouched for in the identity pools of an AWS account; empty when somebody can."""
    if settings.APP_MODE == "aws" or account_id in ("", settings.SANDBOX_ACCOUNT_ID):
        return ""
    return (
        "The call is signed by our server, which administers the home account of the sandbox. It vouches for nobody in "
        "another account."
    )


def sign_ins_purge(*, older_than: timedelta) -> int:
    """Delete sign-ins that began longer ago than that, whoever they were for; returns how many.

    In batches, so that a large purge does not keep everybody else from writing.
    """
    sign_ins_abandon(SignIn.objects.all())
    turns, before, deleted = Turns(), timezone.now() - older_than, 0
    oldest = SignIn.objects.filter(created_at__lt=before).order_by("created_at").values_list("pk", flat=True)
    while keys := list(oldest[:_BATCH]):
        deleted += SignIn.objects.filter(pk__in=keys).delete()[0]
        turns.give()
    return deleted


def _vouch(owner: Owner, provider: Provider, transaction: Transaction) -> None:
    """The account that is signed in here is the identity; nothing the browser sends can name another."""
    if reason := developer_account_refusal(transaction.sign_in.account_id) or developer_refusal(owner):
        raise Refused("not_allowed", reason)
    artifact = Artifact(
        provider=provider.key,
        kind=provider.artifact_kind,
        provider_name=provider.provider_name(registration_for(transaction.sign_in.account_id)),
        value=f"account-{owner.user_id}",  # a name can be given to somebody else one day, a primary key cannot
        expires_at=timezone.now() + _DEVELOPER_LIFE,
        subject=f"account-{owner.user_id}",
        issuer=settings.PUBLIC_URL,
        verified_by="the sign-in to this application",
    )
    sign_in_succeed(transaction, artifact)


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
