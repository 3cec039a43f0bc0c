"""The picture of a version's graph: drawn once, at the first request, and kept with the version."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError

from core import errors
from core.machine_slots import MachineSlots
from templates_app.graph import svg_poster, svg_shapes
from templates_app.graph.wiring import read_wiring
from templates_app.models import Poster
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_of

# Raise it when posters are drawn differently: older ones are drawn again when they are asked for.
DRAWING = 1
# A large graph takes a second of CPU. One is drawn at a time; others wait for it, or for theirs.
WAIT_S = 10.0

_drawing = threading.Lock()
_drawing_on_machine = MachineSlots("posters", 1)
logger = logging.getLogger(__name__)


def etag_of(view: VisibleTemplate) -> str:
    """Name the state of the picture: known without drawing it or reading the graph."""
    if view.draft_rev is not None:
        return f'"{view.version.pk}-{view.draft_rev}-{DRAWING}"'
    return f'"{view.version.pk}-{view.version.content_sha256[:24]}-{DRAWING}"'


def poster_of(view: VisibleTemplate) -> str:
    """The version's poster as SVG. Raises Unavailable while many wait."""
    svg = _stored_svg(view)
    if svg is not None:
        return svg
    if not _drawing.acquire(timeout=WAIT_S):
        raise errors.Unavailable(retry_after_s=5)
    try:
        with _drawing_on_machine.take():
            return _stored_svg(view) or _draw(view)
    finally:
        _drawing.release()


def _stored_svg(view: VisibleTemplate) -> str | None:
    if view.draft_rev is not None:
        return None
    rows = Poster.objects.filter(version=view.version.pk, drawing=DRAWING)
    return rows.values_list("svg", flat=True).first()


def _draw(view: VisibleTemplate) -> str:
    spec = view.version.spec
    svg = svg_shapes.to_svg(
        svg_poster.poster(read_wiring(spec, table_of(view.version)), view.template.public_id),
        width=svg_poster.POSTER_WIDTH,
        height=svg_poster.POSTER_HEIGHT,
        title=f"The graph of {spec['name']}",
    )
    if view.draft_rev is not None:
        # It goes on changing; browsers keep the picture.
        return svg
    try:
        Poster.objects.bulk_create(
            [Poster(version_id=view.version.pk, drawing=DRAWING, svg=svg)],
            update_conflicts=True,
            unique_fields=["version"],
            update_fields=["drawing", "svg"],
        )
    except DatabaseError as problem:
        # The disk is full, or the version was deleted meanwhile: it is shown all the same.
        logger.warning("a poster was not kept: %s", type(problem).__name__)
    return svg
