"""A brief's needs of the person's file beside its operations. Pure."""

from __future__ import annotations

from compose.brief.brief import Brief, Edit
from compose.brief.questions import unread_words


def has_sound(brief: Brief) -> bool:
    """Return whether sound is to be added to the person's file."""
    return bool(brief.sound.music or brief.sound.speech or brief.sound.subtitles)


def edits_of_scenes(brief: Brief) -> list[Edit]:
    """Read what a brief says of its photo as a scene: it is how the photo changes or moves."""
    if brief.kind == "photo_edit":
        return [Edit("edit", scene.text) for scene in brief.scenes[:1] if scene.text.strip()]
    return []


def wish_of(brief: Brief) -> str:
    """Return what is asked of the file in words that no reader took for an operation."""
    if not brief.stretches:
        return brief.topic
    unread = unread_words(brief)
    # The whole sentence is plainer than its parts: "Make my photo brighter".
    return brief.words if unread and not brief.impossible else unread
