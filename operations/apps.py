from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"

    def ready(self) -> None:
        from flows.exchange import own_accounts
        from operations.imported_accounts import imported_accounts_of

        own_accounts.register(imported_accounts_of)
