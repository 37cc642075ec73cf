from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "Classes"

    def ready(self) -> None:
        from training import signals  # noqa: F401 - importing connects them
