from django.apps import AppConfig


class CognitodemoConfig(AppConfig):
    name = "cognitodemo"
