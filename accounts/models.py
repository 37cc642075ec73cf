"""People with an account in this application. What a provider says about a person is another thing: see providers."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """An account of this application. Signing in at an identity provider neither makes one nor enters one."""
