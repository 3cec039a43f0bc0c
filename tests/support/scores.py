"""Many pinned cases as one test: a score, and the list of those that fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LEAST = 0.97


def assert_score(flaws: Mapping[str, Sequence[object]]) -> None:
    """Fail below 97 % of cases without flaws; what fails is printed also above that.

    flaws: of each case, by its name.
    """
    failing = {name: list(found) for name, found in flaws.items() if found}
    text = "\n".join(f"{name[:70]}: {found}" for name, found in failing.items())
    score = 1 - len(failing) / len(flaws)
    print(f"{score:.1%} of {len(flaws)} cases\n{text}")
    assert score >= LEAST, text
