"""`{% load reelgraph %}`: small pictures and figures, the same on every page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError

from accounts import avatars
from builder.templatetags import reelgraph
from core import clock

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
ICON_USES = re.compile(r"""{%\s*icon\s+["']([a-z0-9-]+)["']""")


def rendered(source: str, **context: Any) -> str:
    return Template("{% load reelgraph %}" + source).render(Context(context))


def test_an_icon_is_drawn_in_place_and_passed_over_by_screen_readers() -> None:
    drawn = rendered('{% icon "play" "i-14 i-fill" %}')
    assert drawn.startswith('<svg class="i i-14 i-fill" viewBox="0 0 24 24" aria-hidden="true"><p')
    assert drawn.endswith("</svg>")
    assert "style=" not in drawn


def test_an_icon_with_a_label_speaks() -> None:
    drawn = rendered('{% icon "x" label=words %}', words='Close "it"')
    assert 'role="img" aria-label="Close &quot;it&quot;"' in drawn


@pytest.mark.parametrize("name", ["no-such-icon", "../../manage", "", "Play"])
def test_an_icon_that_is_not_there_says_how_to_add_it(name: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="static/icons"):
        rendered("{% icon name %}", name=name)


def test_every_icon_that_a_template_names_is_there() -> None:
    missing = {
        (str(path.relative_to(ROOT)), name)
        for path in ROOT.glob("*/templates/**/*.html")
        for name in ICON_USES.findall(path.read_text())
        if not (ROOT / "static" / "icons" / f"{name}.svg").is_file()
    }
    assert missing == set()


def test_no_icon_is_carried_along_unused() -> None:
    patterns = (
        "*/templates/**/*.html",
        "builder/**/*.py",
        "static/css/*.css",
        "frontend/src/**/*.css",
    )
    text = "\n".join(path.read_text() for one in patterns for path in ROOT.glob(one))
    icons = {path.stem for path in (ROOT / "static" / "icons").glob("*.svg")}
    used = r"[\"']{0}[\"']|/icons/{0}\.svg"
    assert {name for name in icons if not re.search(used.format(name), text)} == set()


@pytest.mark.parametrize("kind", ["text", "image", "video", "audio", "number", "model"])
def test_each_port_type_has_its_own_shape_and_hue(kind: str) -> None:
    drawn = rendered("{% port_shape kind %}", kind=kind)
    assert f"t-{kind}" in drawn
    others = {shape for name, shape in reelgraph._SHAPES.items() if name != kind}
    assert not any(shape in drawn for shape in others)


def test_an_unknown_port_type_is_a_ring() -> None:
    assert "t-choice" in rendered('{% port_shape "<b>" %}')


def test_a_signature_says_how_many_stages_it_stands_for() -> None:
    spec = {"stages": [{"id": "a", "tool": "generate_image"}]}
    drawn = rendered("{% sig spec %}", spec=spec)
    assert 'aria-label="Graph of 1 stage"' in drawn
    assert "t-image" in drawn
    assert "style=" not in drawn


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=14), "17 Jun 2026"),
    ],
)
def test_ago_says_it_as_a_person_would(back: timedelta, words: str) -> None:
    assert reelgraph.time_ago(back.total_seconds(), NOW - back) == words


def test_ago_is_a_time_that_machines_can_read() -> None:
    when = clock.now() - timedelta(hours=3, minutes=5)
    drawn = rendered("{% ago when %}", when=when)
    assert ">3 h ago</time>" in drawn
    assert f'datetime="{when.isoformat(timespec="seconds")}"' in drawn


def test_ago_reads_iso_text_and_nothing() -> None:
    assert 'title="2 Mar 2020, 04:05 UTC"' in rendered('{% ago "2020-03-02T04:05:06Z" %}')
    assert rendered("{% ago when %}", when=None) == ""


@pytest.mark.parametrize(
    ("milli", "words"),
    [
        (None, "free"),
        (1000, "1 credit"),
        (2500, "2.5 credits"),
        (1_234_000, "1,234 credits"),
        (1, "0.001 credits"),
    ],
)
def test_units_have_a_number_and_a_word(milli: int | None, words: str) -> None:
    assert rendered("{% units milli %}", milli=milli) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0, "0:00"), (0.4, "0:00"), (24, "0:24"), (59.6, "1:00"), (3723, "1:02:03")],
)
def test_a_length_reads_as_in_a_player(seconds: float | None, words: str) -> None:
    assert rendered("{% duration seconds %}", seconds=seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (None, "0"),
        (8102, "8,102"),
        (18_904, "18.9k"),
        (20_000, "20k"),
        (999_950, "1m"),
        (1_200_000, "1.2m"),
    ],
)
def test_counts_stay_short(number: int | None, words: str) -> None:
    assert rendered("{{ number|compact }}", number=number) == words


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Mira Okafor", "MO"),
        ("alice", "A"),
        ("", "?"),
        ("ana.lucia_b", "AB"),
        ("<b> x", "BX"),
        ("\u202e👀", "?"),
    ],
)
def test_an_avatar_shows_initials_and_nothing_else(name: str, initials: str) -> None:
    drawn = rendered("{% avatar name %}", name=name)
    assert re.fullmatch(
        rf'<span class="avatar avatar-hue-\d" aria-hidden="true">{re.escape(initials)}</span>',
        drawn,
    )
    assert drawn == rendered("{% avatar name %}", name=name)


def test_an_avatar_hue_exists_for_each_number() -> None:
    css = (ROOT / "static" / "css" / "parts.css").read_text()
    assert all(f".avatar-hue-{hue} " in css for hue in range(avatars.HUES))


def test_a_link_to_what_is_not_installed_is_left_out() -> None:
    source = "{% if path|is_page %}yes{% endif %}"
    assert rendered(source, path="/sign-in") == "yes"
    assert rendered(source, path="/no/such/page") == ""
