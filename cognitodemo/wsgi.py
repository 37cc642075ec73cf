"""The WSGI application, for whichever server; cognitodemo/server.py is ours."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cognitodemo.settings")

from django.conf import settings

from cognitodemo.backups import serving
from web.proxies import BehindProxies

serving.hold(settings.DATA_DIR)  # whichever server this is: nothing is restored under it

application = BehindProxies(get_wsgi_application())
