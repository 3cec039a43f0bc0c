"""Film a scene from words, or from words and reference pictures."""

from __future__ import annotations

from typing import Any

from mediakit.job_protocol import Report
from studio.artist.scenes.references import open_reference
from studio.job_io.order import Order
from studio.job_io.scene_film import SceneFilm


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Arguments, answer: see `studio/README.md`. A film for each variation, seeds counting up."""
    order = Order(arguments)
    if order.params.get("outputFormat") == "mov":
        order.warn("Saved as MP4. MOV isn't supported.")
    pictures = order.media("images", "image")
    endings = order.media("end", "end_image")
    role = order.params.get("frameRole") or "start"
    if role == "both" and not endings and len(pictures) > 1:
        pictures, endings = pictures[:1], pictures[1:2]
    if len(pictures) > 1:
        order.warn("Only the first reference image was used.")
    files: list[dict[str, Any]] = []
    for index in range(order.variations):
        films = SceneFilm(order, order.prompt(index), index, order.variations, report)
        start = open_reference(pictures[0], films.brief) if pictures else None
        end = open_reference(endings[0], films.brief) if endings else None
        if role == "end" and start is not None and end is None:
            start.is_last = True
        files.extend(films.made(start, end))
    return order.answer(files)
