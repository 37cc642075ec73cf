"""Names of providers in templates."""

from django import template

from providers.registry import in_a_sentence, provider_called

register = template.Library()
register.filter("provider_in_a_sentence", in_a_sentence)


@register.filter
def provider_label(key: str) -> str:
    """The provider's name, or its key when it is no longer registered."""
    known = provider_called(key)
    return known.label if known else key
