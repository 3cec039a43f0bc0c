"""How the version number of a template moves."""

import pytest

from templates_app import semver


@pytest.mark.parametrize(
    ("current", "asked", "following"),
    [
        ("0.0.1", None, "0.0.2"),
        ("0.0.9", None, "0.0.10"),
        ("1.2.3-beta.1", None, "1.2.4"),
        ("1.2.3+build.5", None, "1.2.4"),
        ("0.0.1", "0.0.2-rc.1", "0.0.2-rc.1"),
        ("1.0.0-rc.1", "1.0.0", "1.0.0"),
        ("1.0.0", "1.0.0-rc.1", "1.0.1"),
        ("1.0.0-rc.2", "1.0.0-rc.10", "1.0.0-rc.10"),
        ("1.0.0-1", "1.0.0-alpha", "1.0.0-alpha"),
        ("1.0.0", "1.0.0+build", "1.0.1"),
        ("1.0.0", "01.1.0", "1.0.1"),
        ("1.0.0", "1.1", "1.0.1"),
        ("1.0.0", ["2.0.0"], "1.0.1"),
    ],
)
def test_a_valid_greater_version_is_taken_else_the_patch_number_rises(current, asked, following):
    assert semver.next_version(current, asked) == following


def test_the_longest_version_can_still_be_bumped_within_the_column():
    longest = "0.0." + "9" * (semver.MAX_LENGTH - 4)
    assert semver.is_valid(longest)
    assert len(semver.next_version(longest)) <= 64
    assert not semver.is_valid(longest + "9")
