"""Words about a sound, and how a picture follows it: nothing of the scene itself."""

from __future__ import annotations

import re

from studio.artist.art_vocabulary import words

SOUND_WORDS = words("sound_words")


def without_sound_words(prompt: str) -> str:
    """The words that say what the scene is."""
    return re.sub(
        r"[A-Za-z]+", lambda word: "" if word[0].lower() in SOUND_WORDS else word[0], prompt
    )
