"""`python -m tests.bench.asked_pages USERNAME ADDRESS…` counts what pages ask the database.

Asked here, signed in as that person. It prints JSON: the cookie of the session, and for each
address how many queries it made and their milliseconds; each was asked once before.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def count(username: str, addresses: list[str]) -> dict[str, Any]:
    """The session of a person, and what each page asks."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get(username=username))
    pages = {}
    for address in addresses:
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        took_s = sum(float(query["time"]) for query in found.captured_queries)
        pages[address] = (len(found), took_s * 1000)
    name = settings.SESSION_COOKIE_NAME
    return {"cookie": f"{name}={client.cookies[name].value}", "pages": pages}


if __name__ == "__main__":
    import django

    django.setup()
    json.dump(count(sys.argv[1], sys.argv[2:]), sys.stdout)
