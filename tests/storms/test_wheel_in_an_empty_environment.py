"""The wheel, installed where there is no checkout, no git, no make and no Node."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from scripts.ports import free_port
from tests.support.program import ROOT, Program
from tests.support.seed_film import make_film
from tests.support.waiting import WAIT_S

pytestmark = [pytest.mark.slow]
# What installs is no wait: on a busy machine a minute isn't enough for `venv` alone.
INSTALL_S = 300

# Nothing is compiled yet at the first start, and other tests run beside this one.
READY_WITHIN_S = 120
FILM_WITHIN_S = 180


@dataclass(frozen=True)
class Installation:
    """An environment with the wheel, and a person's home folder. env: nothing of a developer's."""

    program: Path
    home: Path
    env: Mapping[str, str]

    @property
    def data(self) -> Path:
        return self.home / ".local/share/reelgraph"

    def text(self, *words: str, cwd: Path | None = None, code: int = 0) -> str:
        """Return what `reelgraph …` says."""
        done = subprocess.run(
            [self.program, *words],
            cwd=cwd or self.home,
            env=dict(self.env),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr if code else done.stdout

    @contextlib.contextmanager
    def serving(self) -> Iterator[tuple[str, Program]]:
        """Yield the address of a server at work, and its supervisor."""
        port = free_port()
        command = ["env", "-i", *(f"{name}={value}" for name, value in self.env.items())]
        command += [str(self.program), "serve", "--port", str(port), "--workers", "2"]
        with Program(command, cwd=self.home) as program:
            program.line_with("Reelgraph is ready", READY_WITHIN_S)
            yield f"http://127.0.0.1:{port}", program
            # Its processes end with it, unless it was killed.
            program.send(signal.SIGTERM)
            program.wait()

    def files(self) -> dict[str, int]:
        """Return size by path of all that was installed, but for compiled modules."""
        folder = next(self.program.parent.parent.glob("lib/python*/site-packages/reelgraph"))
        paths = [path for path in folder.rglob("*") if "__pycache__" not in path.parts]
        return {str(path): path.stat().st_size for path in paths if path.is_file()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = shared_environment(tmp_path_factory)
    home = tmp_path_factory.mktemp("home")
    # Not even a shell is on it.
    env = {"HOME": str(home), "PATH": str(folder / "bin"), "PYTHONUNBUFFERED": "1"}
    return Installation(folder / "bin/reelgraph", home, env)


def shared_environment(factory: pytest.TempPathFactory) -> Path:
    """The environment with the wheel. One process of this run of pytest makes it; others wait."""
    base = factory.getbasetemp()
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    folder = (base.parent if is_one_of_several else base) / "wheel"
    folder.mkdir(exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            # Left by one that failed.
            shutil.rmtree(folder / "dist", ignore_errors=True)
            install(folder)
            done.touch()
    return folder / "env"


def install(folder: Path) -> None:
    dist = folder / "dist"
    subprocess.run([sys.executable, ROOT / "scripts/wheel.py", dist], check=True, timeout=INSTALL_S)
    (built,) = dist.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "venv", "--clear", folder / "env"], check=True, timeout=INSTALL_S
    )
    pip = [folder / "env/bin/python", "-m", "pip", "install", "--quiet", "--no-compile", built]
    subprocess.run(pip, check=True, timeout=INSTALL_S)


def test_makes_the_film_of_the_seed_and_outlives_a_kill(
    installed: Installation, tmp_path: Path
) -> None:
    before = installed.files()
    started = time.monotonic()
    with installed.serving() as (url, supervisor):
        ready_s = time.monotonic() - started
        key = installed.text("key").split()[-1]
        with httpx.Client(base_url=url, timeout=60) as client:
            run_id = make_film(client, key, tmp_path, FILM_WITHIN_S)
        film_s = time.monotonic() - started
        print(f"ready after {ready_s:.1f} s, the film after {film_s:.1f} s")
        env_port = {**installed.env, "PORT": url.rpartition(":")[2]}
        doctor = Installation(installed.program, installed.home, env_port).text("doctor")
        assert "faults: 0" in doctor
        os.kill(supervisor.process.pid, signal.SIGKILL)
    with installed.serving() as (url, _):
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=url, headers=headers, timeout=WAIT_S) as client:
            answer = client.get(f"/v1/creative-agent/workflows/{run_id}")
        assert answer.json()["data"]["workflow"]["status"] == "completed"
    assert installed.files() == before
    assert installed.data.is_dir()


def test_commands(installed: Installation) -> None:
    help_text = installed.text("--help")
    assert installed.text("help") == help_text
    for verb in re.findall(r"^  (\S+)", help_text, re.M):
        assert installed.text(verb, "--help")
    assert "Did you mean `reelgraph doctor`?" in installed.text("docter", code=1)
    assert "--port needs a value" in installed.text("--port", code=1)
    assert "serve doesn't know --ports=1" in installed.text("serve", "--ports=1", code=1)
    said = installed.text("version", "--home", "elsewhere")
    assert re.fullmatch(r"Reelgraph \d+\.\d+\.\d+, Python 3\S+, data folder \S+/elsewhere\n", said)
    assert "reelgraph key nobody --new" in installed.text("grant", "nobody", "5", code=1)


def test_a_backup_is_restored_beside_its_server(installed: Installation, tmp_path: Path) -> None:
    home, copy, store = (str(tmp_path / name) for name in ("home", "my copy", "store"))
    installed.text("--home", home, "manage", "prepare")
    assert "Opened and checked" in installed.text("backup", store, "--home", home)
    (backup,) = map(str, Path(store).glob("20*"))
    assert "Whole: database" in installed.text("backup", "--verify", "--hash", backup)
    said = installed.text("restore", backup, "--home", copy)
    # Without its folder these would be commands for the server of the backup.
    assert f"Start it: reelgraph --home '{copy}'\n" in said
    assert f"reelgraph --home '{copy}' take-over" in said


def test_packages_of_postgres_are_asked_for(installed: Installation, tmp_path: Path) -> None:
    home, url = str(tmp_path / "home"), "postgres://ada@127.0.0.1:9/x"
    remedy = "needs more packages. Run `uv tool install 'FILE[postgres]'`"
    with_url = replace(installed, env={**installed.env, "DATABASE_URL": url})
    assert with_url.text("serve", "--home", home, code=1).startswith(f"DATABASE_URL {remedy}")
    move = ("move-database", "--to", url, "--home", home)
    assert f"--to {remedy}" in installed.text(*move, code=1)


def test_the_service_of_systemd_is_as_the_guide_shows_it(installed: Installation) -> None:
    (path,) = installed.program.parent.parent.glob(
        "lib/python3*/site-packages/reelgraph/reelgraph.service"
    )
    service = path.read_text()
    guide = (ROOT / "docs/howto/install.md").read_text()
    assert service.partition("\n")[2] in guide
    verb = re.findall(r"^ExecStart=/opt/reelgraph/bin/reelgraph (\S+)$", service, re.M)
    assert installed.text(*verb, "--help")
    # The sandbox of media jobs was not tried under these.
    untried = r"^(RestrictNamespaces|SystemCallFilter|MemoryDenyWriteExecute)="
    assert not re.search(untried, service, re.M)


def test_a_checkout_s_data_is_not_left_behind_in_silence(
    installed: Installation, tmp_path: Path
) -> None:
    (tmp_path / ".reelgraph").mkdir()
    env = {**installed.env, "XDG_DATA_HOME": str(tmp_path / "data")}
    said = Installation(installed.program, installed.home, env).text("serve", cwd=tmp_path, code=1)
    assert f"reelgraph --home {tmp_path}/.reelgraph" in said
    assert f"mv {tmp_path}/.reelgraph {tmp_path}/data/reelgraph" in said
