"""Colours and buttons: one definition for the application, its admin and the stand-ins of the sandbox."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
STYLESHEETS = tuple(STATIC / "css" / name for name in ("palette.css", "buttons.css"))
