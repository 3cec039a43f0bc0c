"""A sandbox child that imports what its job imports, and no media libraries ahead of it:
`python -m tests.support.faults.light_child`. For jobs of tests, most of which need none."""

import sys

from media.sandbox import child

if __name__ == "__main__":
    child._import_heavy = lambda: None
    child.main(sys.argv[1])
