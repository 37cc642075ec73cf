#!/usr/bin/env python3
"""Django's command-line entry point for Identity Pools Lab."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Identity Pools Lab needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cognitodemo.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        sys.exit("Django is not installed here. Run `make demo`, or use `.venv/bin/python manage.py`.")
    except KeyboardInterrupt:
        sys.exit(130)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"A setting does not fit: {problem}")
    except KeyboardInterrupt:
        # Ctrl-C before the command could say what it means by it; 130 is what a shell makes of that.
        sys.exit(130)


if __name__ == "__main__":
    main()
