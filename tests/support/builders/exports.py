"""Exports of people's own work."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import AccountExport, User
from builder.account_exports.download import ExportDownloadApp
from builder.account_exports.making import PeriodicExports
from tests.support.clients.visitors import signed_in


def make_exports() -> None:
    """Do what workers do, until no export is left to be made."""
    task = PeriodicExports()
    while task() == 0:
        pass


def export_of(person: User) -> dict[str, bytes]:
    """Ask for an export and have it made. Returns what its zips hold: content by name."""
    client = signed_in(person)
    assert client.post("/me/export").status_code == 302
    make_exports()
    contents: dict[str, bytes] = {}
    cookie = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    for part in range(len(AccountExport.objects.get(person=person).parts)):
        scope = {"url_route": {"kwargs": {"part": part + 1}}}
        for file in ExportDownloadApp().contents(scope, cookie, "")[1]:
            content = file.content
            contents[file.name] = content if isinstance(content, bytes) else content.read_bytes()
    return contents


def account_data(person: User) -> dict[str, Any]:
    """Return what an export says of the account itself."""
    data: dict[str, Any] = json.loads(export_of(person)["account.json"])
    return data
