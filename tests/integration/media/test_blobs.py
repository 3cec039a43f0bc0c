import hashlib
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from django.db import transaction

from media.blobs import FileFacts, attempt_dir, discard, path_of, record, store, sweep_tmp
from media.models import Blob
from tests.support.builders.media_folders import mark

FACTS = FileFacts("image", "image/png", 4, 3)
DATA = b"some bytes"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings, monkeypatch):
    settings.MEDIA_DIR = mark(tmp_path, monkeypatch)


def result(data=DATA, name="result.png"):
    path = attempt_dir("test") / name
    path.write_bytes(data)
    return path


def test_a_stored_file_is_found_by_its_hash_and_gone_from_where_it_was():
    path = result()
    stored = store(path, FACTS)
    assert (stored.sha256, stored.size, stored.mime) == (SHA, len(DATA), "image/png")
    assert not path.exists()
    assert path_of(SHA).read_bytes() == DATA
    assert path_of(SHA).parent.parent.name == SHA[:2]


def test_storing_the_same_bytes_twice_changes_nothing():
    assert store(result(), FACTS) == store(result(), FACTS)
    assert path_of(SHA).read_bytes() == DATA


def test_storing_again_heals_a_damaged_copy():
    store(result(), FACTS)
    path_of(SHA).chmod(0o644)
    path_of(SHA).write_bytes(b"some")
    store(result(), FACTS)
    assert path_of(SHA).read_bytes() == DATA


def test_a_stored_file_cannot_be_written_by_accident():
    store(result(), FACTS)
    assert path_of(SHA).stat().st_mode & 0o222 == 0


def test_links_and_pipes_left_by_a_decoder_are_not_stored(tmp_path):
    secret = tmp_path / "secret_key"
    secret.write_text("secret")
    folder = attempt_dir("test")
    (folder / "link.png").symlink_to(secret)
    os.mkfifo(folder / "pipe.png")
    for name in ("link.png", "pipe.png"):
        with pytest.raises(OSError, match=name):
            store(folder / name, FACTS)
    assert secret.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "g" * 64, "a" * 63])
def test_only_hashes_name_blobs(name):
    with pytest.raises(ValueError, match="hex"):
        path_of(name)


@pytest.mark.django_db
def test_a_row_is_inserted_once_and_fetched_after_that():
    stored = store(result(), FACTS)
    first = record(stored)
    assert (first.width, first.height, first.duration_ms) == (4, 3, None)
    assert record(stored) == first
    assert Blob.objects.count() == 1


@pytest.mark.django_db
def test_recording_a_known_blob_leaves_the_outer_transaction_usable():
    stored = store(result(), FACTS)
    record(stored)
    with transaction.atomic():
        record(stored)
        assert Blob.objects.filter(sha256=SHA).exists()


def test_an_attempts_folder_is_fresh_and_on_the_volume_of_the_blobs(tmp_path):
    first, second = attempt_dir("wf_1:step/../x:0"), attempt_dir("wf_1:step/../x:0")
    assert first != second
    assert first.parent == second.parent == tmp_path / "tmp"
    assert list(first.iterdir()) == []


def test_discarding_removes_the_folder_and_forgives_a_second_time():
    folder = result().parent
    discard(folder)
    discard(folder)
    assert not folder.exists()


def test_discarding_anything_else_is_refused(tmp_path):
    (tmp_path / "blobs").mkdir()
    with pytest.raises(ValueError, match="attempt"):
        discard(tmp_path / "blobs")
    with pytest.raises(ValueError, match="attempt"):
        discard(tmp_path / "tmp" / "x" / "..")


def test_the_sweep_takes_old_folders_and_leaves_those_still_written_to():
    stale, busy = attempt_dir("stale"), attempt_dir("busy")
    (stale / "a").write_bytes(b"x")
    (busy / "a").write_bytes(b"x")
    for path in (stale / "a", stale, busy):
        os.utime(path, (1, 1))
    assert sweep_tmp(3600) == 1
    assert not stale.exists()
    assert busy.exists()


def test_the_sweep_of_a_new_server_finds_nothing():
    assert sweep_tmp(0) == 0


WRITER = """
    import os, sys
    os.environ["DJANGO_SETTINGS_MODULE"] = "builder.settings"
    import django
    django.setup()
    from django.conf import settings
    from pathlib import Path
    settings.MEDIA_DIR = Path(sys.argv[1])
    from core import installation
    installation.assume("ins_test")
    from media.blobs import FileFacts, attempt_dir, store
    while True:
        path = attempt_dir("kill") / "out"
        path.write_bytes(os.urandom(200_000))
        print(store(path, FileFacts("image", "image/png")).sha256, flush=True)
"""


EQUALS = (
    WRITER.partition("    while True:")[0]
    + """
    for number in range(150):
        path = attempt_dir("equal") / "out"
        path.write_bytes(b"the same for all" + bytes([number // 30]))
        store(path, FileFacts("image", "image/png"))
    print("stored", flush=True)
"""
)


@pytest.mark.slow
def test_equal_bytes_are_stored_at_once_by_four_processes(tmp_path):
    home = {**os.environ, "REELGRAPH_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", textwrap.dedent(EQUALS), str(tmp_path)]
    processes = [
        subprocess.Popen(command, env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    answers = [process.communicate() for process in processes]
    assert [answer[0] for answer in answers] == [b"stored\n"] * 4, answers[0][1][-2000:]
    assert len(list((tmp_path / "blobs").glob("*/*/*"))) == 5


def test_whatever_is_named_stored_is_whole_after_kill_9(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)],
        env={**os.environ, "REELGRAPH_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
    )
    try:
        # However long they take; a child that ends early names fewer.
        lines = [process.stdout.readline() for _ in range(20)]
    finally:
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
        process.wait()
    named = [name for line in lines if len(name := line.decode().strip()) == 64]
    assert len(named) >= 20
    files = {path.name: path for path in (tmp_path / "blobs").glob("*/*/*")}
    assert set(named) <= set(files)
    # Also one that was moved but not yet named: a file in the store is always whole.
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == name
