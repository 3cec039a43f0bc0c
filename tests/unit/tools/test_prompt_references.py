"""Mentions of media are read in every style and written in the one a model reads."""

from __future__ import annotations

import pytest

from tools.declaration.prompt_references import references_in, style_of, token


@pytest.mark.parametrize(
    ("model", "style"),
    [
        ("seedance2", "at"),
        ("gpt-image-2", "plain"),
        ("flux2", "plain"),
        ("ltx25", "context"),
        ("wan22", "context"),
        ("qwen-lightning", "context"),
        ("something-new", "plain"),
    ],
)
def test_each_model_has_its_style(model: str, style: str) -> None:
    assert style_of(model) == style


@pytest.mark.parametrize("style", ["at", "plain", "context"])
@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_what_is_written_is_read_back(style, kind) -> None:
    written = f"Put {token(style, kind, 3)} beside it."
    (found,) = references_in(written)
    assert (found.style, found.kind, found.number) == (style, kind, 3)
    assert written[found.start : found.end] == found.text


def test_mentions_come_in_their_order_and_never_twice() -> None:
    found = references_in("context_image_0, then @Image2 and Picture 3; email@image1x is none")
    assert [(one.kind, one.number, one.style) for one in found] == [
        ("image", 1, "context"),
        ("image", 2, "at"),
        ("image", 3, "plain"),
    ]
