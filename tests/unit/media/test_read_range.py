import pytest

from media.serve import read_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-0", (0, 0)),
        ("bytes=0-", (0, 99)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes= 5 - 6", (5, 6)),
        # What HTTP says to ignore: other units, several ranges, nonsense, backwards.
        ("items=0-1", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=9-3", None),
        ("bytes=\u0661-", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_reads_single_ranges_and_ignores_the_rest(header, expected):
    assert read_range(header, 100) == expected


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=100-200", "bytes=-0", f"bytes={'9' * 30}-"]
)
def test_refuses_a_range_outside_the_file(header):
    with pytest.raises(ValueError, match="no byte"):
        read_range(header, 100)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-5"])
def test_an_empty_file_has_no_range(header):
    with pytest.raises(ValueError, match="no byte"):
        read_range(header, 0)
