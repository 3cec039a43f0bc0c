"""A copy, in every process of the server, of what operators set up on the page for providers.

A thread of each web process and each worker looks at the tables every LOOK_S seconds, so that work
itself asks for nothing: three small queries, however much is at work. What this process changes
holds here at once.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, Max
from pydantic import SecretStr

from core import database, encrypted_fields, outages
from core.database import close_connections, drop_broken_connections
from tools import registry
from tools.configuration import NO_ONE, SetUp
from tools.models import ProviderAccess, ProviderPerson, Service

logger = logging.getLogger(__name__)

# With the time that reading takes, a change holds everywhere within 5 s.
LOOK_S = 2.0
CANNOT_OPEN = "its key can't be decrypted with this server's secret key. Type the key again."

_lock = threading.Lock()
_last_version: Hashable = None


def refresh() -> bool:
    """Read the tables if they changed since this process last did. False: they have not.

    Raises DatabaseError, also where there are no such tables yet.
    """
    global _last_version
    with _lock:
        # Before they are read: what changes in between is read again with the next look.
        version = _version()
        if version == _last_version:
            return False
        registry.use(_load())
        _last_version = version
        return True


def forget() -> None:
    """Go on as if nothing were set up there, until the next look; for tests."""
    global _last_version
    with _lock:
        _last_version = None
        registry.use(SetUp())


def try_to_refresh() -> bool:
    """Refresh for commands and starts, which do what they can without a database. Return whether
    the database was there."""
    try:
        if database.exists():
            refresh()
            return True
    except DatabaseError:
        pass
    if _last_version is None:
        registry.use(SetUp(is_unknown=True))
    return False


def watch() -> None:
    """Look now, so that the first work finds what is set up, and keep looking in a thread."""
    _look()
    threading.Thread(target=_keep_looking, name="providers", daemon=True).start()


def seal(service: str, secrets: Mapping[str, str]) -> bytes | None:
    """The secrets of a service, by their fields, as its row keeps them; None for none."""
    if not secrets:
        return None
    return encrypted_fields.seal(json.dumps(secrets), purpose=_purpose(service))


def secrets_of(row: Service) -> dict[str, str]:
    """The secrets of a service by their fields. Raises sealed.CannotOpen."""
    if row.key_encrypted is None:
        return {}
    try:
        secrets = json.loads(encrypted_fields.unseal(row.key_encrypted, purpose=_purpose(row.name)))
    except encrypted_fields.CannotOpen:
        # Earlier releases sealed the key alone, for a purpose of its own: a key may be JSON, too.
        return {"key": encrypted_fields.unseal(row.key_encrypted, purpose=f"service:{row.name}")}
    return {str(name): str(text) for name, text in secrets.items()}


def _purpose(service: str) -> str:
    """Return the purpose for which a service's secrets are sealed, see `core.encrypted_fields`."""
    return f"service secrets:{service}"


def _keep_looking() -> None:
    while True:
        time.sleep(LOOK_S)
        _look()


def _look() -> None:
    try:
        drop_broken_connections()
        if refresh():
            logger.info("providers were set up again")
    except Exception as problem:
        if not outages.kind_of(problem):
            logger.exception("what is set up for providers could not be read")
        close_connections()


def _version() -> Hashable:
    """Differs after every change. Ids of people's rows only grow, so equal counts and equal last
    ids are equal rows."""
    return (
        tuple(Service.objects.order_by("name").values_list("name", "changed_at", "is_on")),
        tuple(ProviderAccess.objects.order_by("provider").values_list("provider", "only_chosen")),
        tuple(ProviderPerson.objects.aggregate(Count("id"), Max("id")).values()),
    )


def _load() -> SetUp:
    services: dict[str, dict[str, Any]] = {}
    problems: dict[str, str] = {}
    off = set()
    for row in Service.objects.order_by("name"):
        if not row.is_on:
            off.add(row.name)
        try:
            services[row.name] = table_of(row)
        except encrypted_fields.CannotOpen:
            problems[row.name] = CANNOT_OPEN
    chosen: dict[str, set[int]] = defaultdict(set)
    for access in ProviderAccess.objects.filter(only_chosen=True):
        chosen[access.provider] = set()
    for provider, person in ProviderPerson.objects.filter(provider__in=chosen).values_list(
        "provider", "person_id"
    ):
        chosen[provider].add(person)
    return SetUp(
        services,
        frozenset(off) or NO_ONE,
        {provider: frozenset(people) for provider, people in chosen.items()},
        problems,
    )


def table_of(row: Service) -> dict[str, Any]:
    """A row as a table of REELGRAPH_PROVIDERS_FILE. Raises sealed.CannotOpen."""
    secrets = {name: SecretStr(text) for name, text in secrets_of(row).items()}
    return {**row.options, **secrets, "kind": row.kind}
