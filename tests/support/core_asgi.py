"""The addresses of tests/support/core_urls.py behind a real server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.core_settings")

from django.core.asgi import get_asgi_application

from core.asgi import Legible

application = Legible(get_asgi_application())
