"""A single call that somebody composes: any operation of a few services, sent as nobody, with a run's credentials, or
as the administrator of one's own account.

What it answers can be used on: an identity, a token, credentials of such a run are those of any other run.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient
from django.conf import settings

from accounts.owners import Owner
from flows.exchange import clients
from flows.exchange.chosen_role import chosen_role_arn
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pools import Pool
from flows.models import Outcome, Run
from flows.services import run_secrets
from flows.services.by_hand import ADMINISTRATOR, SEND, by_hand
from flows.services.changes import administrator
from flows.services.errors import ChoiceRefused, CredentialsGone
from flows.services.runs import check_mode
from flows.services.user_pool_tokens import ACCESS_TOKEN, access_token_of, keep_sign_in, sign_in_of
from providers.sign_in.artifacts import artifact_for
from redaction.tokens import ARTIFACTS
from vault import services as vault

SERVICES = ("cognito-identity", "sts", "s3", "dynamodb", "ssm")
# At user pools people sign in with a password: on AWS that is no business of this server's.
_OF_SANDBOX = ("cognito-idp",)
NOBODY = "nobody"
_STEP = "call-by-hand"
_MOST_RUNS = 10  # of which one call takes something
_LATEST = 30  # runs whose tokens and IDs are offered
# The sandbox has pages beside its API, and some of them trust this machine: what is composed here goes to buckets only.
_BUCKET = re.compile(r"(?!idp$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REFERENCE = re.compile(r"@(?P<run>\d{1,12})\.(?P<what>identity|token|login|logins|access|role|key)")
# What is no secret can be a part of a text, such as the identity ID that a key begins with.
_PART = re.compile(r"(?<![\w.@])@(?P<run>\d{1,12})\.(?P<what>identity|role|key)(?!\w)")


@dataclass(frozen=True, slots=True)
class Offer:
    """Something of an earlier run that can be put into a call.

    Attributes:
        reference: what is written in its place: `@12.token`.
        value: what it stands for, where that is no secret.
    """

    reference: str
    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class SenderChoice:
    """Who can send.

    Attributes:
        key: `nobody`, `administrator` or a run's number.
        of_pool: whether it is a run in the pool that is called.
    """

    key: str
    label: str
    of_pool: bool = False


def services_here() -> tuple[str, ...]:
    """The services whose operations can be sent: more in the sandbox than on AWS."""
    return (*SERVICES, *_OF_SANDBOX) if settings.APP_MODE == "sandbox" else SERVICES


def senders_for(owner: Owner, pool: Pool, *, with_administrator: bool) -> list[SenderChoice]:
    """Who can send a call into this pool's account, nobody first."""
    found = [SenderChoice(NOBODY, "Nobody: unsigned")]
    runs = _latest(owner)
    held = _held(owner, runs)
    for run in runs:
        if (run.code, "credentials") in held and run.outcome == Outcome.SUCCEEDED:
            label = f"Run {run.short_code}: {_role_of(run)}"
            found.append(SenderChoice(str(run.pk), label, run.pool_key == pool.key))
    if with_administrator:
        found.append(SenderChoice(ADMINISTRATOR, "The administrator of your account"))
    return found


def offers_for(owner: Owner) -> list[Offer]:
    """Tokens and IDs of the person's latest runs, while they last."""
    runs = _latest(owner)
    held = _held(owner, runs)
    found = []
    for run in runs:
        number, name = run.pk, f"run {run.short_code}"
        if run.identity_id:
            found.append(Offer(f"@{number}.identity", f"Identity ID of {name}", run.identity_id))
        if (run.code, "open_id_token") in held:
            found.append(Offer(f"@{number}.token", f"OpenID token of {name}"))
        if (run.code, "artifact") in held:
            found.append(Offer(f"@{number}.logins", f"Logins of {name}: provider and token"))
            found.append(Offer(f"@{number}.login", f"What the provider gave in {name}"))
        if (run.code, ACCESS_TOKEN) in held:
            found.append(Offer(f"@{number}.access", f"Access token of {name}: for the user pool"))
        if run.role_arn:
            found.append(Offer(f"@{number}.role", f"Role of {name}", run.role_arn))
        if run.access_key_id:
            found.append(Offer(f"@{number}.key", f"Access key ID of {name}", run.access_key_id))
    return found


