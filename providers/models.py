"""Where Django looks for the tables of this app. A row of a sign-in stands with the rest of its life, in `sign_in`."""

from providers.sign_in.models import SignIn

__all__ = ["SignIn"]
