"""The verbs that write a sign-in's row and what the vault keeps for it: begin, claim, succeed, fail."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.transaction import atomic
from django.utils import timezone

from accounts.owned import belonging_to
from accounts.owners import Owner
from providers.sign_in.artifacts import Artifact, artifact_keep, may_send_refused, refused_artifact_keep
from providers.sign_in.models import SignIn, SignInQuerySet
from providers.sign_in.refusals import Declined, Refused, SignInError
from providers.sign_in.transaction import Transaction
from redaction.encodings import storable
from vault import services as vault

_TRANSACTION = "transaction"  # a purpose in the vault, under the sign-in's code
TRANSCRIPT = "transcript"  # the same, under the run's
_TRANSCRIPT_LIFE = timedelta(minutes=30)


def sign_in_open(*, owner: Owner, provider: str, run_code: str, return_path: str, account_id: str = "") -> SignIn:
    """Write the row before anything is done at the provider.

    Args:
        account_id: the AWS account of the run; its answer is compared with what the provider has for that account.
    """
    return SignIn.objects.create(
        **belonging_to(owner),
        provider=provider,
        run_code=run_code,
        account_id=account_id,
        return_path=return_path,
        expires_at=timezone.now() + timedelta(seconds=settings.SIGN_IN_SECONDS),
    )


def sign_in_await(owner: Owner, transaction: Transaction, *, backend: str, name: str) -> None:
    """The request is ready to go: keep what the answer will be compared with, under the name by which it will come.

    Args:
        name: what the answer will say it answers: the state, the request token, the RelayState.
    """
    sign_in = transaction.sign_in
    vault.seal(
        owner,
        reference=sign_in.code,
        purpose=_TRANSACTION,
        content=transaction.to_json(),
        expires_at=sign_in.expires_at,
    )
    sign_in.request_key = request_key(backend, name)
    sign_in.save(update_fields=["request_key"])


def transaction_of(owner: Owner, sign_in: SignIn) -> Transaction | None:
    """What is kept about a sign-in under way, for its owner and until it is claimed."""
    content = vault.unseal(owner, reference=sign_in.code, purpose=_TRANSACTION)
    return Transaction.from_json(sign_in, content) if content else None


def sign_in_claim(*, owner: Owner, backend: str, name: str) -> Transaction:
    """An answer has come back: take the transaction that it answers, for this one time.

    Args:
        name: what the answer says it answers; empty when it says nothing.

    Raises:
        Refused: there is none, it was answered before, has run out, or is somebody else's.
    """
    found = SignIn.objects.filter(request_key=request_key(backend, name)).first() if name else None
    return sign_in_claim_row(owner, found)


def sign_in_claim_row(owner: Owner, sign_in: SignIn | None) -> Transaction:
    """The same for a row that was found otherwise. Raises Refused likewise."""
    if sign_in is None:
        raise Refused(
            "unknown_request",
            "This answer does not belong to a sign-in that was started here. An answer that a provider or another site "
            "sends without a request is not accepted.",
        )
    if not sign_in.belongs_to(owner):
        raise Refused(
            "other_browser",
            "This answer belongs to a sign-in of another browser or of another account. It was not used.",
        )
    if sign_in.expires_at <= timezone.now():
        raise Refused("sign_in_expired", "This sign-in was started too long ago to be finished.")
    if sign_in.outcome == SignIn.Outcome.DECLINED and not sign_in.claimed_at:
        raise Refused(
            "cancelled",
            "The run for this sign-in has been cancelled or deleted. The provider’s answer was not used.",
        )
    # One conditional UPDATE, so that of two answers at the same moment only one is accepted.
    claimed = SignIn.objects.under_way().filter(pk=sign_in.pk).update(claimed_at=timezone.now())
    transaction = transaction_of(owner, sign_in) if claimed else None
    if transaction is None:
        raise Refused(
            "already_used", "This answer has already been used. Each answer of a provider can be used only once."
        )
    vault.discard(sign_in.code)
    sign_in.refresh_from_db()
    return transaction


def sign_in_seen(sign_in: SignIn, address: str, user_agent: str) -> None:
    """Write down from where the answer came."""
    sign_in.address, sign_in.user_agent = address, user_agent[:256]
    sign_in.save(update_fields=["address", "user_agent"])


def sign_in_succeed(transaction: Transaction, artifact: Artifact) -> None:
    """The artifact goes into the vault for the run, the row says who signed in: unless the run was ended meanwhile."""
    sign_in = transaction.sign_in
    subject, issuer = _shown_subject(artifact.subject)[:512], artifact.issuer[:512]
    with atomic():
        if _finish(transaction, SignIn.Outcome.SUCCEEDED, subject=subject, issuer=issuer):
            artifact_keep(sign_in.owner, run_code=sign_in.run_code, artifact=artifact)


def sign_in_entered(transaction: Transaction, *, subject: str, issuer: str) -> bool:
    """The row says who signed in to an account of this site; nothing is kept of what came. False: it had ended."""
    fields = {"subject": _shown_subject(subject)[:512], "issuer": issuer[:512]}
    return _finish(transaction, SignIn.Outcome.SUCCEEDED, **fields)


def sign_in_fail(transaction: Transaction, error: SignInError, refused: Artifact | None = None) -> None:
    """The row says what went wrong, in the provider's own words where it had any.

    Args:
        refused: what came and was judged bad, where it surely answers this sign-in. It is kept apart for the run, whose
            owner may want to see what the identity pool says about it.
    """
    checks = [{name: storable(str(value)) for name, value in one.items()} for one in error.checks]
    code, message = storable(error.code)[:128], storable(str(error))
    sign_in = transaction.sign_in
    with atomic():
        ended = _finish(transaction, error.outcome, error_code=code, error_message=message, checks=checks)
        if ended and refused and sign_in.run_code and may_send_refused():
            refused_artifact_keep(sign_in.owner, run_code=sign_in.run_code, artifact=refused)


def sign_ins_abandon(found: SignInQuerySet) -> int:
    """End those of the given sign-ins that were left: as *Abandoned*, when their time was over; returns how many."""
    left = found.left()
    # Mostly there is none, and looking does not keep anybody else from writing.
    return left.update(outcome=SignIn.Outcome.ABANDONED, finished_at=F("expires_at")) if left.exists() else 0


def sign_ins_end(*, run_code: str) -> None:
    """The run is over, or gone: an answer that is still to come, or is being looked at, yields nothing any more."""
    for sign_in in SignIn.objects.filter(run_code=run_code, outcome=SignIn.Outcome.UNDER_WAY):
        sign_in_fail(Transaction(sign_in), Declined("cancelled", "The run for this sign-in has ended."))


def sign_ins_without_run(*, run_code: str) -> None:
    """The run is gone: what is kept of its sign-ins leads there no more."""
    SignIn.objects.filter(run_code=run_code).update(run_code="")


def sign_in_not_accepted(*, owner: Owner, provider: str, error: SignInError, address: str, user_agent: str) -> SignIn:
    """A row for an answer that belongs to no sign-in of this person: it is part of their history all the same."""
    sign_in = sign_in_open(owner=owner, provider=provider, run_code="", return_path="")
    sign_in_seen(sign_in, address, user_agent)
    sign_in_fail(Transaction(sign_in), error)
    return sign_in


def sign_ins_adopt(*, visitor: UUID, user_id: int) -> None:
    """Give an account the sign-ins of this browser from while nobody was signed in."""
    SignIn.objects.adopt(visitor=visitor, user_id=user_id)


def request_key(backend: str, name: str) -> str:
    """How an answer's row is found: a digest, so that the table does not hold the state itself."""
    return sha256(f"{backend}\0{name}".encode()).hexdigest()


def _shown_subject(subject: str) -> str:
    """As it is kept in the history: an e-mail address, as some SAML providers use, without most of its name."""
    name, at, domain = subject.rpartition("@")
    return subject if settings.KEEP_PERSONAL_CLAIMS or not at else f"{name[:1]}…@{domain}"


def _finish(transaction: Transaction, outcome: SignIn.Outcome, **fields: Any) -> bool:
    """Write how it ended. False when it had ended already, and then nothing is written."""
    sign_in = transaction.sign_in
    fields |= {"outcome": outcome, "finished_at": timezone.now()}
    vault.discard(sign_in.code)
    if not SignIn.objects.filter(pk=sign_in.pk, outcome=SignIn.Outcome.UNDER_WAY).update(**fields):
        return False
    for name, value in fields.items():
        setattr(sign_in, name, value)
    if transaction.transcript.calls and sign_in.run_code:
        vault.seal(
            sign_in.owner,
            reference=sign_in.run_code,
            purpose=TRANSCRIPT,
            content=transaction.transcript.to_json(),
            expires_at=timezone.now() + _TRANSCRIPT_LIFE,
        )
    return True