def call_send(*, owner: Owner, pool: Pool, sender: str, service: str, operation: str, params: Mapping[str, Any]) -> Run:
    """Send one call and record it as a run of its own.

    Args:
        sender: a key of `senders_for`.
        params: of the operation; texts such as `@12.token` stand for what a run of this person yielded, and
            `@12.identity` as well within a text.

    Raises:
        ChoiceRefused: there is no such sender, service or thing of a run.
        CredentialsGone: the sender's credentials have expired.
        OtherMode: the sender's run was made in the other mode.
    """
    if service not in services_here():
        raise ChoiceRefused("Choose one of the services.")
    given = _OfRuns(owner)
    sent = given.put_into(params)
    _check_bucket(service, sent)
    client, access, secrets, name = _client(owner, pool, sender, service)
    words = {"service": service, "operation": operation, "sender": name, "title": f"{operation}, sent by {name}"}
    with by_hand(owner=owner, pool=pool, flow=SEND, access=access, parameters=words) as hand:
        redactor = hand.journal.redactor
        for secret, kind in {**given.secrets, **secrets}.items():
            redactor.know(secret, kind)
        answer = hand.send(client, operation, sent, step=_STEP)
        if hand.end(Outcome.SUCCEEDED, **_yielded(sent, answer, hand.decisions)):
            _keep(hand.run, answer)
    return hand.run


def _check_bucket(service: str, sent: Mapping[str, Any]) -> None:
    """Access points are at hosts of AWS's, which no call of the sandbox's may reach."""
    if service != "s3" or settings.APP_MODE != "sandbox" or "Bucket" not in sent:
        return
    if not _BUCKET.fullmatch(str(sent["Bucket"])):
        raise ChoiceRefused("A bucket name has 3 to 63 lower-case letters, digits, dots and hyphens here.")


# --- Whose signature --------------------------------------------------------------------------------------------------


def _client(owner: Owner, pool: Pool, sender: str, service: str) -> tuple[BaseClient, str, dict[str, str], str]:
    """The client, the kind of access, the secrets it signs with, and what the sender is called."""
    if sender == NOBODY:
        return clients.anonymous_client(service, pool.region, pool.account_id), "guest", {}, "nobody"
    if sender == ADMINISTRATOR:
        if settings.APP_MODE != "sandbox":
            raise ChoiceRefused("On AWS a call is unsigned, or signed with a run’s credentials.")
        credentials = administrator(owner, pool)
        return (
            clients.client_for(service, pool.region, credentials, pool.account_id),
            ADMINISTRATOR,
            _secrets(credentials),
            "administrator",
        )
    run = _own_run(owner, sender)
    check_mode(run)
    kept = run_secrets.credentials_of(run) if run.outcome == Outcome.SUCCEEDED else None
    if kept is None:
        raise CredentialsGone
    access = run.access if run.access != ADMINISTRATOR else "authenticated"
    return (
        clients.client_for(service, pool.region, kept, run.account_id),
        access,
        _secrets(kept),
        f"run {run.short_code}",
    )


def _secrets(credentials: TemporaryCredentials) -> dict[str, str]:
    found = {credentials.secret_access_key: "secret key", credentials.session_token: "session token"}
    return {secret: kind for secret, kind in found.items() if secret}


def _role_of(run: Run) -> str:
    return run.role or ("a guest’s role" if run.access == "guest" else "the role of who signed in")


# --- What of a run is put in ------------------------------------------------------------------------------------------


