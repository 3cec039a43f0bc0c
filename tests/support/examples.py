"""How many examples a property test draws: all of them in CI, a quarter on a working machine."""

import os


def examples(count: int, share: int = 4) -> int:
    """Return `count` in CI (`.ci/run` sets CI=1), else a quarter of it, and never under five.

    share: what to divide by instead of four, where each example is dear.
    """
    return count if os.environ.get("CI") == "1" else max(count // share, 5)
