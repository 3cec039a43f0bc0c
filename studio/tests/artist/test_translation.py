"""Prompts in German, French and Spanish are drawn as in English; English ones stay as they are."""

import ast
import json
import re
import time
from pathlib import Path

import pytest

from studio.artist.prompt import tables
from studio.artist.prompt.brief import read
from studio.artist.prompt.lookup import is_known, tokens
from studio.artist.prompt.translation import LANGUAGES, fold, language, translated

ROOT = Path(__file__).resolve().parents[3]
# A reading as far as it is drawn; the prompt and its words differ by language.
DRAWN = [
    *("setting", "ground", "hour", "weather", "style", "grade", "move", "accent", "tint"),
    *("framing", "flock", "unknown"),
]
# Strings of the tests of the studio that are in another language.
FOREIGN = {"ein Pferd auf der Wiese", "un éléphant", "una tortuga"}
ENGLISH_WORDS = {"the", "of", "with", "and", "my", "shots", "seconds", "second", "by"}


def drawn(prompt: str) -> tuple:
    brief = read(prompt)
    roles = [(role.name, role.colour, role.finish, role.wear) for role in brief.roles]
    return roles, {name: getattr(brief, name) for name in DRAWN}


@pytest.mark.parametrize(
    ("prompt", "english"),
    [
        ("Ein Leuchtturm am Meer bei Nacht", "a lighthouse by the sea at night"),
        ("EIN LEUCHTTURM AM MEER BEI NACHT", "a lighthouse by the sea at night"),
        ("Drei alte Leuchttürme im Schnee", "three old lighthouses in the snow"),
        ("alte Leuchttuerme im Schnee", "old lighthouses in the snow"),
        ("Segelboot im Nebel, schwarzweiß", "a boat in fog, black-and-white"),
        ("Ein roter Fuchs im verschneiten Wald", "a red fox in a snowy forest"),
        ("Ein Fuchs im Herbstwald ohne Regen", "a fox in an autumn forest without rain"),
        ("Zwei Freunde tanzen am Strand", "two friends dancing at the beach"),
        ("Eine Flasche auf einem Holztisch", "a bottle on a wooden table"),
        ("Möwen über dem Hafen im Nebel", "gulls over the harbor in fog"),
        ("un phare dans la tempête", "a lighthouse in the storm"),
        ("une vieille maison au bord de la mer", "an old house by the sea"),
        ("L'océan sous un ciel étoilé", "the ocean under stars"),
        ("une voiture rouge dans une rue la nuit", "a red car in a street at night"),
        ("une fille avec un manteau rouge", "a girl with a red coat"),
        ("un faro al atardecer", "a lighthouse at sunset"),
        ("un gato negro sobre una mesa de madera", "a black cat on a wooden table"),
        ("tres amigos bailan bajo la lluvia", "three friends dancing in the rain"),
        ("un coche azul, cámara fija", "a blue car, static"),
        ("phare", "lighthouse"),
        ("Leuchtturm", "lighthouse"),
        ("faro", "lighthouse"),
    ],
)
def test_prompt_in_another_language_is_read_as_in_english(prompt, english):
    assert drawn(prompt) == drawn(english)
    assert read(prompt).prompt == prompt


@pytest.mark.parametrize(
    ("prompt", "undrawn"),
    [
        ("Eine Kerze auf einem Holztisch", ("Kerze",)),
        ("Ein Glas Honig am Fenster", ("Honig",)),
        ("Ein Laden ohne Kerzen am Meer", ("Laden",)),
        ("une bougie sur la table", ("bougie",)),
        ("una vela en la ventana", ("vela",)),
        ("Ein leuchtender, freundlicher Leuchtturm", ()),
        ("Ein Lächeln und eine Brille im Meer", ("Lächeln", "Brille")),
    ],
)
def test_what_has_no_translation_is_named_as_it_was_written(prompt, undrawn):
    assert read(prompt).unknown == undrawn


def test_negative_prompt_is_read_in_its_language_too():
    assert not read("Ein Leuchtturm im Regen", negative="Regen").weather


def english_prompts() -> set[str]:
    paths = (ROOT / "builder/ops/samples").glob("*.json")
    # One sample speaks other languages on purpose.
    samples = [path.read_text() for path in paths if path.stem != "ad-in-other-languages"]
    prompts = {text for sample in samples for text in texts(json.loads(sample))}
    briefs = texts(json.loads((ROOT / "tests/fixtures/briefs.json").read_text()))
    prompts |= {brief for brief in briefs if ENGLISH_WORDS & set(tokens(brief))}
    for path in (ROOT / "studio/tests").rglob("test_*.py"):
        if path != Path(__file__) and path.name not in ("test_generate_speech.py",):
            nodes = ast.walk(ast.parse(path.read_text()))
            values = (node.value for node in nodes if isinstance(node, ast.Constant))
            prompts |= {value for value in values if isinstance(value, str) and " " in value}
    return prompts - FOREIGN


def texts(value: object) -> list[str]:
    """The texts of a JSON document that are more than one word."""
    if isinstance(value, str):
        return [value] if re.search(r"\w \w", value) else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in texts(one)]


def test_no_english_prompt_is_changed():
    prompts = english_prompts()
    assert len(prompts) > 1_000
    assert [prompt for prompt in prompts if translated(prompt).text != prompt] == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_translations_are_words_that_the_reader_knows(name):
    one = language(name)
    people = {word for table in tables.ABOUT_PEOPLE for word in table}
    words = {word for text in one.words.values() for word in re.findall(r"\w+", text)}
    assert {word for word in words if not is_known(word) and word not in people} == set()


@pytest.mark.parametrize(
    "text",
    [
        "Ein Leuchtturm am Meer. " * 900,
        "une maison" + " rouge et bleu" * 1_400,
        "l'" * 10_000,
        "ein haus " + "a-" * 10_000,
        "ein haus " + "äëïöü" * 4_000,
        " ".join(f"ein Schneewinter{'haus' * (size % 9)}{size}" for size in range(900)),
        "no" + " " * 20_000,
        "plain studio " * 1_600,
        " ".join(f"trebuchet{size}" for size in range(1_500)),
    ],
)
def test_long_odd_text_is_read_in_two_seconds(text):
    """A reader that looks again from each place would take minutes."""
    read("ein Haus, une maison, una casa")
    started = time.process_time()
    read(text[:20_000])
    assert time.process_time() - started < 2


def test_words_are_looked_up_without_capitals_and_accents():
    assert fold("Leuchttürme") == "leuchtturme"
    assert fold("Straße cœur ÉTÉ") == "strasse coeur ete"