class _OfRuns:
    """What one call takes of runs. Each run is looked up once, and no more than a few: a text has room for thousands.

    Attributes:
        secrets: those that were put in, with their kind.
    """

    def __init__(self, owner: Owner) -> None:
        self.secrets: dict[str, str] = {}
        self._owner = owner
        self._runs: dict[str, Run] = {}

    def put_into(self, value: Any) -> Any:
        """The parameters with each reference replaced.

        Raises:
            ChoiceRefused: there is no such run, or nothing like that of it; or they name too many.
        """
        if isinstance(value, Mapping):
            return {name: self.put_into(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.put_into(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if found := _REFERENCE.fullmatch(value):
            return self._of(found)
        return _PART.sub(lambda part: str(self._of(part)), value)

    def _of(self, reference: re.Match[str]) -> Any:
        number = reference["run"]
        if number not in self._runs:
            if len(self._runs) >= _MOST_RUNS:
                raise ChoiceRefused(f"A call takes values of {_MOST_RUNS} runs at most.")
            self._runs[number] = _own_run(self._owner, number)
        return _of_run(self._owner, self._runs[number], reference["what"], self.secrets)


def _of_run(owner: Owner, run: Run, what: str, known: dict[str, str]) -> Any:
    plain = {"identity": run.identity_id, "role": run.role_arn, "key": run.access_key_id}
    if what in plain:
        if not plain[what]:
            raise ChoiceRefused(f"Run {run.short_code} has no {what}.")
        return plain[what]
    if what == "token":
        content = vault.unseal(owner, reference=run.code, purpose="open_id_token")
        if content is None:
            raise ChoiceRefused(f"The OpenID token of run {run.short_code} has expired, or there was none.")
        token = str(content["token"])
        known[token] = "OpenID token"
        return token
    if what == "access":
        held = access_token_of(owner, run)
        if held is None:
            raise ChoiceRefused(f"The access token of run {run.short_code} has expired, or there was none.")
        known[held] = ARTIFACTS["access_token"]
        return held
    artifact = artifact_for(owner=owner, run_code=run.code)
    if artifact is None:
        raise ChoiceRefused(f"The sign-in of run {run.short_code} has expired, or there was none.")
    if artifact.kind in ARTIFACTS:
        known[artifact.value] = ARTIFACTS[artifact.kind]
    return artifact.logins if what == "logins" else artifact.value


def _own_run(owner: Owner, number: str) -> Run:
    run = Run.objects.owned_by(owner).filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if run is None:
        raise ChoiceRefused(f"There is no run {number[:9]} of yours.")
    return run


def _latest(owner: Owner) -> Sequence[Run]:
    return list(Run.objects.owned_by(owner).by_people().filter(mode=settings.APP_MODE)[:_LATEST])


def _held(owner: Owner, runs: Sequence[Run]) -> set[tuple[str, str]]:
    return vault.held(owner, references=[run.code for run in runs])


# --- What came of it --------------------------------------------------------------------------------------------------


def _yielded(
    sent: Mapping[str, Any], answer: Mapping[str, Any], decisions: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The fields of the run that the answer fills."""
    fields: dict[str, Any] = {}
    identity = answer.get("IdentityId", sent.get("IdentityId"))
    if isinstance(identity, str):
        fields["identity_id"] = identity[:64]
    role = sent.get("RoleArn", sent.get("CustomRoleArn")) or chosen_role_arn(decisions)
    if isinstance(role, str):
        fields["role_arn"] = role[:2048]
    assumed = answer.get("AssumedRoleUser")
    if isinstance(assumed, Mapping) and isinstance(assumed.get("Arn"), str):
        fields["assumed_role_arn"] = assumed["Arn"][:2048]
    if (credentials := _credentials(answer)) is not None:
        fields |= {"access_key_id": credentials.access_key_id, "credentials_expire_at": credentials.expiration}
    return fields


def _keep(run: Run, answer: Mapping[str, Any]) -> None:
    """Seal what further calls can use."""
    if isinstance(token := answer.get("Token"), str) and token and "IdentityId" in answer:
        run_secrets.keep_token(run, token)
    if (credentials := _credentials(answer)) is not None:
        run_secrets.keep_credentials(run, credentials)
    if (signed_in := sign_in_of(answer)) is not None:
        keep_sign_in(run, signed_in)


def _credentials(answer: Mapping[str, Any]) -> TemporaryCredentials | None:
    try:
        return TemporaryCredentials.from_answer(answer)
    except (KeyError, TypeError):
        return None
