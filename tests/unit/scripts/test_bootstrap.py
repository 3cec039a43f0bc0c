"""The checks before set-up, fed with the facts of other systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import bootstrap

GLIBC = ("glibc", "2.36")


@pytest.mark.parametrize(
    ("system", "machine", "libc"),
    [
        ("Linux", "x86_64", GLIBC),
        ("Linux", "aarch64", ("glibc", "2.28")),
        ("Darwin", "arm64", ("", "")),
        ("Darwin", "x86_64", ("", "")),
    ],
)
def test_accepts_systems_that_the_packages_are_built_for(
    system: str, machine: str, libc: tuple[str, str]
) -> None:
    assert bootstrap.platform_problem(system, machine, libc) is None


@pytest.mark.parametrize(
    ("system", "machine", "libc", "named"),
    [
        ("Linux", "x86_64", ("", ""), "Alpine (musl)"),
        ("Linux", "x86_64", ("glibc", "2.17"), "2.17"),
        ("Linux", "riscv64", GLIBC, "riscv64"),
        ("Linux", "i686", GLIBC, "i686"),
        ("Windows", "AMD64", ("", ""), "WSL 2"),
        ("FreeBSD", "amd64", ("", ""), "FreeBSD"),
    ],
)
def test_refuses_other_systems_in_one_line(
    system: str, machine: str, libc: tuple[str, str], named: str
) -> None:
    problem = bootstrap.platform_problem(system, machine, libc)
    assert problem is not None
    assert named in problem
    assert "\n" not in problem


def test_asks_for_two_gigabytes_of_disk() -> None:
    assert bootstrap.disk_problem(2 * 1024**3) is None
    problem = bootstrap.disk_problem(500 * 1024**2)
    assert problem is not None
    assert "2 GB" in problem
    assert "500 MB" in problem


def test_locks_name_no_package_index() -> None:
    for lock in sorted((Path(bootstrap.__file__).parent.parent / "requirements").iterdir()):
        text = lock.read_text()
        assert "://" not in text, f"{lock.name} names a host"
        assert "index-url" not in text.replace("--no-emit-index-url", "")
