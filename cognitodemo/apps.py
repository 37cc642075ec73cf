from django.apps import AppConfig


class CognitodemoConfig(AppConfig):
    name = "cognitodemo"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - importing registers them
