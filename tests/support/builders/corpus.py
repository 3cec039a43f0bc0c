"""Texts as people write them, one a line, without expectations: `tests/fixtures/*_corpus*`.

They were written without a look at the tables and rules that read them, so they show which of
those are of use, and what breaks on words that no one thought of. `\\n` is a line break.
"""

from __future__ import annotations

from pathlib import Path

_FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def corpus_briefs(language: str) -> tuple[str, ...]:
    """Return the briefs in "en", "de", "fr" or "es"."""
    return _lines(_FIXTURES / "brief_corpus" / f"{language}.txt")


def corpus_changes() -> tuple[str, ...]:
    """Return requests for changes of a template; the last quarter is German, French and Spanish."""
    return _lines(_FIXTURES / "change_corpus.txt")


def _lines(path: Path) -> tuple[str, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line.replace("\\n", "\n") for line in lines)
