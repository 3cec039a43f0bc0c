"""The child: `python -m media.sandbox <limits as JSON>`; one job, then it ends."""

import sys

from media.sandbox.child import main

main(sys.argv[1])
