#!/usr/bin/env python3
"""Django's command-line entry point for Identity Pools Lab."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Identity Pools Lab needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cognitodemo.settings")
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except ModuleNotFoundError as missing:
        if missing.name != "django":
            raise
        sys.exit("Django is not installed here. Run `make demo`, or use `.venv/bin/python manage.py`.")
    except KeyboardInterrupt:
        # Ctrl-C, before the command could say what it means; 130 is what shells make of it.
        sys.exit(130)


if __name__ == "__main__":
    main()
