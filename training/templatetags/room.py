"""Filters of the pages of a class."""

from collections.abc import Iterable

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from training.models import Broadcast, HelpRequest, Membership
from training.services.news import said_to
from training.services.said import said_with_link
from training.services.titles import title_of

register = template.Library()


@register.filter
def exercise_title(exercise: str) -> str:
    """What an exercise is called."""
    return title_of(exercise)


@register.filter
def said(broadcast: Broadcast, public_id: str) -> SafeString:
    """What is said to a class, with a link to the run that it points at."""
    return said_with_link(broadcast, reverse("training:said_run", args=[public_id, broadcast.pk]))


@register.simple_tag(takes_context=True)
def said_to_class(context: Context, public_id: str) -> Broadcast | None:
    """What is being said in that class, to whoever is in it: one query."""
    user = context["request"].user
    return said_to(user.pk, public_id) if user.is_authenticated else None


@register.filter
def taker(request: HelpRequest, trainers: Iterable[Membership]) -> str:
    """The name of the trainer who has taken a request for help."""
    names = (trainer.shown_name for trainer in trainers if trainer.user_id == request.taken_by_id)
    return next(names, "somebody who has left")
