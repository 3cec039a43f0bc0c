"""What is not wanted: a negative prompt takes steps away, or things out of descriptions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.artist.instructions import vocabulary
from studio.artist.instructions.clauses import Step
from studio.artist.prompt.brief import Brief, read

# Steps that draw what they describe.
DRAWN = frozenset({"add", "background", "paint", "replace", "sky"})
_MOST_NAMED = 6


def without_refused(steps: Sequence[Step], negative: str) -> tuple[list[Step], list[str]]:
    """The steps that are left, and sentences for people about what the negative prompt did.

    A thing named there is not drawn, an effect or weather not made; what is in the picture
    already stays.
    """
    refused = [
        re.sub(r"^(?:no|any|the|an?|without)\s+", "", phrase.strip())
        for phrase in re.split(r"[,;.\n]+", negative.lower())
    ]
    refused = [phrase for phrase in refused if phrase]
    kept: list[Step] = []
    warnings: list[str] = []
    for step in steps:
        if any(_makes(step, phrase) for phrase in refused) or _all_refused(step, negative):
            warnings.append(
                f"The negative prompt excludes “{step.said}”, so that part was skipped."
            )
        else:
            kept.append(step)
    idle = [phrase for phrase in refused if not any(_concerns(step, phrase) for step in steps)]
    if idle:
        named = ", ".join(f"“{phrase}”" for phrase in idle[:_MOST_NAMED])
        warnings.append(f"The negative prompt only prevents additions. It didn't remove {named}.")
    return kept, list(dict.fromkeys(warnings))


def _makes(step: Step, phrase: str) -> bool:
    """Whether the step itself is the weather or effect of that name."""
    if step.verb == "air":
        name = re.sub(r"^(?:still|falling) ", "", step.what)
        # What falls is its season's: no snow, no winter.
        seasons = [season for season, falls in vocabulary.FALLS.items() if falls == name]
        patterns = [vocabulary.AIRS.get(one, "") for one in (name, *seasons)]
        return any(re.match(rf"(?:{pattern})", phrase) for pattern in patterns if pattern)
    pattern = vocabulary.EFFECTS.get(step.verb) or (r"blur\w*" if step.verb == "blur" else "")
    return bool(pattern) and bool(re.match(rf"(?:{pattern})", phrase))


def _all_refused(step: Step, negative: str) -> bool:
    """Whether nothing is left of what the step would draw."""
    if step.verb not in DRAWN - {"sky", "background"} or not negative:
        return False
    return bool(read(step.what).roles) and not read(step.what, negative=negative).roles


def _concerns(step: Step, phrase: str) -> bool:
    if _makes(step, phrase):
        return True
    if step.verb not in DRAWN:
        return False
    return _shown(read(step.what)) != _shown(read(step.what, negative=phrase))


def _shown(brief: Brief) -> tuple[object, ...]:
    return brief.roles, brief.setting, brief.hour, brief.weather, brief.ground
