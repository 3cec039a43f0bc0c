"""The parts of a brief that were understood, and the rest, in words for the person. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """understood: short facts, such as "3 scenes", "15 s", "soft piano", "Photo" (an input).

    not_understood: stretches of the brief, as it has them. impossible: sentences, one for each
    thing that the brief asks for and no tool here does. contents: what is drawn, read and played,
    a line each, in the words that the tools are given.
    """

    understood: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
