"""What the editor's tests read is what the server says today."""

from pathlib import Path

from tests.support.builders import graphs


def test_the_fixtures_of_the_graph_are_current():
    for name, text in graphs.written().items():
        written = Path("frontend/fixtures", name).read_text()
        assert written == text, "run: python -m tests.support.builders.graphs frontend/fixtures"


def test_the_wiring_cases_hold_every_sort_of_wire():
    found = [wire for case in graphs.wiring_fixture() for wire in case["wires"]]

    assert {wire["kind"] for wire in found} >= {"image", "video", "audio", "text", "choice"}
    assert {wire["implied"] for wire in found} == {True, False}
    assert {wire["input"] for wire in found} >= {"after", "inside"}
