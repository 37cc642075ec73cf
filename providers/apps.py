from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        """pysaml2 would start a program for every signature; this has to be in place before it builds a client."""
        from providers import checks  # noqa: F401  # registers them
        from providers.company import checks as of_company  # noqa: F401
        from samlcrypto import backend

        backend.install()
