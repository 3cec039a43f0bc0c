"""What checks keep of files: a run with it says the same as one without."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.program import ROOT

with pytest.MonkeyPatch.context() as patch:
    # Scripts import each other by bare names, as they do when one is started.
    patch.syspath_prepend(ROOT / "scripts")
    import check
    import structure
    import suite
    import words
    from file_facts import load

LONG = "def {name}({a}):\n" + "".join(f"    {{a}} = {{a}} + {n}\n" for n in range(7))
FILES = {
    "runs/__init__.py": '"""Runs.\n\nPublic modules:\n- `states`: x.\n"""\n',
    "runs/states.py": "# The colour of it\nfrom runs.models import ROW\n"
    + LONG.format(name="one", a="x"),
    "runs/models.py": "import runs.states\n" + LONG.format(name="two", a="y"),
    "tools/work.py": "from runs import models\n",
    "README.md": "A colour, a grey\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / ".venv").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    return tmp_path


def results(root: Path) -> Any:
    tree = structure.Tree(root)
    figures = tree.figures()
    tree.store.keep()
    return figures, words.count(root)


def stores(root: Path) -> Iterator[Path]:
    return (root / ".venv" / "checks").iterdir()


def test_a_second_run_reads_nothing_again_and_says_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = results(root)
    assert cold[0]["duplicate functions"].offenders == [
        "runs/models.py:2 two = runs/states.py:3 one"
    ]
    assert [(name, hit.line, hit.word) for name, hit in cold[1][0]] == [
        ("README.md", 1, "colour"),
        ("README.md", 1, "grey"),
        ("runs/states.py", 1, "colour"),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(words.WordList, "hits", None)
        patch.setattr(structure.Module, "tree", None)
        assert results(root) == cold
    assert sorted(path.name for path in stores(root)) == ["structure.json", "words.json"]


def test_a_changed_file_is_read_again_and_one_that_is_gone_is_dropped(root: Path) -> None:
    results(root)
    before = {path: len(load(path)) for path in stores(root)}
    (root / "runs/models.py").write_text("# Grey\n")
    (root / "tools/work.py").unlink()
    figures, (hits, _) = results(root)
    assert not figures["duplicate functions"].value
    assert ("runs/models.py", "Grey") in [(name, hit.word) for name, hit in hits]
    assert {path: len(load(path)) + 1 for path in stores(root)} == before


@pytest.mark.parametrize("content", ["", "[1]", '{"a": ', "\x00"])
def test_what_is_broken_is_ignored(root: Path, content: str) -> None:
    cold = results(root)
    for path in stores(root):
        path.write_text(content)
    assert results(root) == cold
    assert all(load(path) for path in stores(root))


def test_without_an_environment_nothing_is_stores(root: Path) -> None:
    (root / ".venv").rmdir()
    assert results(root) == results(root)
    assert not (root / ".venv").exists()


@pytest.fixture
def runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that checks ran; `false` fails."""
    commands: list[list[str]] = []

    def run_quietly(command: list[str], **_environment: str) -> tuple[int, str]:
        commands.append(command)
        return int(command == ["false"]), ""

    monkeypatch.setattr(check, "run_quietly", run_quietly)
    monkeypatch.setattr(check, "PASSED", root / ".venv" / "checks" / "passed.json")
    state = check.Check.state
    monkeypatch.setattr(check.Check, "state", lambda self: state(self, root))
    monkeypatch.delenv("CI", raising=False)
    return commands


def test_a_check_runs_again_when_its_inputs_change(root: Path, runs: list[list[str]]) -> None:
    one = check.Check("one", ["true"], ["runs", "README.md"])
    assert check.failures_of([one]) == []
    (root / "tools/work.py").write_text("")
    assert check.failures_of([one]) == []
    assert len(runs) == 1
    (root / "runs/new.py").write_text("")
    assert check.failures_of([one]) == []
    assert check.failures_of([one]) == []
    assert len(runs) == 2


def test_a_check_that_failed_or_names_no_inputs_runs_again(runs: list[list[str]]) -> None:
    failing, other = check.Check("one", ["false"], ["runs"]), check.Check("two", ["true"])
    for one, names in ((failing, ["one"]), (other, [])):
        assert check.failures_of([one]) == check.failures_of([one]) == names
    assert runs == [["false"], ["false"], ["true"], ["true"]]


def test_every_check_runs_in_ci(runs: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    one = check.Check("one", ["true"], ["runs"])
    assert check.failures_of([one]) == []
    monkeypatch.setenv("CI", "1")
    assert check.failures_of([one]) == []
    assert len(runs) == 2


def test_a_folder_that_is_left_out_is_not_read(root: Path) -> None:
    assert {"runs.states", "tools.work"} <= structure.Tree(root).every.keys()
    assert "runs.states" not in structure.Tree(root, ["runs"]).every
    assert {name for name, _ in words.count(root, without=["runs"])[0]} == {"README.md"}


@pytest.fixture
def checked(
    root: Path, runs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., bool]:
    """Whether a run of all checks, whose tests end with this code, read the studio."""
    (root / "studio").mkdir()
    tested: list[list[str]] = []
    node = SimpleNamespace(command=lambda *words: list(words), environment=dict)
    monkeypatch.setattr(check, "ensure_or_exit", lambda *_: "python")
    monkeypatch.setattr(check.frontend, "packages_or_exit", lambda: node)

    def run(code: int = 0) -> bool:
        def tests(folders: list[str]) -> suite.Result:
            tested.append(folders)
            return suite.Result(code)

        runs.clear()
        monkeypatch.setattr(check, "short_tier", tests)
        assert check.main() == code
        is_read = tested[-1] == ["tests", "studio/tests"]
        assert is_read or tested[-1] == ["tests"]
        told = [" ".join(command) for command in runs]
        assert any(" mypy " in line and (" studio" in line) == is_read for line in told)
        assert any("=studio" in line for line in told) != is_read
        return is_read

    return run


def test_the_studio_is_left_out_until_something_it_reads_changes(
    root: Path,
    checked: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = "The studio is left out: unchanged since it passed."
    assert checked(1)
    assert checked()
    assert line not in capsys.readouterr().out
    (root / "runs/models.py").write_text("")
    assert not checked()
    assert line in capsys.readouterr().out
    for path in ("studio/drawing.py", "mediakit/decode.py", "pyproject.toml"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text("")
        assert checked()
        assert not checked()
    monkeypatch.setenv("CI", "1")
    assert checked()
