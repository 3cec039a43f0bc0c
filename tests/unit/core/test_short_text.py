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
        "Ada Lovelace",
        "夏目 漱石 🎬",
        "Zoë – “quoted” & <b>",
        "مریم",
        # Persian and Hindi are written with joiners.
        "می\u200cخواهم",
        "क्\u200dष",
        "שלום",
        "עברית and English",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "🇩🇪",
        FAMILY,
        RAINBOW_FLAG,
        TONED,
        ENGLAND,
        "e\u0301clair".replace("e\u0301", "é"),
    ],
)
def test_names_of_all_scripts_and_emoji_are_names(text: str) -> None:
    assert short_text.clean(text, field="name") == text


@pytest.mark.parametrize(
    "unseen",
    [
        "\u202e",
        "\u202d",
        "\u2066",
        "\u2069",
        "\u200e",
        "\u200f",
        "\u061c",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u034f",
        "\u115f",
        "\u3164",
        "\uffa0",
        "\u2800",
        "\ufe0f",
        "\x00",
        "\x07",
        "\x7f",
        "\x9b",
        "\ue000",
        "\U000e0041",
        "\U000e007f",
        "\ufffe",
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
