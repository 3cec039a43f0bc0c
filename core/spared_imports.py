"""Imports of libraries without the optional libraries that they would load.

Django REST framework and httpx import these where they are installed: for the browsable API, a
test client and httpx's command line; PyJWT, for signatures by pairs of keys, where ours have one
secret; Twisted, for TLS, which a proxy does here; Autobahn, for colors. That is 25 MB in every
process and a tenth of the time of a start.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from types import ModuleType

# Importing modules, each with what it does without.
OPTIONAL = {
    "rest_framework.compat": ("psycopg", "pygments", "requests", "yaml"),
    "httpx": ("click", "pygments", "rich"),
    "jwt": ("cryptography",),
}
# Autobahn always imports how clients of WAMP sign in, a protocol that isn't spoken here, and with
# it `cryptography`: 8 MB. An empty module has its place: nothing asks it for anything.
EMPTY_FOR_SERVERS = ("autobahn.wamp.auth",)
NOT_FOR_SERVERS = ("OpenSSL", "click", "service_identity")


def import_all() -> None:
    """Import the modules of OPTIONAL. Call it in the first `AppConfig.ready`."""
    for name, names in OPTIONAL.items():
        absent = hide(names)
        try:
            importlib.import_module(name)
        finally:
            for one in absent:
                del sys.modules[one]


def hide_for_servers() -> None:
    """Hide what no process of a server uses, for good."""
    hide(NOT_FOR_SERVERS)
    sys.modules.update({name: ModuleType(name) for name in EMPTY_FOR_SERVERS})


def hide(names: Iterable[str]) -> list[str]:
    """Have modules look as if they were not installed; returns those that are hidden now.

    What is loaded already stays what it is: psycopg, where Postgres is used.
    """
    absent = [name for name in names if name not in sys.modules]
    # So Python is told that there is no such module.
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    return absent
