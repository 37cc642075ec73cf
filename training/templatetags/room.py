"""Filters of the pages of a class."""

from collections.abc import Iterable

from django import template

from training.models import HelpRequest, Membership
from training.services.titles import title_of

register = template.Library()


@register.filter
def exercise_title(exercise: str) -> str:
    """What an exercise is called."""
    return title_of(exercise)


@register.filter
def taker(request: HelpRequest, trainers: Iterable[Membership]) -> str:
    """The name of the trainer who has taken a request for help."""
    names = (trainer.shown_name for trainer in trainers if trainer.user_id == request.taken_by_id)
    return next(names, "somebody who has left")
