"""What happens here when something happens elsewhere, and what others ask of this application by way of hooks."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import names
from accounts.models import User
from flows.exchange import own_accounts
from flows.models import Run
from flows.services import elsewhere, readers, veils
from flows.services.housekeeping import also_purge
from flows.signals import run_ended
from training.services.adoption import adopt
from training.services.belonging import run_take
from training.services.cli_calls import bring_in
from training.services.leaving import purge_classes
from training.services.looks import reader_in_class
from training.services.naming import classes_of, seated_like
from training.services.own_accounts import account_of_a_learner, own_accounts_of
from training.services.sandbox_accounts import purge_unused
from training.services.spoilers import veil_of_exercise

own_accounts.register(own_accounts_of)
also_purge("class with its people’s work", purge_classes)
also_purge("unused account of the sandbox", purge_unused)
own_accounts.register_finder(account_of_a_learner)
own_accounts.register_door("training:account")
readers.register(reader_in_class)
names.register(names.Groups(of=classes_of, like=seated_like))
elsewhere.register(bring_in)
veils.register(veil_of_exercise)


@receiver(user_logged_in)
def adopt_work(sender: type[User], request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """What this browser has outside of classes becomes the account's."""
    owner = getattr(request, "owner", None)
    if owner is not None:
        adopt(visitor=owner.visitor, user_id=user.pk)


@receiver(run_ended)
def take_run(sender: type[Run], run: Run, **kwargs: Any) -> None:
    """A run belongs to the exercise in whose environment it was made."""
    run_take(run)
