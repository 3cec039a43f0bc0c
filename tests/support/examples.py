"""The number of examples of a property test: all in the whole suite, a twelfth elsewhere.

Elsewhere Hypothesis doesn't draw from the constants of our modules either: each process of a run
would read the source of all 1,300 for them, a tenth of what collecting the tests takes.
"""

import os

from hypothesis.internal.conjecture import providers

IS_WHOLE = os.environ.get("REELGRAPH_WHOLE") == "1"
if not IS_WHOLE:
    providers._get_local_constants = lambda: providers._local_constants


def examples(count: int, share: int = 12) -> int:
    """Return `count` with REELGRAPH_WHOLE=1, else a twelfth of it, and never under five.

    share: what to divide by instead of twelve.
    """
    return count if IS_WHOLE else max(count // share, 5)
