"""Prompts with branches, for several variations of one call."""

from __future__ import annotations

import re


def choose_branch(prompt: str, index: int) -> str:
    """The prompt of one variation: of each `{a|b|c}` the branch it is the turn of."""

    def branch(match: re.Match[str]) -> str:
        branches = match[1].split("|")
        return branches[index % len(branches)].strip()

    return re.sub(r"\{([^{}|]*\|[^{}]*)\}", branch, prompt)
