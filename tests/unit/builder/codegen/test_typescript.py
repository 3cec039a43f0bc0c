"""TypeScript types from what is declared in Python."""

from __future__ import annotations

import pytest

from builder.codegen.typescript import TypeWriter

WRITER = TypeWriter({"Kind": ("image", "video")})


def test_what_is_not_understood_is_refused():
    with pytest.raises(ValueError, match="No TypeScript type for"):
        WRITER.type_of({"not": {"type": "string"}})
