"""The picture that other sites show of a link to a public template."""

from __future__ import annotations

import re
import threading

from django.conf import settings

from core import errors
from core.machine_slots import MachineSlots
from media import blobs
from media.blobs import FileFacts
from media.models import Blob
from media.sandbox import Unwatched, run_in_sandbox
from templates_app.graph import svg_poster, svg_shapes
from templates_app.graph.wiring import read_wiring
from templates_app.models import TemplateMedia
from templates_app.selectors import VisibleTemplate, missing
from templates_app.uses import table_of

ROLE = "share"
PAINT_S = 20.0
# Crawlers come in crowds; one child at a time paints, the others wait for it.
WAIT_S = 10.0

_painting = threading.Lock()
_painting_on_machine = MachineSlots("share-pictures", 1)
# The font has Latin letters alone. Other names are in the page's title, not in the picture.
_LATIN = re.compile(r"[\u0020-\u024f\u2010-\u2026\u20ac]*")


def share_picture(view: VisibleTemplate) -> Blob:
    """The PNG for a public template's version: painted at the first request, then kept.

    Raises NotFound for what is not open to everyone, Unavailable while many wait.
    """
    if not view.is_open:
        raise missing()
    blob = _stored_picture(view)
    if blob is not None:
        return blob
    if not _painting.acquire(timeout=WAIT_S):
        raise errors.Unavailable(retry_after_s=5)
    try:
        with _painting_on_machine.take():
            return _stored_picture(view) or _paint(view)
    finally:
        _painting.release()


def _stored_picture(view: VisibleTemplate) -> Blob | None:
    row = (
        TemplateMedia.objects.filter(version=view.version, role=ROLE).select_related("blob").first()
    )
    return row.blob if row else None


def _paint(view: VisibleTemplate) -> Blob:
    name, author = view.version.spec["name"], view.template.owner.shown_name
    wiring = read_wiring(view.version.spec, table_of(view.version))
    shapes = svg_poster.share_picture(
        wiring,
        view.template.public_id,
        name if _LATIN.fullmatch(name) else "",
        author if _LATIN.fullmatch(author) else "",
    )
    folder = blobs.attempt_dir("share")
    try:
        target = folder / "share.png"
        run_in_sandbox(
            "media.sandbox.sketch.paint",
            {
                "shapes": svg_shapes.shapes_to_json(shapes),
                "width": svg_poster.SHARE_WIDTH,
                "height": svg_poster.SHARE_HEIGHT,
                "font": str(settings.BASE_DIR / "static/fonts/inter-latin-wght.woff2"),
                "target": str(target),
            },
            out=folder,
            timeout_s=PAINT_S,
            context=Unwatched(),
        )
        facts = FileFacts("image", "image/png", svg_poster.SHARE_WIDTH, svg_poster.SHARE_HEIGHT)
        blob = blobs.record(blobs.store(target, facts))
    finally:
        blobs.discard(folder)
    TemplateMedia.objects.bulk_create(
        [TemplateMedia(version=view.version, blob=blob, role=ROLE)], ignore_conflicts=True
    )
    return blob
