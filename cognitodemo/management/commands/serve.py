"""`manage.py serve`: the web application alone, for instance with APP_MODE=aws."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections

from cognitodemo.backups import serving
from cognitodemo.server import is_taken, serve
from training.services.pinned import check_pinned_classes


class Command(BaseCommand):
    help = "Serve the web application on WEB_HOST and WEB_PORT until Ctrl-C, with WEB_WORKERS processes."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = settings.WEB_HOST, settings.WEB_PORT
        if is_taken(host, port):
            raise CommandError(f"Port {port} of {host} is taken. Stop what uses it, or set WEB_PORT.")
        try:
            serving.hold(settings.DATA_DIR)
        except serving.Busy as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(f"Identity Pools Lab on {host}, port {port}, for {settings.PUBLIC_URL}. Ctrl-C stops it.")
        self.stdout.flush()
        for message in check_pinned_classes(None, databases=[DEFAULT_DB_ALIAS]):
            self.stderr.write(str(message))
        connections.close_all()  # a connection to the database is not shared with a forked process
        serve(host, port, settings.WEB_WORKERS)
        self.stdout.write("Stopped.")
