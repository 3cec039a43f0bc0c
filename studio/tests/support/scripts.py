"""A greeting in each script that the shipped typefaces have beside Latin."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediakit.reading_order import direction

# Lines that are read from right to left, and letters that are joined or stacked.
needs_fribidi = pytest.mark.skipif(
    direction(is_right_to_left=True) is None,
    reason="FriBidi isn't installed: sudo apt install libfribidi0",
)
TYPEFACES = Path(__file__).parents[3] / "static" / "fonts" / "lettering"
# By the file of the typeface.
GREETINGS = {
    "inter-cyrillic.ttf": "Привет",
    "inter-greek.ttf": "Καλημέρα",
    "noto-sans-hebrew.ttf": "שלום",
    "noto-sans-arabic.ttf": "مرحبا",
    "noto-sans-thai.ttf": "สวัสดี",
    "noto-sans-devanagari.ttf": "नमस्ते",
}
