"""A run's secrets between two requests: the context that its next step needs, and the credentials that came of it."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from flows.exchange.context import Context, TemporaryCredentials
from flows.exchange.steps import FLOWS
from flows.models import Run
from flows.services.errors import SecretGone, SignInNeeded
from providers.sign_in.artifacts import Artifact, artifact_for, refused_artifact_for
from providers.sign_in.times import moment
from redaction import tokens
from vault import services as vault

_LINKED = "linked_login"
_AT_ONCE = 500
_NO_LONGER = timedelta(days=1)  # the vault keeps things an hour, and a run that waits may be older
_TOKEN_LIFE = timedelta(minutes=10)  # of an OpenID token that does not say itself


def keep_token(run: Run, token: str) -> None:
    """The OpenID token, until it expires by its own word."""
    vault.seal_all(run.owner, run.code, [_token_to_keep(token)])


def keep_credentials(run: Run, credentials: TemporaryCredentials) -> None:
    keep_result(run, credentials)


def keep_result(run: Run, credentials: TemporaryCredentials, token: str = "") -> None:
    """The credentials, and the OpenID token that led to them, if one did."""
    kept = [vault.Secret("credentials", credentials.to_json(), credentials.expiration)]
    vault.seal_all(run.owner, run.code, [*kept, _token_to_keep(token)] if token else kept)


def _token_to_keep(token: str) -> vault.Secret:
    read = tokens.decode(token)
    until = (moment(read.claims.get("exp")) if read else None) or timezone.now() + _TOKEN_LIFE
    return vault.Secret("open_id_token", {"token": token}, until)


def keep_linked_login(run: Run, artifact: Artifact) -> None:
    """The login that proves the identity to which the run links its own."""
    vault.seal(
        run.owner,
        reference=run.code,
        purpose=_LINKED,
        content=artifact.logins,
        expires_at=artifact.expires_at,
    )


def forget_account(account_id: str) -> None:
    """Forget what runs in an account were given that has been emptied: nothing of it opens anything any more."""
    recent = Run.objects.filter(account_id=account_id, created_at__gt=timezone.now() - _NO_LONGER)
    codes = list(recent.order_by().values_list("code", flat=True))
    for start in range(0, len(codes), _AT_ONCE):  # a database takes so many values in a statement, and no more
        vault.discard(*codes[start : start + _AT_ONCE])


def credentials_of(run: Run) -> TemporaryCredentials | None:
    content = vault.unseal(run.owner, reference=run.code, purpose="credentials")
    return TemporaryCredentials.from_json(content) if content else None


def context_of(run: Run, overrides: Mapping[str, str] | None = None) -> Context:
    """Where the run stands: what its row says, with the secret that its next call needs.

    Raises:
        SignInNeeded, SecretGone: it is not there, or has expired. Without it the call would be another one, a guest's
            for instance.
    """
    needs = FLOWS[run.flow].steps[run.position].needs
    logins = _logins(run) if run.access != "guest" and needs == "logins" else {}
    token = _token(run) if needs == "open_id_token" else ""
    return Context(
        pool_id=run.pool_id,
        account_id=run.account_id,
        default_role_arn=run.role_arn,
        logins=logins,
        parameters={**run.parameters, **(overrides or {})},
        identity_id=run.identity_id,
        open_id_token=token,
    )


def _logins(run: Run) -> dict[str, str]:
    find = refused_artifact_for if run.refused_here else artifact_for
    artifact = find(owner=run.owner, run_code=run.code)
    if artifact is None:
        raise SignInNeeded
    linked = vault.unseal(run.owner, reference=run.code, purpose=_LINKED) if run.links_id else None
    return {**(linked or {}), **artifact.logins}


def _token(run: Run) -> str:
    content = vault.unseal(run.owner, reference=run.code, purpose="open_id_token")
    if content is None:
        raise SecretGone("OpenID token")
    return str(content["token"])
