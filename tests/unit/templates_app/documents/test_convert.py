"""A spec becomes a document and comes back as it was."""

import json
import random
from pathlib import Path

import pytest

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.ops import apply_all
from tests.support.builders.documents import random_spec
from tests.support.examples import examples

SAMPLES = sorted(Path("builder/ops/samples").glob("*.json"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_comes_back_as_it_was(sample):
    spec = json.loads(sample.read_text())

    assert to_spec(to_document(spec)) == spec


def test_odd_specs_come_back_as_they_were():
    for seed in range(examples(1_000)):
        spec = random_spec(random.Random(seed))
        # Through JSON, as a database keeps it.
        document = json.loads(json.dumps(to_document(spec)))

        assert to_spec(document) == spec, f"seed {seed}"


def test_what_was_absent_stays_absent_after_an_addition_is_undone():
    put = {"op": "put", "table": "inputs", "key": "a", "value": {"name": "a"}}
    changed, undo = apply_all(to_document({"name": "Film"}), [put])

    assert to_spec(changed) == {"name": "Film", "inputs": [{"name": "a"}]}
    assert to_spec(apply_all(changed, undo)[0]) == {"name": "Film"}
