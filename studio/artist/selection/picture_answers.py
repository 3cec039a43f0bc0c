"""What was measured of a picture, said in sentences, and questions answered from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from studio.artist import art_vocabulary
from studio.artist.selection.by_words import likeness
from studio.artist.selection.descriptions import read_wish
from studio.media.image.saliency import lab_of
from studio.media.raster import ByteArray

MEASURED = "Measurements only. The built-in studio doesn't recognize objects, people or text."

Facts = dict[str, Any]


def described(facts: Facts) -> str:
    """Everything in a few sentences."""
    lines = [_size(facts), _colours(facts), _light(facts), _crispness(facts), _subject(facts)]
    if facts["text_lines"]:
        lines.append(_writing(facts))
    if "made_from" in facts:
        lines.append(_making(facts))
    return " ".join([*lines, MEASURED])


def answer(facts: Facts, question: str, picture: ByteArray) -> str:
    """What the facts say about a question; all of them where it is about none."""
    asked = set(re.findall(r"[^\W_]+", question.lower()))
    lines = [line(facts) for topics, line in TOPICS if topics & asked]
    named = read_wish(question)
    for colour in dict.fromkeys(named.colours):
        share = float((likeness(lab_of(picture), art_vocabulary.COLOURS[colour]) > 0.5).mean())
        lines.insert(0, _share(colour, share))
    if named.names:
        lines.insert(0, _presence(facts, named.names))
    if not lines:
        return described(facts)
    return " ".join([*dict.fromkeys(lines), MEASURED])


def _share(colour: str, share: float) -> str:
    if share < 0.002:
        return f"No, hardly anything is {colour}."
    return f"Yes, {_percent(share)} of the image is {colour}."


def _presence(facts: Facts, names: tuple[str, ...]) -> str:
    """Whether a named thing is there: known of our own pictures alone."""
    figures = facts.get("figures")
    lines = []
    for name in dict.fromkeys(names):
        spoken = name.replace("_", " ")
        found = next((one for one in figures or () if one.get("name") == name), None)
        if found:
            lines.append(f"Yes, a {spoken} was drawn in it ({found['place']}).")
        elif figures:
            lines.append(f"No {spoken} was drawn in it.")
        else:
            lines.append(f"It can't tell whether there's a {spoken}.")
    return " ".join(lines)


def _size(facts: Facts) -> str:
    see_through = ", with transparency" if facts["transparent"] else ""
    return f"{facts['width']}×{facts['height']} pixels, {facts['orientation']}{see_through}."


def _colours(facts: Facts) -> str:
    shares: dict[str, float] = {}
    for swatch in facts["palette"]:
        shares[swatch["name"]] = shares.get(swatch["name"], 0.0) + swatch["share"]
    listed = ", ".join(
        f"{name} ({_percent(share)})" for name, share in sorted(shares.items(), key=lambda s: -s[1])
    )
    return f"Colors: {listed}; {facts['colour']['word']}."


def _light(facts: Facts) -> str:
    light, contrast = facts["brightness"], facts["contrast"]
    lost = [
        f"{_percent(light[end])} lost in {colour}"
        for end, colour in (("shadows", "black"), ("highlights", "white"))
        if light[end] > 0.01
    ]
    also = f", {' and '.join(lost)}" if lost else ""
    return (
        f"Brightness {_percent(light['mean'] / 255)} ({light['word']}){also}; "
        f"{contrast['word']} contrast."
    )


def _crispness(facts: Facts) -> str:
    sharp, grain = facts["sharpness"], facts["noise"]
    spread = "" if sharp["blur_px"] is None else f" (edges spread over {sharp['blur_px']:g} px)"
    return f"It is {sharp['word']}{spread} and {grain['word']} (noise {grain['sigma']:g} of 255)."


def _subject(facts: Facts) -> str:
    if facts.get("figures"):
        listed = ", ".join(f"{_name(one)} ({one['place']})" for one in facts["figures"])
        return f"It was drawn with: {listed}."
    subject = facts["subject"]
    if not subject:
        return "No clear subject found."
    return f"The subject is {subject['place']} and covers {_percent(subject['area'])}."


def _name(figure: Mapping[str, Any]) -> str:
    return str(figure.get("name", "figure")).replace("_", " ")


def _writing(facts: Facts) -> str:
    lines = len(facts["text_lines"])
    if not lines:
        return "Nothing in it looks like text."
    spoken = f"{lines} rows look" if lines > 1 else "1 row looks"
    return f"{spoken} like text, or a pattern as dense. The text isn't read."


def _people(facts: Facts) -> str:
    if facts.get("figures"):
        people = sum(one.get("name") in ("person", "astronaut") for one in facts["figures"])
        return f"{people or 'No'} {'person was' if people < 2 else 'people were'} drawn in it."
    return "People and faces are not counted."


def _making(facts: Facts) -> str:
    made = facts.get("made_from")
    return f"It was made from the prompt “{made['prompt']}”." if made else "Its prompt isn't known."


def _balance(facts: Facts) -> str:
    even = facts["symmetry"]
    return f"Left and right are {'alike' if even > 0.75 else 'unlike'} (symmetry {even:g})."


def _topic(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOPICS: tuple[tuple[frozenset[str], Callable[[Facts], str]], ...] = (
    (_topic("colour colours color colors palette hue hues tint saturated warm cool"), _colours),
    (_topic("sharp blurry blurred blur focus focused crisp soft noise noisy grain"), _crispness),
    (_topic("grainy quality clean"), _crispness),
    (_topic("bright brightness dark light exposure exposed lit contrast shadows"), _light),
    (_topic("overexposed underexposed highlights flat"), _light),
    (_topic("big size large resolution pixels dimensions wide tall aspect ratio"), _size),
    (_topic("orientation portrait landscape square width height transparent"), _size),
    (_topic("where subject position placed composition centred centered middle"), _subject),
    (_topic("symmetric symmetrical symmetry balanced composition balance"), _balance),
    (_topic("text writing written words letters caption logo title say says read"), _writing),
    (_topic("people person persons face faces who man woman men women child"), _people),
    (_topic("prompt made generated seed ai origin"), _making),
)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else "under 1 %"
