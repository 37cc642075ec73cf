"""The WSGI application, for whichever server; cognitodemo/server.py is ours."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cognitodemo.settings")

from web.proxies import BehindProxies

application = BehindProxies(get_wsgi_application())
