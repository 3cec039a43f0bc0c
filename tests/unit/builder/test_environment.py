"""What the environment says of who needs a second factor, and of lines on pages."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from builder.ops import environment


@pytest.mark.parametrize(
    ("variables", "meant"),
    [
        ({}, "off"),
        ({"SECOND_FACTOR": "everyone"}, "everyone"),
        ({"STAFF_SECOND_FACTOR": "required"}, "staff"),
        ({"STAFF_SECOND_FACTOR": "optional"}, "off"),
        ({"STAFF_SECOND_FACTOR": "required", "SECOND_FACTOR": "off"}, "off"),
        ({"STAFF_SECOND_FACTOR": "optional", "SECOND_FACTOR": "everyone"}, "everyone"),
    ],
)
def test_the_variable_of_earlier_releases_means_staff(
    variables: dict[str, str], meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECOND_FACTOR", "STAFF_SECOND_FACTOR"):
        monkeypatch.setenv(f"REELGRAPH_{name}", variables.get(name, ""))
    assert environment.second_factor() == meant


NAME = "REELGRAPH_ORIGIN_LINE_AI"


def test_a_line_is_reworded_and_not_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.line(NAME, "Made with AI") == "Made with AI"
    monkeypatch.setenv(NAME, " KI-generiert ")
    assert environment.line(NAME, "Made with AI") == "KI-generiert"
    monkeypatch.setenv(NAME, "  ")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is empty.* not switched off"):
        environment.line(NAME, "Made with AI")
    assert environment.line(NAME, "Drawn", may_be_empty=True) == ""


@pytest.mark.parametrize("text", ["x" * 81, "two\nlines"])
def test_a_line_that_pages_have_no_room_for_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, text)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} can't be used"):
        environment.line(NAME, "Made with AI")
