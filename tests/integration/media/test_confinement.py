"""What a media job cannot do, tried for real, and what it still can."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from core.errors import ProviderError
from media.sandbox import Unwatched, breakouts, confine, run_in_sandbox, syscalls
from mediakit.typefaces import FOLDERS
from tests.support.builders.blobs import jpeg_with_place
from tests.support.faults import breakout_survey
from tests.support.faults.confining import light_children, without_seccomp

ROOT = Path(__file__).resolve().parents[3]
JOBS = "tests.support.fakes.sandbox_jobs"
HAS_ALL = not confine.available().missing()
pytestmark = pytest.mark.skipif(not HAS_ALL, reason="this kernel has no Landlock or no seccomp")

# Their names, without making any target.
NOWHERE = {"secret": "/", "process": 0, "port": 0, "unix": "", "abstract": ""}
ATTEMPTS = sorted(breakouts.all_attempts(NOWHERE)) if HAS_ALL else []
NEEDS = sorted(breakouts.needs(NOWHERE))


@pytest.fixture(scope="module", autouse=True)
def _light_children() -> Iterator[None]:
    yield from light_children()


@cache
def found(user: int, without: str = "", abi: int = 0) -> Mapping[str, Any]:
    if user:
        if os.geteuid():
            pytest.skip("only root can become another user")
        if not breakout_survey.interpreter_for(user):
            pytest.skip("another user can start no Python here")
    return breakout_survey.survey(user=user, without=without, abi=abi)


USERS = pytest.mark.parametrize("user", [0, breakout_survey.USER], ids=["tester", "no_one"])


@USERS
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_job_cannot(attempt: str, user: int) -> None:
    assert attempt not in found(user)["open"]


@USERS
@pytest.mark.parametrize("need", NEEDS)
def test_a_job_can(need: str, user: int) -> None:
    assert not [broken for broken in found(user)["broken"] if broken.startswith(need)]


# Between the oldest and this kernel's, each adds one right.
LATEST = confine.landlock_abi()


@USERS
@pytest.mark.parametrize(
    "abi",
    [
        pytest.param(abi, marks=[] if abi in (1, LATEST) else [pytest.mark.thorough])
        for abi in range(1, LATEST + 1)
    ],
)
def test_every_version_of_landlock_is_enough(abi: int, user: int) -> None:
    survey = found(user, abi=abi)
    assert (survey["files"], survey["missing"]) == (f"landlock {abi}", [])
    assert (survey["open"], survey["broken"]) == ([], [])


@USERS
@pytest.mark.parametrize(
    ("without", "opened"),
    [
        ("files", ["files: read a secret", "files: overwrite", "files: read /etc/passwd"]),
        ("calls", ["network: UDP", "process: fork", "memory: memfd", "files: change a mode"]),
        ("all", ["files: read a secret", "network: TCP", "process: start a program"]),
    ],
)
def test_the_survey_notices_a_missing_part(without: str, opened: list[str], user: int) -> None:
    survey = found(user, without=without)
    assert survey["missing"]
    assert set(opened) <= set(survey["open"])


def test_a_real_job_is_confined(tmp_path: Path) -> None:
    with breakouts.planted(tmp_path) as targets:
        survey = run_in_sandbox(
            breakouts.FUNCTION,
            targets,
            reads=[Path(targets["input"])],
            out=Path(targets["out"]),
            timeout_s=60,
            context=Unwatched(),
        )
    assert survey == {"open": [], "broken": [], "tried": len(ATTEMPTS)}


def test_a_second_thread_is_an_error() -> None:
    program = """
        import threading
        from media.sandbox.confine import confine
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        try:
            confine([], [])
        except RuntimeError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout == "A second thread exists, which the sandbox would not confine.\n"


def test_the_filter_on_another_machine_kills_calls_of_a_foreign_architecture() -> None:
    """Not run here, but made: it begins with the check of the architecture, and it fits."""
    for machine in syscalls.MACHINES:
        program = confine.filter_program(machine, 1)
        assert program[8:16] == bytes.fromhex("15000100") + confine.AUDIT_ARCH[machine].to_bytes(
            4, "little"
        )
        assert len(program) // 8 < 4096


# -- what is stated, and nothing else -------------------------------------------------------------


def job(name: str, arguments: dict[str, Any], **options: Any) -> dict[str, Any]:
    options = {"timeout_s": 20, "context": Unwatched(), **options}
    return run_in_sandbox(f"{JOBS}.{name}", arguments, **options)


def test_a_file_that_is_only_in_the_arguments_cannot_be_read(tmp_path: Path) -> None:
    stated, other = tmp_path / "stated", tmp_path / "other"
    stated.write_text("yes")
    other.write_text("no")
    assert job("read_text", {"path": str(stated)}, reads=[stated]) == {"text": "yes"}
    refused = job("read_text", {"path": str(other)}, reads=[stated])
    assert refused == {"refused": "PermissionError"}


