"""When somebody was seen last, as trainers read it."""

from datetime import timedelta

from django.utils import timezone

from training.models import Membership

_EVERY = timedelta(minutes=1)


def seen(member: Membership | None) -> None:
    """This person has opened a page just now; written down once a minute at most.

    A time that is still to come is of a clock that has been set right since.
    """
    now = timezone.now()
    if member is not None and (member.last_seen_at is None or abs(now - member.last_seen_at) > _EVERY):
        Membership.objects.filter(pk=member.pk).update(last_seen_at=now)
        member.last_seen_at = now
