"""Names for people who need not say theirs: `Blue Heron`."""

import random
from collections.abc import Iterable

_COLOURS = (
    *("Amber", "Blue", "Bronze", "Coral", "Crimson", "Golden", "Green", "Grey", "Indigo", "Ivory", "Jade", "Lilac"),
    *("Olive", "Orange", "Pearl", "Plum", "Red", "Rose", "Ruby", "Silver", "Teal", "Umber", "Violet", "White"),
)
_BIRDS = (
    *(
        "Avocet",
        "Bittern",
        "Crane",
        "Curlew",
        "Dipper",
        "Eagle",
        "Falcon",
        "Finch",
        "Gannet",
        "Grebe",
        "Heron",
        "Hoopoe",
    ),
    *("Ibis", "Jay", "Kestrel", "Kite", "Lark", "Linnet", "Martin", "Osprey", "Owl", "Plover", "Puffin", "Raven"),
    *("Robin", "Rook", "Siskin", "Stork", "Swallow", "Swift", "Tern", "Thrush", "Wagtail", "Warbler", "Wren"),
)


def new_pseudonym(taken: Iterable[str]) -> str:
    """One that is not taken; there are more than anybody has seats."""
    free = {f"{colour} {bird}" for colour in _COLOURS for bird in _BIRDS}.difference(taken)
    return random.choice(sorted(free))  # noqa: S311 - a name is no secret
