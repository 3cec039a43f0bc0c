from pathlib import Path

import pytest

from core.sqlite_needs import filesystem_of, is_doubtful, missing_features

MOUNTS = """\
21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 21 0:40 / /srv/shared rw - nfs4 nas:/films rw
31 30 0:41 / /srv/shared/local rw - xfs /dev/vdb rw
32 21 0:42 / /with\\040space rw - overlay overlay rw
33 21 0:43 / /twice rw - ext4 /dev/vdc rw
34 21 0:44 / /twice rw shared:1 - cifs //nas/x rw
not a mount
"""


@pytest.mark.parametrize(
    ("folder", "kind", "doubtful"),
    [
        ("/home/a", "ext4", False),
        ("/srv/shared/films", "nfs4", True),
        ("/srv/shared/local/films", "xfs", False),
        ("/srv/sharedlocal", "ext4", False),
        ("/with space/x", "overlay", True),
        ("/twice", "cifs", True),
    ],
)
def test_finds_the_file_system_below_a_folder(folder: str, kind: str, doubtful: bool) -> None:
    found = filesystem_of(Path(folder), MOUNTS)
    assert (found, is_doubtful(found)) == (kind, doubtful)


def test_an_unknown_system_raises_no_doubt() -> None:
    assert filesystem_of(Path("/x"), "") == ""
    assert not is_doubtful("")


def test_this_sqlite_has_all_and_an_old_one_is_named() -> None:
    assert missing_features((3, 45, 0)) == []
    assert missing_features((3, 31, 1)) == ["is older than 3.35.0"]
