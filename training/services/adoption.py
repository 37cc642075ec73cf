"""What a browser did while nobody was signed in, once somebody is."""

from uuid import UUID

from django.db import transaction

from training.models import Attempt, SandboxAccount
from training.services.sandbox_accounts import retire


def adopt(*, visitor: UUID, user_id: int) -> None:
    """Give an account the browser's own sandbox accounts and attempts, where it has none of its own.

    Somebody who has both keeps the account's: what the browser had is removed, since nobody could enter it any more.
    """
    browsers = SandboxAccount.objects.filter(user=None, visitor=visitor)
    attempts = Attempt.objects.filter(user=None, visitor=visitor)
    if not browsers.exists() and not attempts.exists():
        return
    with transaction.atomic():
        if SandboxAccount.objects.filter(user_id=user_id).exists():
            attempts.delete()
            retire(browsers)
        else:
            Attempt.objects.filter(user_id=user_id, membership=None).delete()
            attempts.update(user_id=user_id, visitor=None)
            browsers.update(user_id=user_id, visitor=None)
