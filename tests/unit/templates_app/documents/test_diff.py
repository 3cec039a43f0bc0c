"""What leads from one document to another is small and complete."""

import random
from pathlib import Path

from templates_app.document_ops.convert import to_document
from templates_app.document_ops.diff import diff
from templates_app.document_ops.ops import apply_all
from tests.support.builders import documents
from tests.support.examples import examples


def test_leads_from_any_document_to_any_other():
    for seed in range(examples(400, 4)):
        dice = random.Random(seed)
        old = to_document(documents.random_spec(dice))
        new, _ = apply_all(old, documents.random_ops(dice, dice.randint(0, 20)))
        if dice.random() < 0.3:
            new = to_document(documents.random_spec(dice))

        assert apply_all(old, diff(old, new))[0] == new, f"seed {seed}"


def test_equal_documents_differ_by_nothing():
    spec = documents.random_spec(random.Random(7))

    assert diff(to_document(spec), to_document(spec)) == []


def test_one_changed_argument_is_one_op():
    old = to_document({"stages": [{"id": "a", "args": {"prompt": "a fox", "width": 512}}]})
    new = to_document({"stages": [{"id": "a", "args": {"prompt": "an owl", "width": 512}}]})

    assert diff(old, new) == [
        {
            "op": "set",
            "table": "stages",
            "key": "a",
            "path": ["args", "prompt"],
            "value": "an owl",
        }
    ]


def test_true_is_not_one():
    old, new = to_document({"a": {"b": 1}}), to_document({"a": {"b": True}})

    assert len(diff(old, new)) == 1


def test_the_fixtures_of_both_languages_are_current():
    for name, text in documents.written().items():
        written = Path("frontend/fixtures", name).read_text()
        assert written == text, "run: python -m tests.support.builders.documents frontend/fixtures"
