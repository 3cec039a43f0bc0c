import pytest

from core.paging import DEEPEST_OFFSET, Page, next_offset, read_page


@pytest.mark.parametrize(
    ("query", "limit", "offset"),
    [
        ({}, 20, 0),
        ({"limit": "5", "offset": "40"}, 5, 40),
        ({"limit": "200"}, 100, 0),
        ({"limit": "0"}, 20, 0),
        ({"limit": "-3", "offset": "-1"}, 20, 0),
        ({"limit": "many", "offset": "1.5"}, 20, 0),
        ({"limit": "²", "offset": "٣"}, 20, 0),
        ({"limit": "", "offset": " "}, 20, 0),
        ({"offset": "99999999999999999999"}, 20, DEEPEST_OFFSET),
        ({"limit": "9" * 5000, "offset": "9" * 5000}, 20, 0),
    ],
)
def test_clamps_and_never_refuses(query: dict[str, str], limit: int, offset: int) -> None:
    assert read_page(query) == Page(limit, offset)


def test_asks_for_one_row_more_than_it_shows() -> None:
    assert list(range(100))[Page(10, 20).window] == list(range(20, 31))


def test_the_next_offset_ends_with_the_list_and_at_the_deepest_page() -> None:
    assert next_offset(Page(20, 40), True) == 60
    assert next_offset(Page(20, 40), False) is None
    assert next_offset(Page(20, DEEPEST_OFFSET), True) is None
