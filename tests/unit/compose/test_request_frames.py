"""The words in which a template is asked for are never what it draws."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import pytest

from compose.brief.brief import Brief
from compose.brief.read import read_brief
from compose.template_plan.build import built
from tests.support.scores import assert_score

# What is asked for, and in how many ways: `{}` is the brief, in the words of the language.
FRAMES = {
    "en": (
        ("three shots of a desert at dusk with music", ("desert at dusk",)),
        (
            "Draft a reusable template: {}",
            "Please create a reusable workflow template that makes {}",
            "I'd like a workflow for {}",
            "Can you build me a template that creates {}?",
            "Hi, please set up a new workflow template for {}",
            "A reusable template of {}",
            "I need a workflow template with {}.",
            "I want to have a simple workflow to make {}",
            "Make a workflow where I get {}",
            "{}, as a reusable template",
            "{}. Save it as a template.",
            "Draft a template.\n{}",
            "Could you draft a template for making {}",
            "Workflow: {}",
            "Give me a template - {}",
        ),
    ),
    "de": (
        ("drei Szenen einer Wüste mit Musik", ("einer Wüste",)),
        (
            "Erstelle mir eine Vorlage für {}",
            "Bitte entwirf eine wiederverwendbare Vorlage: {}",
            "Ich brauche einen Workflow für {}",
            "Ich hätte gern eine Vorlage mit {}",
            "{}, als Vorlage",
            "Mach eine Vorlage, die {} erstellt",
        ),
    ),
    "fr": (
        ("trois plans d'un désert au crépuscule", ("désert au crépuscule",)),
        (
            "Crée un modèle réutilisable : {}",
            "Je voudrais un workflow pour faire {}",
            "Fais-moi un modèle qui crée {}",
            "Il me faut un gabarit avec {}",
        ),
    ),
    "es": (
        ("un video de un zorro en la nieve", ("un zorro en la nieve",)),
        (
            "Haz una plantilla para {}",
            "Crea una plantilla reutilizable: {}",
            "Necesito un flujo de trabajo que haga {}",
            "Quiero una plantilla para crear {}",
        ),
    ),
}
WORDS = (
    "template", "workflow", "reusable", "draft ", "vorlage", "wiederverwendbar", "modèle",
    "réutilisable", "gabarit", "plantilla", "reutilizable", "flujo",
)  # fmt: skip


def test_a_frame_is_cut_in_four_languages() -> None:
    flaws = {}
    for text, frames in FRAMES.values():
        said, shown = text
        for frame in frames:
            brief = read_brief(frame.format(said))
            words = " ".join(_texts(built(brief).body))
            flaws[frame] = [
                *(word for word in WORDS if word in words.lower()),
                *(f"no {one}" for one in shown if one not in words),
                *_unlike(brief, read_brief(said)),
            ]
    assert_score(flaws)


def _texts(value: Any) -> list[str]:
    """The texts of a template, but for what the person wrote."""
    if isinstance(value, dict):
        parts = [part for name, part in value.items() if name != "brief"]
        return [text for part in parts for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _unlike(brief: Brief, plain: Brief) -> list[str]:
    """In what a brief in a frame is read unlike the brief alone."""
    pairs = zip(Brief.__match_args__, astuple(brief), astuple(plain), strict=True)
    own = ("text", "words")
    if brief.language != plain.language:
        # The frame's words tell the language of a brief that is too short to.
        return []
    return [f"{name}: {one!r}, alone {two!r}" for name, one, two in pairs
            if one != two and name not in own]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("A product video template for {product} on marble", "{product} on marble"),
        ("A workflow for turning my photo into a watercolor", ""),
        ("A video about our workflow in the kitchen", "workflow in the kitchen"),
        ("A workflow diagram glowing on a screen", "workflow diagram glowing on a screen"),
        ("A birthday greeting template for my mother with cake", "birthday greeting"),
    ],
)
def test_words_that_only_look_like_a_frame_stay(text: str, shows: str) -> None:
    brief = read_brief(text)
    seen = " ".join([*(scene.text for scene in brief.scenes), brief.topic])
    assert shows.lower() in seen.lower()
    assert "template" not in seen


def test_what_a_template_does_with_a_photo_is_an_edit() -> None:
    brief = read_brief("I'd like a workflow for turning my photo into a cartoon")
    assert (brief.kind, [edit.type for edit in brief.edits]) == ("photo_edit", ["style"])
