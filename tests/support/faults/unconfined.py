"""A sandbox child that confines nothing, to compare results with those of one that does."""

import sys

from media.sandbox import child, confine

if __name__ == "__main__":
    child.confine = lambda reads, writes: confine.Confinement("landlock", "seccomp", "none")
    child.main(sys.argv[1])
