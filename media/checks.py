"""Checks of the media folder, of what lies in it, and of the sandbox that decodes media."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from core import installation
from core.checks import ALL, Checks, fault, ok, register, size, warning, write_fault
from core.command_names import command
from core.errors import MediaFolderAway, ProviderError
from core.media_folder import check as folder_check
from core.media_folder import mark_text
from media import checking, sweeping
from media.sandbox import Unwatched, breakouts, run_in_sandbox

SURVEY_S = 30.0
SANDBOX_REMEDY = (
    "Use Linux 5.13 or newer with Landlock on x86-64 or 64-bit ARM; see docs/howto/operate.md."
)


@register("media folder", every_s=1, faces=ALL, after="database")
def media_folder() -> Checks:
    """Recognize it by its mark, and write into it."""
    folder = Path(settings.MEDIA_DIR)
    try:
        folder_check()
    except MediaFolderAway as problem:
        row = installation.ensure_installation()
        if row.media_marked_at is None and mark_text() in ("", row.id):
            yield ok(f"{folder} gets its mark at the next start")
            return
        yield fault(
            problem.reason,
            "Mount it, or correct REELGRAPH_MEDIA_DIR. If this is the right one:"
            f" `{command('media-folder --accept')}`",
        )
    else:
        yield write_fault(folder) or ok(str(folder))


@register("media", every_s=3600, after="database")
def media_files() -> Checks:
    """Read what the last `check-media` found, and a few files taken by chance."""
    remedy = f"Run `{command('check-media')}` to list them, and restore them from a backup."
    report = checking.last()
    count = len(report.missing) + len(report.damaged) if report else 0
    if count:
        yield fault(f"{count} files are missing or damaged", remedy)
    elif bad := checking.sample():
        yield fault(f"{len(bad)} of a few sampled files missing or damaged", remedy)
    elif report is None:
        yield ok(f"a sample of files is intact; `{command('check-media')}` reads all")
    else:
        yield ok(f"{report.looked_at} files were intact at {report.at[:16]}")


@register("unused files", every_s=60, after="database")
def unused_files() -> Checks:
    """Count those that a sweep will delete."""
    count, total = sweeping.unused_count()
    yield ok(f"{count} ({size(total)}); deleted after a day without use")


@register("sandbox", every_s=86_400)
def sandbox() -> Checks:
    """Try every way out of the process that decodes media, in one made as for a job."""
    level = fault if settings.SANDBOX_REQUIRED else warning
    try:
        with breakouts.planted(Path(settings.RUN_DIR)) as targets:
            survey = run_in_sandbox(
                breakouts.FUNCTION,
                targets,
                reads=[Path(targets["input"])],
                out=Path(targets["out"]),
                timeout_s=SURVEY_S,
                context=Unwatched(),
            )
    except ProviderError as problem:
        yield level(problem.message, SANDBOX_REMEDY)
        return
    if survey["broken"]:
        remedy = "Media can't be processed. Check who owns the data folder and the packages."
        yield fault(f"blocks what jobs need: {', '.join(survey['broken'])}", remedy)
    elif survey["open"]:
        names = ", ".join(survey["open"])
        says = f"{len(survey['open'])} of {survey['tried']} ways out are open: {names}"
        yield level(says, SANDBOX_REMEDY)
    else:
        yield ok(f"all {survey['tried']} known ways out are closed")
