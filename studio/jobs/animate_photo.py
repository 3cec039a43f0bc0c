"""Bring still pictures to life, or turn one picture into another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediakit.job_protocol import Report
from studio.artist.scenes.references import open_reference
from studio.job_io.order import Order
from studio.job_io.scene_film import SceneFilm


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Arguments and answer: see `studio/README.md`. One film for each picture and variation."""
    order = Order(arguments)
    pictures, endings, role = _roles(order)
    total = len(pictures) * order.variations
    files: list[dict[str, Any]] = []
    for position, (picture, ending) in enumerate(zip(pictures, endings, strict=True)):
        for variation in range(order.variations):
            index = position * order.variations + variation
            film = SceneFilm(order, _prompt(order, position, variation), index, total, report)
            start = open_reference(picture, film.brief)
            end = open_reference(ending, film.brief) if ending else None
            start.is_last = role == "end" and end is None
            files.extend(film.made(start, end))
    return order.answer(files)


def _roles(
    order: Order,
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any] | None], str]:
    """Which picture each film starts from, which it ends on, and what the pictures are."""
    pictures = order.media("image", "images")
    ends: list[Mapping[str, Any]] = order.media("end", "end_image")
    role = str(order.params.get("frameRole") or "start")
    if role == "both" and not ends:
        if len(pictures) == 2:
            pictures, ends = pictures[:1], pictures[1:]
        else:
            order.warn("“First and last frame” needs a last frame, so only the first was used.")
            role = "start"
    if role == "end" and not ends:
        return pictures, [None] * len(pictures), role
    paired: list[Mapping[str, Any] | None] = [None] * len(pictures)
    if len(ends) == 1:
        paired = [ends[0]] * len(pictures)
    elif ends:
        paired = [ends[i] if i < len(ends) else None for i in range(len(pictures))]
        if len(ends) != len(pictures):
            order.warn(f"{len(ends)} last frames for {len(pictures)} images, paired in order.")
    return pictures, paired, role


def _prompt(order: Order, position: int, variation: int) -> str:
    prompts = order.params.get("prompts") or []
    if position < len(prompts):
        return str(prompts[position])
    return order.prompt(variation)
