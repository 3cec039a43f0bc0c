"""Posters: a small still of a picture, a film or a 3D model.

`make_poster` owns it like an upload. `still_of` keeps one beside each 3D model, and beside each
image of a kind that not every browser shows (HEIC, TIFF).
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts import storage
from accounts.models import User
from core import clock
from core.errors import ProviderError
from media import blobs, resolvers, signing
from media.blobs import FileFacts, StoredFile
from media.models import Blob, Still, Upload
from media.origin import origin_of_file
from media.sandbox import Unwatched, run_in_sandbox
from mediakit.file_type import UNSHOWN

# Enough for a card on a sharp screen; some 20 KB.
WIDTH = 640
# Of what is shown instead of an image: enough to look at closely, and to draw masks on.
SHOWN_WIDTH = 2048
TIMEOUT_S = 60.0
SLOT = "poster"
LIFE = timedelta(days=1)

FILENAME = "poster.webp"
STILL_PREFIX = "still_"
# A still is waited for by a browser; the largest models take some seconds.
STILL_TIMEOUT_S = 30.0
# What cannot be drawn is tried again after this: the machine may have been too busy.
AGAIN = timedelta(days=1)
# Stands for a model that cannot be drawn.
MARK = Path(settings.BASE_DIR) / "media" / "sandbox" / "model.webp"
MARK_SIZE = (640, 400)

logger = logging.getLogger(__name__)


def make_poster(blob: Blob, *, owner: User) -> Upload:
    """A WebP of at most WIDTH pixels across, of a film its most telling moment.

    It is the owner's, to be published as a preview's poster within a day; publishing copies it.
    Not inside a transaction. Raises ProviderError when nothing can be shown.
    """
    file = draw(blob, TIMEOUT_S)
    now = clock.now()
    with transaction.atomic():
        poster = Upload.objects.create(
            owner=owner,
            slot=SLOT,
            blob=blobs.record(file, origin_of_file({}, blob)),
            filename=FILENAME,
            expires_at=now + LIFE,
            completed_at=now,
        )
        storage.add(owner.pk, storage.UPLOADS, file.size)
    return poster


# -- stills of 3D models ---------------------------------------------------------------------------


def still_id(public_id: str) -> str:
    """The id of the still of the 3D model with this id: who may see one may see the other."""
    return STILL_PREFIX + public_id


def still_path(public_id: str) -> str:
    """The address of the still of a model, as `media.signing.signed_path` makes them."""
    return signing.signed_path(still_id(public_id), FILENAME)


def model_behind(public_id: str) -> Blob | None:
    """The model whose still this id names, None for other ids and for what may not be seen."""
    if not public_id.startswith(STILL_PREFIX):
        return None
    return _if_model(resolvers.resolve(public_id.removeprefix(STILL_PREFIX)))


def resolve_still(public_id: str) -> Blob | None:
    """Return a still that has been drawn, for `media.resolvers.register`. Only reads."""
    return _kept_of(model_behind(public_id))


def owned_still(public_id: str, owner: User) -> Blob | None:
    """As `resolve_still`, of the models of one person."""
    if not public_id.startswith(STILL_PREFIX):
        return None
    model = resolvers.resolve_owned(public_id.removeprefix(STILL_PREFIX), owner)
    return _kept_of(_if_model(model))


def blobs_of_stills(hashes: Collection[str]) -> set[str]:
    """Return which of these blobs are stills, for `media.resolvers.register_references`."""
    stills = Still.objects.filter(picture_id__in=hashes)
    return set(stills.values_list("picture_id", flat=True))


def kept_still(blob: Blob) -> Blob | None:
    """The still that `still_of` would give, if that needs no drawing. Only reads."""
    still = Still.objects.select_related("picture").filter(model=blob).first()
    if still and (still.is_drawn or still.made_at > clock.now() - AGAIN):
        return still.picture
    return None


def still_of(model: Blob) -> Blob:
    """The still of a 3D model, or what is shown instead of an image of a kind in `UNSHOWN`.

    Drawn if it is not there yet; a mark for what cannot be drawn. Takes a second or so the first
    time. Not inside a transaction.
    """
    existing = kept_still(model)
    if existing is not None:
        return existing
    try:
        file, is_drawn = draw(model, STILL_TIMEOUT_S), True
    except ProviderError as problem:
        logger.info("no still of %s: %s", model.sha256, problem.message)
        file, is_drawn = _mark(), False
    with transaction.atomic():
        picture = blobs.record(file, origin_of_file({}, model))
        # Anyone who was quicker drew the same.
        facts = {"picture": picture, "is_drawn": is_drawn, "made_at": clock.now()}
        Still.objects.update_or_create(model=model, defaults=facts)
    return picture


def is_drawn(model: Blob) -> bool:
    """Return whether a model can be seen as a still; draws it when that was never tried."""
    still_of(model)
    return Still.objects.filter(model=model, is_drawn=True).exists()


def _if_model(blob: Blob | None) -> Blob | None:
    return blob if blob is not None and blob.kind == "model" else None


def _kept_of(model: Blob | None) -> Blob | None:
    if model is None:
        return None
    still = Still.objects.select_related("picture").filter(model=model, is_drawn=True).first()
    return still.picture if still else None


def draw(blob: Blob, timeout_s: float = TIMEOUT_S) -> StoredFile:
    """A still of a picture, a film or a model, stored without a row. Not inside a transaction.

    Raises ProviderError when nothing can be shown.
    """
    folder = blobs.attempt_dir("poster")
    source, target = blobs.path_of(blob.sha256), folder / FILENAME
    try:
        answer = run_in_sandbox(
            "media.sandbox.poster.poster",
            {
                "path": str(source),
                "target": str(target),
                "width": SHOWN_WIDTH if blob.mime in UNSHOWN else WIDTH,
            },
            reads=[source],
            out=folder,
            timeout_s=timeout_s,
            context=Unwatched(),
        )
        facts = FileFacts(answer["kind"], answer["mime"], answer["width"], answer["height"])
        return blobs.store(Path(target), facts)
    finally:
        blobs.discard(folder)


def _mark() -> StoredFile:
    folder = blobs.attempt_dir("poster")
    try:
        shutil.copyfile(MARK, folder / FILENAME)
        return blobs.store(folder / FILENAME, FileFacts("image", "image/webp", *MARK_SIZE))
    finally:
        blobs.discard(folder)
