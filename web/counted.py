"""How many there are, in words."""


def counted(number: int, what: str) -> str:
    """`1 run`, `2 runs`: for what has its plural by an s."""
    return f"{number} {what}{'' if number == 1 else 's'}"
