"""The reference names every route, event and error there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from builder.asgi import BESIDE_DJANGO
from core import errors
from runs.log.events import EVENTS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "api.md").read_text()
ROOMS = (
    "core",
    "accounts",
    "notices",
    "media",
    "tools",
    "templates_app",
    "runs",
    "creations",
    "comments",
    "moderation",
    "compose",
    "builder",
)


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> list[str]:
    """Addresses with their arguments as `<name>`."""
    found = []
    for pattern in patterns:
        path = prefix + re.sub(r"<\w+:(\w+)>", r"<\1>", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, path)
        else:
            found.append(path)
    return found


def codes() -> set[str]:
    """Every dotted error code that is in the source."""
    written = re.compile(r"""["']?code["']?\s*[:=]\s*["']([a-z_]+\.[a-z_]+)["']""")
    return {
        code
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for code in written.findall(path.read_text())
    }


# A list and a page for each model: the page says what they are.
GENERATED = "/admin/data/"
NAMED = [
    route
    for route in routes(get_resolver().url_patterns)
    if route == GENERATED or not route.startswith(GENERATED)
]


@pytest.mark.parametrize("route", NAMED)
def test_every_django_route_is_named(route: str) -> None:
    assert f"{route}`" in PAGE or f" {route} " in PAGE, f"docs/reference/api.md misses {route}"


def test_every_address_beside_django_is_named() -> None:
    documented = re.findall(r"`(?:GET|PUT|POST) (/\S+)`", PAGE)
    for route in BESIDE_DJANGO:
        filled = [re.sub(r"<\w+>", "x", path) for path in documented]
        assert any(route.pattern.match(path[1:]) for path in filled), route.pattern


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_is_explained(name: str) -> None:
    assert f"| `{name}` |" in PAGE, f"docs/reference/api.md misses the event {name}"


def test_every_event_that_is_explained_exists() -> None:
    events = PAGE.split("## Events")[1].split("## Errors")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", events, re.MULTILINE)) == set(EVENTS)


@pytest.mark.parametrize("error", errors.AppError.__subclasses__(), ids=lambda e: e.__name__)
def test_every_kind_of_error_is_listed_with_its_numbers(error: type[errors.AppError]) -> None:
    if error.__module__ != errors.__name__:
        return
    row = next((line for line in PAGE.splitlines() if f"`{error.code}`" in line), "")
    assert f"| {error.status} |" in row, f"docs/reference/api.md misses {error.code}"
    assert str(error.number) in row


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_error_code_is_explained(code: str) -> None:
    assert f"`{code}`" in PAGE, f"docs/reference/api.md misses the error code {code}"
