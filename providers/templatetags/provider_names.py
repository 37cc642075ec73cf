"""Names of providers in templates."""

from django import template

from providers.registry import PROVIDERS

register = template.Library()


@register.filter
def provider_label(key: str) -> str:
    """The provider's name, or its key when it is no longer registered."""
    known = PROVIDERS.get(key)
    return known.label if known else key
