"""Actions in a prompt that change nothing in the drawing.

Nouns that nothing draws are `Brief.unknown`. Actions are plain words to the reader, so a prompt
would lose them without a warning.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.artist.prompt.brief import Brief, read
from studio.artist.scenes.build import build
from studio.media.text import words_of

# Large enough for a pose to show, small enough to cost a tenth of a second.
SIZE = (96, 54)
# Without those that are names of things too, or what their subjects are drawn doing anyway.
ACTIONS = words_of(
    """
    runs running walks walking jumps jumping leaps leaping climbs climbing rides riding drives
    driving races racing chases chasing fights fighting dances dancing sings singing playing eats
    eating drinking sleeps sleeping kneels kneeling crawls crawling throws throwing catches catching
    waving smiles smiling laughs laughing cries crying kisses kissing hugs hugging speaks speaking
    talks talking explodes exploding melts melting spins spinning
    """
)


def idle_words(brief: Brief, negative: str) -> tuple[str, ...]:
    """The actions of a prompt without which the same picture is drawn, in its order."""
    candidates = [word for word in words_in(brief.prompt) if word in ACTIONS & brief.drawn]
    found = []
    drawn = None
    for word in dict.fromkeys(candidates):
        spoken = " ".join(one for one in brief.prompt.split() if word not in words_in(one))
        # The same prompt, as chance in the drawing follows from it.
        without = replace(read(spoken, seed=brief.seed, negative=negative), prompt=brief.prompt)
        if replace(without, drawn=brief.drawn, unknown=brief.unknown) != brief:
            continue
        if drawn is None:
            drawn = build(brief, *SIZE).still()
        if np.array_equal(drawn, build(without, *SIZE).still()):
            found.append(word)
    return tuple(found)


def words_in(text: str) -> list[str]:
    kept = "".join(one if one.isalpha() or one == "-" else " " for one in text.lower())
    return kept.split()
