"""Changing settings on `/admin/server`, as an operator's browser does."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.support.clients.html_form import sent_fields

PATH = "/admin/server"


def form_of(page: str) -> dict[str, str]:
    return {
        name: value
        for name, value in sent_fields(page)
        if name.removeprefix("seen-").removeprefix("reset-").isupper()
    }


def shown(client: Client) -> dict[str, str]:
    """The form as this operator sees it now."""
    answer = client.get(PATH)
    assert answer.status_code == 200
    return form_of(answer.content.decode())


def change(client: Client, form: dict[str, str] | None = None, **typed: str | None) -> Any:
    """Send the form with what was typed; None: a box that is not checked. The answer."""
    wanted = {**(shown(client) if form is None else form), **typed}
    return client.post(PATH, {name: text for name, text in wanted.items() if text is not None})
