"""Changing settings on `/admin/server`, as an operator's browser does."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

PATH = "/admin/server"


class _Form(HTMLParser):
    """What a browser would send of the page's form, unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        name = found.get("name", "")
        if tag == "textarea":
            self._area, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in found:
            self.fields[self._select] = found["value"]
        elif tag == "input" and (found.get("type") != "checkbox" or "checked" in found):
            self.fields[name] = found.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # HTML leaves a line break at its beginning out.
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data


def form_of(page: str) -> dict[str, str]:
    form = _Form()
    form.feed(page)
    return {
        name: value
        for name, value in form.fields.items()
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
