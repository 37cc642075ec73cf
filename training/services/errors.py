"""Why something is not done in a class. The texts are meant for people."""


class Refused(Exception):
    """Something that cannot be done as things are."""


class NoSuchCode(Refused):
    """The code is nobody's, or not any more."""

    def __init__(self) -> None:
        super().__init__(
            "This code is not valid. Compare it with the screen in the room; a new one may have been made."
        )


class NotOpen(Refused):
    """The class takes nobody in now."""


class Full(Refused):
    """Every seat is taken."""

    def __init__(self, seats: int) -> None:
        taken = f"All {seats} seats of this class are" if seats > 1 else "The only seat of this class is"
        super().__init__(f"{taken} taken. Ask the trainer to add one.")


class NameTaken(Refused):
    """Somebody of that name is here already, perhaps the same person."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Somebody called {name} is in this class already.")
        self.name = name
