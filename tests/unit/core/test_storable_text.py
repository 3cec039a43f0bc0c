"""What a service says is stored, whatever characters it holds."""

from __future__ import annotations

import pytest

from core.errors import ProviderError
from core.storable_text import storable
from tools.providers.base import Parked


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", ""),
        ("a fox", "a fox"),
        ("caf\u00e9 \U0001f98a", "caf\u00e9 \U0001f98a"),
        ("a\0b", "ab"),
        ("caf\udce9", "caf\ufffd"),
        ("\ud83e!", "\ufffd!"),
        ("\ud83e\udd8a", "\U0001f98a"),
    ],
)
def test_only_what_no_column_holds_is_replaced(said: str, kept: str):
    assert storable(said) == kept


def test_whatever_a_provider_says_is_storable():
    assert ProviderError("It said a\0\udce9.").message == "It said a\ufffd."
    assert Parked(1, note="a\0\udce9").note == "a\ufffd"
