"""The number of examples of a property test: all in the whole suite, a quarter elsewhere."""

import os


def examples(count: int, share: int = 4) -> int:
    """Return `count` with REELGRAPH_WHOLE=1, else a quarter of it, and never under five.

    share: what to divide by instead of four, where each example is dear.
    """
    return count if os.environ.get("REELGRAPH_WHOLE") == "1" else max(count // share, 5)
