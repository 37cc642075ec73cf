"""Filters of the pages of a class."""

from django import template

from training.services.titles import title_of

register = template.Library()


@register.filter
def exercise_title(exercise: str) -> str:
    """What an exercise is called."""
    return title_of(exercise)
