"""The number of examples of a property test: all in the whole suite, a twelfth elsewhere."""

import os


def examples(count: int, share: int = 12) -> int:
    """Return `count` with REELGRAPH_WHOLE=1, else a twelfth of it, and never under five.

    share: what to divide by instead of twelve.
    """
    return count if os.environ.get("REELGRAPH_WHOLE") == "1" else max(count // share, 5)
