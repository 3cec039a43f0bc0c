"""Random sequences of ops come to the same document in Python and in the editor."""

import importlib
import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from core.canonical import sha256_hex
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.diff import diff
from templates_app.document_ops.ops import apply_all
from tests.support.builders.documents import random_ops, random_spec

ROOT = Path(__file__).parents[4]
LENGTH = 12


@pytest.fixture
def npm(monkeypatch):
    """(command, environment) of npm, as `make test` finds it."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    node = importlib.import_module("frontend").ensure_packages()
    return node.command("run", "test", "--", "tests/agree.test.ts"), node.environment()


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.thorough)])
def test_random_sequences_come_to_the_same_document_undo_spec_and_diff(npm, tmp_path, count):
    sequences, hashes = tmp_path / "sequences.jsonl", tmp_path / "hashes.txt"
    cases = []
    for seed in range(count):
        dice = random.Random(seed)
        cases.append({"spec": random_spec(dice), "ops": random_ops(dice, LENGTH)})
    sequences.write_text("".join(f"{json.dumps(case)}\n" for case in cases))
    command, environment = npm
    places = {"REELGRAPH_SEQUENCES": str(sequences), "REELGRAPH_HASHES": str(hashes)}
    with subprocess.Popen(
        command,
        env={**os.environ, **environment, **places},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as editor:
        expected = [_hash_of(case) for case in cases]
        said, _ = editor.communicate(timeout=150)
    assert editor.returncode == 0, said
    found = hashes.read_text().split()
    differing = [
        seed for seed, pair in enumerate(zip(expected, found, strict=True)) if len({*pair}) > 1
    ]
    assert not differing, f"seeds {differing[:10]}"


def _hash_of(case):
    start = to_document(case["spec"])
    state, undo = apply_all(start, case["ops"])
    back, _ = apply_all(state, diff(state, start))
    return sha256_hex([state, undo, to_spec(state), back])
