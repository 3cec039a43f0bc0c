"""Inputs that a brief declares are inputs of its template, not scenes."""

from __future__ import annotations

import pytest

from compose.brief.declarations import declared_inputs
from compose.drafting import Draft, DraftRequest, draft, problems_of

pytestmark = pytest.mark.django_db


def _types(result: Draft) -> dict[str, str]:
    return {one["name"]: one["type"] for one in result.template["inputs"]}


@pytest.mark.parametrize(
    ("brief", "types", "options"),
    [
        (
            "Inputs: city (text), mood (select: calm, wild). A 10 second postcard video of {city}"
            " in a {mood} mood",
            {"city": "text", "mood": "select"},
            ["calm", "wild"],
        ),
        (
            "Eingaben: Stadt (Text), Stimmung (Auswahl: ruhig, wild). Ein Video von {Stadt},"
            " 10 Sekunden, Stimmung {Stimmung}",
            {"stadt": "text", "stimmung": "select"},
            ["ruhig", "wild"],
        ),
        (
            "Entrées : ville (texte), photo (image). Un film de {ville} en trois plans",
            {"ville": "text", "photo": "image"},
            [],
        ),
        (
            "Un video de {ciudad} en 10 segundos. Entradas: ciudad (texto), tono (opciones: alegre,"
            " triste)",
            {"ciudad": "text", "tono": "select"},
            ["alegre", "triste"],
        ),
    ],
)
def test_a_list_of_inputs_becomes_the_templates_inputs(
    brief: str, types: dict[str, str], options: list[str]
) -> None:
    result = draft(DraftRequest(brief=brief))
    assert _types(result) == types
    values = [
        option["value"] for one in result.template["inputs"] for option in one.get("options") or ()
    ]
    assert values == options
    assert problems_of(result.template) == ()
    assert not result.reading.not_understood


def test_a_declared_input_that_nothing_uses_is_said() -> None:
    brief = "Create a workflow with inputs hero_image (image), tagline (text)"
    result = draft(DraftRequest(brief=brief))
    assert {"hero_image": "image", "tagline": "text"}.items() <= _types(result).items()
    assert "No stage uses the input “tagline” yet." in result.warnings


@pytest.mark.parametrize(
    "text",
    [
        "Three inputs for the machine: a fox (red), two shots of a factory",
        "Inputs: a fox (red), a hen (white)",
        "A picture (oil) of a harbour",
    ],
)
def test_a_word_in_parentheses_that_is_no_type_declares_nothing(text: str) -> None:
    assert declared_inputs(text) == (text, ())