def test_a_job_reads_the_folders_of_the_machines_typefaces() -> None:
    for folder in filter(os.path.isdir, FOLDERS):
        assert job("read_text", {"path": folder}) == {"refused": "IsADirectoryError"}
    assert job("read_text", {"path": str(ROOT)}) == {"refused": "PermissionError"}


@pytest.mark.parametrize("options", [{"reads": [Path("a")]}, {"out": Path("b")}])
def test_a_relative_path_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="absolute"):
        job("echo", {}, **options)


@pytest.mark.parametrize("ends", [False, True])
def test_a_job_that_fills_the_disk_with_many_files_is_ended_or_refused(
    tmp_path: Path, settings: Any, ends: bool
) -> None:
    settings.SANDBOX = {**settings.SANDBOX, "folder_bytes": 20_000_000}
    with pytest.raises(ProviderError, match="too much disk space") as caught:
        job("write_many", {"megabytes": 40, "ends": ends}, out=tmp_path)
    assert (caught.value.error_type, caught.value.retryable) == ("PARAMETER_INVALID", False)


# -- REELGRAPH_SANDBOX ----------------------------------------------------------------------------


@pytest.fixture
def without_a_filter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from without_seccomp(monkeypatch)


@pytest.mark.usefixtures("without_a_filter")
def test_best_works_on_and_warns_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="media.sandbox.parent"):
        assert job("echo", {"a": 1})["echo"] == {"a": 1}
        assert job("echo", {"a": 2})["echo"] == {"a": 2}
    [record] = caplog.records
    assert "network and processes are not confined (no seccomp)" in record.getMessage()


@pytest.mark.usefixtures("without_a_filter")
def test_required_refuses_before_the_job_begins(tmp_path: Path, settings: Any) -> None:
    settings.SANDBOX_REQUIRED = True
    began = tmp_path / "pids"
    with pytest.raises(ProviderError) as caught:
        job("hang_alone", {"pids": str(began)}, out=tmp_path)
    assert "no seccomp" in caught.value.message
    assert "REELGRAPH_SANDBOX=required" in caught.value.message
    assert (caught.value.error_type, caught.value.retryable) == ("GPU_WORKER_FAILED", False)
    assert not began.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("without_a_filter")
def test_required_refuses_an_upload_and_says_why(settings: Any, alice: User) -> None:
    settings.SANDBOX_REQUIRED = True
    client = Client()
    client.force_login(alice)
    picture = SimpleUploadedFile("look.jpg", jpeg_with_place())
    answer = client.post("/app/uploads", {"file": picture})
    assert answer.status_code == 503
    assert "no seccomp" in answer.json()["message"]
    assert "REELGRAPH_SANDBOX=required" in answer.json()["message"]


@pytest.mark.django_db
@pytest.mark.usefixtures("without_a_filter")
@pytest.mark.parametrize(
    ("required", "level", "says"),
    [(False, "warning", "process: fork"), (True, "fault", "REELGRAPH_SANDBOX=required")],
)
def test_the_doctor_names_what_is_open(
    settings: Any,
    capsys: pytest.CaptureFixture[str],
    required: bool,
    level: str,
    says: str,
) -> None:
    settings.SANDBOX_REQUIRED = required
    with contextlib.suppress(SystemExit):
        call_command("doctor", json=True)
    checks = json.loads(capsys.readouterr().out)["checks"]
    [check] = [check for check in checks if check["name"] == "sandbox"]
    assert check["level"] == level
    assert says in check["says"]
    assert "docs/howto/operate.md" in check["remedy"]


def test_a_process_of_the_same_user_cannot_look_into_a_parent() -> None:
    if os.geteuid() == 0 and not breakout_survey.interpreter_for(breakout_survey.USER):
        pytest.skip("another user than root can start no Python here")
    assert breakout_survey.environment_of(protected=False) == "SECRET=planted"
    assert breakout_survey.environment_of(protected=True) == "PermissionError"


def test_required_works_where_all_of_it_holds(settings: Any) -> None:
    settings.SANDBOX_REQUIRED = True
    assert job("echo", {"a": 1})["echo"] == {"a": 1}


def test_the_setting_takes_two_words() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import builder.settings"],
        cwd=ROOT,
        env={**os.environ, "REELGRAPH_SANDBOX": "off"},
        capture_output=True,
        text=True,
    )
    assert "REELGRAPH_SANDBOX=off can't be used: write one of best, required." in done.stderr


@pytest.mark.skipif(platform.machine() != "x86_64", reason="compares this machine's numbers")
def test_the_numbers_are_those_of_the_c_library() -> None:
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    lines = (line.split() for line in header.read_text().splitlines() if "__NR_" in line)
    numbers = {words[1].removeprefix("__NR_"): int(words[2]) for words in lines if len(words) == 3}
    for table in (syscalls.ALLOWED, syscalls.CONDITIONAL, syscalls.ATTEMPTED):
        for name, (number, _aarch64) in table.items():
            assert number == numbers.get(name, number), name
