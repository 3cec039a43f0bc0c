"""The image, made by its script of steps in a Debian root of its own instead of by an engine."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from scripts.ports import free_port
from tests.support.program import ROOT, Program
from tests.support.seed_film import make_film

pytestmark = [pytest.mark.slow]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
MOST_MB = 700
# An engine's own.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Installing is no wait: it downloads what a server needs.
INSTALL_S = 900
READY_WITHIN_S = 120


def line(word: str) -> str:
    """Return what follows the only line of the Dockerfile that begins with a word."""
    (text,) = re.findall(rf"^{word} (.*)$", DOCKERFILE, re.M)
    return text


def words(instruction: str) -> list[str]:
    """Return the words of an instruction in the form of a JSON array."""
    found: list[str] = json.loads(line(instruction))
    return found


class Image:
    """A root as the image has it. Programs in it have the Dockerfile's environment and user."""

    def __init__(self, root: Path) -> None:
        self.root = root
        pairs = (one.split("=", 1) for one in shlex.split(line("ENV")))
        env = {name: value.replace("$PATH", PATH) for name, value in pairs}
        self.env = {**env, "PYTHONUNBUFFERED": "1"}

    def command(self, arguments: Sequence[str], **env: str) -> list[str]:
        """Return the command line that runs a program in the root, as the image's user."""
        user = line("USER")
        variables = [f"{name}={value}" for name, value in {**self.env, **env}.items()]
        inner = ["chroot", f"--userspec={user}:{user}", str(self.root), "env", "-i", *variables]
        return in_own_mounts(self.root, [*inner, *arguments])

    def text(self, *arguments: str, **env: str) -> str:
        done = subprocess.run(
            self.command(arguments, **env), capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def in_own_mounts(root: Path, command: Sequence[str], shared: Sequence[str] = ()) -> list[str]:
    """Return a command that runs with mounts of its own, which end with it.

    shared: files and folders of this machine that the root has below `/host`, to be read.
    """
    lines = ["mount -t proc proc $0/proc", "mount --rbind /dev $0/dev"]
    for path in shared:
        make = "mkdir -p" if Path(path).is_dir() else "install -D /dev/null"
        place = f"$0/host{shlex.quote(path)}"
        lines.append(f"{make} {place} && mount --bind -o ro {shlex.quote(path)} {place}")
    script = " && ".join([*lines, 'exec "$@"'])
    return ["unshare", "--mount", "sh", "-c", script, str(root), *command]


def pip_settings() -> tuple[dict[str, str], list[str]]:
    """Return how this machine's pip is set up, as variables, and the folders that they name.

    A folder is named by its first two parts: an index has addresses beside its own.
    """
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(pip, capture_output=True, text=True, check=True).stdout
    pairs = re.findall(r"^[\w:]+\.([\w-]+)='(.*)'$", listed, re.M)
    values = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in pairs}
    named = re.findall(r"(?:file://)?(/[\w.-][\w./-]*)", " ".join(values.values()))
    paths = [path for path in dict.fromkeys(named) if Path(path).exists()]
    moved = {
        name: re.sub("|".join(map(re.escape, paths)), r"/host\g<0>", value) if paths else value
        for name, value in values.items()
    }
    return moved, sorted({str(Path(*Path(path).parts[:3])) for path in paths})


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    if os.getuid():
        pytest.skip("Only root may make a Debian root.")
    if shutil.which("mmdebstrap") is None:
        pytest.skip("mmdebstrap is not installed.")
    folder = tmp_path_factory.mktemp("image")
    root = folder / "root"
    suite = {"13": "trixie"}[line("FROM").removeprefix("debian:").removesuffix("-slim")]
    slim = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "locale", "man")]
    bootstrap = ["mmdebstrap", "--quiet", "--variant=minbase", *slim, suite, str(root)]
    subprocess.run(bootstrap, check=True, timeout=INSTALL_S)
    wheel = [sys.executable, str(ROOT / "scripts/wheel.py"), str(folder)]
    subprocess.run(wheel, check=True, timeout=INSTALL_S)
    (built,) = folder.glob("*.whl")
    steps = root / "src"
    steps.mkdir()
    for file in (built, ROOT / "packaging/image/steps.sh"):
        shutil.copy(file, steps)
    shutil.copy("/etc/resolv.conf", root / "etc")
    variables, shared = pip_settings()
    run = ["chroot", str(root), "sh", "/src/steps.sh", f"/src/{built.name}"]
    env = {"PATH": PATH, **variables}
    subprocess.run(in_own_mounts(root, run, shared), env=env, check=True, timeout=INSTALL_S)
    shutil.rmtree(steps)
    return Image(root)


def test_is_small_and_has_no_compiler(image: Image) -> None:
    measured = subprocess.check_output(["du", "-smx", "--apparent-size", image.root], text=True)
    size = int(measured.split()[0])
    print(f"{size} MB")
    assert size <= MOST_MB
    for name in ("cc", "gcc", "git", "node", "make"):
        assert not list(image.root.glob(f"usr/bin/{name}")), name


def test_makes_a_film_as_an_ordinary_user(image: Image, tmp_path: Path) -> None:
    port = str(free_port())
    command = image.command([*words("ENTRYPOINT"), *words("CMD")], PORT=port)
    with Program(command) as program:
        program.line_with("Reelgraph is ready", READY_WITHIN_S)
        key = image.text("reelgraph", "key", PORT=port).split()[-1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            make_film(client, key, tmp_path)
        assert "faults: 0" in image.text("reelgraph", "doctor", PORT=port)
        health = [one.replace("8000", port) for one in words("HEALTHCHECK CMD")]
        image.text(*health)
        program.send(signal.SIGTERM)
        assert program.wait() == 0
    owners = {path.lstat().st_uid for path in (image.root / "data").rglob("*")}
    assert owners == {int(line("USER"))}


def test_makes_its_env(image: Image) -> None:
    assert "REELGRAPH_SECRET_KEY=" in image.text("reelgraph", "compose-env", "http://localhost")


def test_has_the_client_of_its_postgres(image: Image) -> None:
    (major,) = re.findall(r"image: postgres:(\d+)", (ROOT / "compose.yaml").read_text())
    assert f" {major}." in image.text("pg_dump", "--version")
