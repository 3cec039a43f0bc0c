"""Names of characters that can be seen."""

import pytest

from core import errors, short_text

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
RAINBOW_FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
TONED = "\U0001f469\U0001f3fd\u200d\U0001f680"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "夏目 漱石 🎬",
        # Persian and Hindi are written with joiners.
        "می\u200cخواهم",
        "क्\u200dष",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        FAMILY,
        RAINBOW_FLAG,
        TONED,
        ENGLAND,
    ],
)
def test_names_of_all_scripts_and_emoji_are_names(text: str) -> None:
    assert short_text.clean(text, field="name") == text


@pytest.mark.parametrize(
    "unseen",
    # One of each category of characters, and what means something only beside others.
    [
        *("\u202e", "\x07", "\ue000", "\ufffe", "\u2800"),
        *("\u200c", "\u200d", "\ufe0f", "\U000e0041", "\U000e007f"),
    ],
)
def test_what_cannot_be_seen_or_turns_the_text_is_refused(unseen: str) -> None:
    for text in (f"a{unseen}b", f"{unseen}ab", f"ab{unseen}"):
        with pytest.raises(errors.InvalidInput) as refused:
            short_text.clean(text, field="name")
        [issue] = refused.value.details["issues"]
        assert issue["path"] == "name"
        assert f"U+{ord(unseen):04X}" in issue["message"]
        assert "Remove it" in issue["message"]


def test_white_space_is_put_in_order_and_letters_are_composed() -> None:
    assert short_text.clean("  Ada \t\n\u00a0\u2003 Lovelace\u2028", field="name") == "Ada Lovelace"
    assert short_text.clean("e\u0301clair", field="name") == "éclair"
