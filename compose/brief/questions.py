"""Facts that a brief must give before anything can be made of it."""

from __future__ import annotations

from compose.brief.brief import Brief
from compose.brief.scene_text import shows_anything
from core.errors import InvalidInput

SUBJECT = "What should it show? Add a subject, such as “a lighthouse at dusk”."
TOPIC = "What is it about? Add a subject, such as “a fox who learns to swim”."
OPERATION = "What should be done with your file? Say it, such as “crop it to 9:16”."


def check_can_be_drawn(brief: Brief, *, has_inputs: bool = False) -> None:
    """Raise InvalidInput, with a sentence for the person, where there is nothing to make.

    has_inputs: the caller declares what the person brings.
    """
    if brief.impossible and _asks_nothing_else(brief):
        raise InvalidInput(" ".join(brief.impossible), code="brief.impossible")
    if brief.stretches and not has_inputs and _asks_nothing_of_file(brief):
        raise InvalidInput(OPERATION, code="brief.operation_needed")
    if brief.lacks_subject and not has_inputs:
        is_heard = brief.kind in ("audio", "song") or brief.sound.speech
        raise InvalidInput(TOPIC if is_heard else SUBJECT, code="brief.subject_needed")


def unread_words(brief: Brief) -> str:
    """Return what the brief says that no reader took for an instruction."""
    phrases = (one.words for one in brief.stretches if not one.reader)
    return ", ".join(words for words in phrases if shows_anything(words, brief.language))


def _asks_nothing_else(brief: Brief) -> bool:
    if brief.lacks_subject:
        return True
    if brief.kind == "audio":
        return not (brief.sound.music or brief.sound.speech)
    return _asks_nothing_of_file(brief)


def _asks_nothing_of_file(brief: Brief) -> bool:
    """Return whether a file is brought and no work on it is asked for."""
    sound = brief.sound
    more = (brief.edits, brief.aspect, brief.style, sound.music, sound.speech, sound.subtitles)
    is_edit = brief.kind in ("clip_edit", "photo_edit")
    if brief.impossible and brief.kind == "clip_edit" and not any(more):
        # What is left of "remove the noise and cut out the ums" would repaint the video.
        return True
    return is_edit and not any(more) and not sound.is_silent and not unread_words(brief)
