"""A class of rows made by hand: what is tested with it is how it is read and changed, not how people join."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from accounts.models import User
from training.models import (
    Assignment,
    Attempt,
    AttemptState,
    Cohort,
    Membership,
    Role,
    SeatName,
)
from training.services import codes

__all__ = ["AnonymousUser", "a_class", "client_of", "learners_of"]


def a_class(
    trainer: User, *, learners: int = 3, exercises: int = 3, name: str = "Oslo, Monday", state: str = "open"
) -> Cohort:
    """A class with its learners, each of whom is at some exercise."""
    cohort = Cohort.objects.create(name=name, seats=max(learners, 1), created_by=trainer, state=state)
    cohort.join_digest = codes.join_digest(codes.join_code(cohort))
    cohort.save()
    Membership.objects.create(cohort=cohort, user=trainer, role=Role.TRAINER, display_name="Tora")
    users = User.objects.bulk_create(
        User(username=f"{cohort.public_id}-{number}", password="!") for number in range(1, learners + 1)
    )
    members = Membership.objects.bulk_create(
        Membership(cohort=cohort, user=user, seat=number, display_name=f"Blue Heron {number}")
        for number, user in enumerate(users, 1)
    )
    SeatName.objects.bulk_create(SeatName(membership=member, name=member.display_name) for member in members)
    assignments = Assignment.objects.bulk_create(
        Assignment(cohort=cohort, exercise=f"exercise-{number}", position=number) for number in range(exercises)
    )
    now = timezone.now()
    Attempt.objects.bulk_create(
        Attempt(
            membership=member,
            user_id=member.user_id,
            assignment=assignment,
            exercise=assignment.exercise,
            state=AttemptState.WORKING if (member.seat or 0) % 2 else AttemptState.SOLVED,
            checks_passed=2,
            checks_total=6,
            last_progress_at=now - timedelta(minutes=member.seat or 0),
            last_refusal="Logins missing: treated as a guest",
        )
        for member in members
        for assignment in assignments[: (member.seat or 0) % (exercises + 1)]
    )
    return cohort


def learners_of(cohort: Cohort) -> list[Membership]:
    return list(cohort.memberships.filter(role=Role.LEARNER).order_by("seat"))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
