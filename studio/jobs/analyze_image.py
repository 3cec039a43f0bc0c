"""Say what can be measured in a picture, and answer questions as far as that goes."""

from __future__ import annotations

from typing import Any

from mediakit.job_protocol import Report
from studio.artist.scenes.own_figures import figures_of
from studio.artist.scenes.references import notes_of, own_stage
from studio.artist.selection.picture_answers import Facts, answer, described
from studio.job_io.images import open_source
from studio.job_io.order import Order
from studio.media.image import measurements
from studio.media.image.cutout import SURE, Cut, subject_of
from studio.media.image.palette import main_colours
from studio.media.raster import ByteArray, on_white


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `image`. Makes no file.

    values: `message`, the answer for people; `analysis`, the facts it rests on; `question`, what
    was asked, if anything. Raises Refused without a picture.
    """
    order = Order(arguments)
    source = open_source(order, "analyze")
    report(0.2, "Measuring")
    facts = _measured(order, source)
    report(0.9, "Answering")
    question = str(order.params.get("prompt") or "").strip()
    message = answer(facts, question, on_white(source)) if question else described(facts)
    values: Facts = {"message": message, "analysis": facts}
    if question:
        values["question"] = question[:2000]
    return {**order.answer([]), "values": values}


def _measured(order: Order, source: ByteArray) -> Facts:
    picture = on_white(source)
    height, width = picture.shape[:2]
    facts: Facts = {
        "width": width,
        "height": height,
        "orientation": _orientation(width, height),
        "transparent": source.shape[2] == 4,
        "palette": [swatch.facts() for swatch in main_colours(picture)],
        "colour": measurements.colourfulness(picture),
        "brightness": measurements.brightness(picture),
        "contrast": measurements.contrast(picture),
        "sharpness": measurements.sharpness(picture),
        "noise": measurements.noise(picture),
        "symmetry": round(measurements.symmetry(picture), 3),
        "text_lines": measurements.text_lines(picture),
        "subject": None,
        "faces": None,
    }
    notes = notes_of(order.media("image")[0])
    stage = own_stage(picture, notes)
    figures = figures_of(stage) if stage is not None else []
    if figures:
        facts["figures"] = [{**cut.facts(), "place": _place(cut)} for cut in figures]
        facts["subject"] = facts["figures"][0]
    elif stage is None:
        subject = subject_of(picture)
        if subject.score >= SURE:
            facts["subject"] = {**subject.facts(), "place": _place(subject)}
    if notes.get("prompt"):
        facts["made_from"] = {
            name: notes[name] for name in ("prompt", "seed", "setting", "provider") if name in notes
        }
    return facts


def _orientation(width: int, height: int) -> str:
    ratio = width / height
    return "square" if 0.97 < ratio < 1.03 else "landscape" if ratio > 1 else "portrait"


def _place(cut: Cut) -> str:
    """Where a selection is, by thirds: `left`, `upper right`, `center`."""
    left, top, right, bottom = cut.box or (0.0, 0.0, 1.0, 1.0)
    x, y = (left + right) / 2, (top + bottom) / 2
    across = "left" if x < 0.4 else "right" if x > 0.6 else ""
    down = "upper" if y < 0.36 else "lower" if y > 0.68 else ""
    return f"{down} {across}".strip() or "centre"
