"""The reference names every route, event and error there is."""

from __future__ import annotations

import re
from pathlib import Path

from builder.asgi import BESIDE_DJANGO
from core import errors
from runs.log.events import EVENTS
from tests.support.patterns import PACKAGES
from tests.support.routes import django_routes

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "api.md").read_text()


def codes() -> set[str]:
    """Every dotted error code that is in the source."""
    written = re.compile(r"""["']?code["']?\s*[:=]\s*["']([a-z_]+\.[a-z_]+)["']""")
    return {
        code
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for code in written.findall(path.read_text())
    }


# A list and a page for each model: the page says what they are.
GENERATED = "/admin/data/"


def test_every_django_route_is_named() -> None:
    routes = [re.sub(r"<\w+:(\w+)>", r"<\1>", route) for route in django_routes()]
    missing = [
        route
        for route in routes
        if route == GENERATED or not route.startswith(GENERATED)
        if f"{route}`" not in PAGE and f" {route} " not in PAGE
    ]
    assert missing == [], "docs/reference/api.md misses these"


def test_every_address_beside_django_is_named() -> None:
    documented = re.findall(r"`(?:GET|PUT|POST) (/\S+)`", PAGE)
    for route in BESIDE_DJANGO:
        filled = [re.sub(r"<\w+>", "x", path) for path in documented]
        assert any(route.pattern.match(path[1:]) for path in filled), route.pattern


def test_events_that_are_explained_are_those_there_are() -> None:
    events = PAGE.split("## Events")[1].split("## Errors")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", events, re.MULTILINE)) == set(EVENTS)


def test_every_kind_of_error_is_listed_with_its_numbers() -> None:
    for error in errors.AppError.__subclasses__():
        if error.__module__ != errors.__name__:
            continue
        row = next((line for line in PAGE.splitlines() if f"`{error.code}`" in line), "")
        assert f"| {error.status} |" in row, f"docs/reference/api.md misses {error.code}"
        assert str(error.number) in row


def test_every_error_code_is_explained() -> None:
    missing = [code for code in codes() if f"`{code}`" not in PAGE]
    assert missing == [], "docs/reference/api.md misses these error codes"
