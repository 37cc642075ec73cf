"""A provider has one colour and one monogram, at the application as at its stand-in."""

import pytest

from appearance.colours import ink_on
from providers.registry import PROVIDERS
from providers.sign_in.provider import Provider
from sandbox.idp.stand_ins import STAND_INS


@pytest.mark.parametrize("slug", STAND_INS)
def test_stand_in_and_card_look_alike(slug: str) -> None:
    provider, stand_in = PROVIDERS[{"userpool": "user-pool"}.get(slug, slug)], STAND_INS[slug]
    assert (provider.colour, provider.initials) == (stand_in.colour, stand_in.monogram or stand_in.title[0])


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.key)
def test_what_stands_on_the_colour_can_be_read(provider: Provider) -> None:
    def luminance(colour: str) -> float:
        parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    colour = provider.colour
    low, high = sorted((luminance(colour), luminance(ink_on(colour))))
    assert (high + 0.05) / (low + 0.05) >= 4.5
