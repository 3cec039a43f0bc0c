"""Find a Python that can run the project, then hand over to one of the scripts beside this file.

`python3 scripts/launch.py test -k stitch` runs `scripts/test.py -k stitch`. This one file must be
readable by any Python 3, because on many machines `python3` is older than what we need: it looks
for the one that PYTHON names, then for python3.14 down to python3.11, and takes only one that can
also make virtual environments (Debian and Ubuntu ship a Python that cannot).
"""

import os
import platform
import shutil
import subprocess
import sys
from typing import Callable, List, Optional, Tuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV_PYTHON = os.path.join(ROOT, ".venv", "bin", "python")
OLDEST = (3, 11)
NEWEST = (3, 14)
NAMES = ["python3.%d" % minor for minor in range(NEWEST[1], OLDEST[1] - 1, -1)] + ["python3"]
# One line: the version, and whether venv and pip's bootstrap are there.
PROBE = (
    "import sys\n"
    "try:\n"
    "    import venv, ensurepip; can = 1\n"
    "except ImportError:\n"
    "    can = 0\n"
    "print(sys.version_info[0], sys.version_info[1], can)\n"
)

# (command, version, whether it can make virtual environments)
Found = Tuple[str, Tuple[int, int], bool]


def probe(command: str) -> Optional[Found]:
    """Return the facts of a Python; None where it is absent or does not start (a pyenv shim)."""
    path = shutil.which(command)
    if path is None:
        return None
    try:
        run = subprocess.run(
            [path, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30
        )
        major, minor, can = run.stdout.decode().split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return (path, (int(major), int(minor)), can == "1")


def choose(names: List[str], look: Callable[[str], Optional[Found]]) -> Tuple[str, List[Found]]:
    """The first command that is new enough and can make a venv, or "", and all that was seen."""
    pythons = []  # type: List[Found]
    for name in names:
        python = look(name)
        if python is None:
            continue
        pythons.append(python)
        if OLDEST <= python[1] <= NEWEST and python[2]:
            return python[0], pythons
    return "", pythons


def advice(pythons: List[Found], system: str, distribution: str) -> str:
    """One line: what is missing, and the exact command that brings it."""
    lacking = [python for python in pythons if OLDEST <= python[1] <= NEWEST]
    if lacking:
        version = "%d.%d" % lacking[0][1]
        what = "Python %s is here, but it cannot make virtual environments." % version
        package = "python%s-venv" % version
    else:
        versions = sorted({"%d.%d" % python[1] for python in pythons})
        here = "found only %s" % ", ".join(versions) if versions else "found none"
        what = "Python %d.%d to %d.%d is needed (%s)." % (OLDEST + NEWEST + (here,))
        package = "python3.11 python3.11-venv"
    if system == "Darwin":
        return what + " Run: brew install python@3.12"
    if distribution in ("debian", "ubuntu"):
        return what + " Run: sudo apt install " + package
    if distribution in ("fedora", "rhel", "centos", "rocky", "almalinux"):
        return what + " Run: sudo dnf install python3.11"
    return what + " Install it from your system's packages, with its venv and ensurepip modules."


def distribution_name() -> str:
    """`debian`, `ubuntu`, `fedora` and so on, or their nearest parent; "" when unknown."""
    facts = {}
    try:
        with open("/etc/os-release") as file:
            for line in file:
                key, _, value = line.strip().partition("=")
                facts[key] = value.strip('"')
    except OSError:
        return ""
    names = [facts.get("ID", ""), *facts.get("ID_LIKE", "").split()]
    families = [name for name in names if name in ("debian", "ubuntu", "fedora", "rhel", "alpine")]
    return families[0] if families else names[0]


def main() -> None:
    if sys.platform == "win32":
        sys.exit("Reelgraph runs on Linux and macOS. On Windows, use it inside WSL 2.")
    # The venv's own Python is known to be good, and asking it costs less than looking around.
    python = choose([VENV_PYTHON], probe)[0]
    if not python:
        # `PYTHON=python3.13 make run`, or `make run PYTHON=…`.
        names = list(filter(None, [os.environ.get("PYTHON")])) + NAMES
        python, pythons = choose(names, probe)
        if not python:
            sys.exit(advice(pythons, platform.system(), distribution_name()))
    script = os.path.join(ROOT, "scripts", sys.argv[1] + ".py")
    os.execv(python, [python, script, *sys.argv[2:]])


if __name__ == "__main__":
    main()
