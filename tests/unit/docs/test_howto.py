"""The guides name what there is: reasons to wait, bodies that are JSON, pages that exist."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from runs import states
from tests.support.program import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
INTEGRATE = (ROOT / "docs" / "howto" / "integrate.md").read_text()


def test_who_integrates_learns_what_to_do_about_a_wait() -> None:
    missing = [reason for reason in states.WAITING_REASONS if f"`{reason}`" not in INTEGRATE]
    assert missing == [], "docs/howto/integrate.md misses these"


def test_bodies_of_the_guide_are_json() -> None:
    bodies = re.findall(r"-d '(\{.*?\})'\n", INTEGRATE, re.DOTALL)
    assert len(bodies) == 10
    for body in bodies:
        json.loads(body)


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "examples").iterdir()), ids=str)
def test_programs_of_the_guide_are_the_examples_that_are_run(path: Path) -> None:
    """tests/storms/test_examples_of_the_guide.py runs them."""
    blocks = re.findall(r"```(?:python|js)\n(.*?)```", INTEGRATE, re.DOTALL)
    assert path.read_text() in blocks


def parts_of(page: Path) -> set[str]:
    """What a link may name behind its #, as GitHub makes it of headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_between_pages_lead_somewhere() -> None:
    parts = cache(parts_of)
    for page in PAGES:
        for target, part in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
            found = (page.parent / target).resolve() if target else page
            assert found.exists(), f"{page.name} links to {target}, which is not there"
            known = parts(found) if part else {""}
            assert part in known, f"{page.name} links to {target}#{part}; there are {sorted(known)}"


def test_every_picture_is_shown_by_a_page() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    shots = [shot.name for shot in (ROOT / "docs" / "shots").iterdir()]
    assert [name for name in shots if f"shots/{name}" not in text] == [], "delete or show these"
