"""The fields that a browser without scripts sends of a page's forms, unchanged."""

from __future__ import annotations

from html.parser import HTMLParser

_CHOICES = ("checkbox", "radio")


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._area = self._select = ""
        self._text = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        name = values.get("name", "")
        if tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((values.get("value", ""), "selected" in values))
        elif tag == "input":
            is_choice = values.get("type") in _CHOICES
            if not is_choice or "checked" in values:
                self.fields.append((name, values.get("value", "on" if is_choice else "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            # HTML leaves a line break at its beginning out, and sends line ends as in mail.
            typed = self._text.removeprefix("\n")
            self.fields.append((self._area, typed.replace("\r\n", "\n").replace("\n", "\r\n")))
            self._area = ""
        elif tag == "select" and self._select:
            selection = [value for value, is_chosen in self._options if is_chosen]
            first = [value for value, _ in self._options[:1]]
            self.fields += [(self._select, value) for value in selection or first]
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data


def sent_fields(page: str) -> list[tuple[str, str]]:
    """Return name and value of each field, in the page's order."""
    fields = _Fields()
    fields.feed(page)
    return [field for field in fields.fields if field[0]]
