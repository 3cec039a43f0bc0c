"""Backups go where they went before: a folder without the mark, such as that of a disk that isn't
mounted, takes none until an operator accepts it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from backups import folder_mark, nightly
from backups.folders import BackupProblem
from builder.shared import account_changes
from core import clock, installation
from core.command_names import command
from core.models import BackupAttempt, Installation
from tests.support.builders.leaving import finish_deletions
from tests.support.checks import only_check
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = str(tmp_path / "disk/store")
    return tmp_path / "disk/store"


def attempt(*, is_nightly: bool = True) -> BackupAttempt:
    """Make a backup as a worker's process does; return how it ended."""
    assert nightly.ask(is_nightly=is_nightly)
    nightly.run(BackupAttempt.objects.get(is_open=True).id)
    return BackupAttempt.objects.latest("id")


def unmount(store: Path) -> Path:
    """Leave the mount point of a disk behind; return the disk's folder elsewhere."""
    disk = store.parent.rename(store.parent.with_name("unmounted"))
    store.parent.mkdir()
    return disk


def mount(disk: Path, store: Path) -> None:
    store.parent.rmdir()
    disk.rename(store.parent)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("2*"))


def test_the_first_backup_marks_the_folder_that_it_goes_to(store: Path) -> None:
    first, second = attempt(), attempt(is_nightly=False)
    assert (first.problem, second.problem) == ("", "")
    mark = (store / folder_mark.MARK).read_text().strip()
    assert mark == installation.installation_id()
    assert names_in(store) == [first.name, second.name]


@pytest.mark.parametrize("is_nightly", [True, False])
def test_a_disk_that_is_not_mounted_takes_none_and_is_named(
    store: Path, mo: User, is_nightly: bool
) -> None:
    first = attempt()
    disk = unmount(store)
    refused = attempt(is_nightly=is_nightly)
    assert refused.problem.startswith(f"{store} isn't the folder of earlier backups")
    assert first.name in refused.problem
    assert command(f"backup {store} --accept") in refused.problem
    assert (refused.name, list(store.parent.iterdir())) == ("", [])
    with pytest.raises(CommandError, match="isn't the folder of earlier backups"):
        call_command("backup", str(store))
    assert list(store.parent.iterdir()) == []
    page = signed_in(mo).get("/admin/backups").content.decode()
    assert "The last backup failed" in page
    assert page.count("isn&#x27;t the folder of earlier backups") == 1
    mount(disk, store)
    assert attempt().problem == ""


def test_page_and_doctor_name_the_folder_before_a_backup_is_due(store: Path, mo: User) -> None:
    attempt()
    assert only_check("backups").level == "ok"
    unmount(store)
    problem = f"{store} isn&#x27;t the folder of earlier backups"
    assert problem in signed_in(mo).get("/admin/backups").content.decode()
    check = only_check("backups")
    assert (check.level, check.says.startswith(str(store))) == ("warning", True)
    assert list(store.parent.iterdir()) == []


def test_another_folder_is_used_once_an_operator_accepts_it(
    store: Path, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = attempt()
    other = tmp_path / "other disk"
    settings.BACKUP_DIR = str(other)
    problem = attempt().problem
    assert f"backup '{other}' --accept" in problem
    call_command("backup", str(other), "--accept")
    assert "Opened and checked." in capsys.readouterr().out
    assert attempt().problem == ""
    assert only_check("backups").level == "ok"
    assert names_in(store) == [first.name]


def test_page_and_doctor_say_that_the_last_one_was_elsewhere(store: Path, mo: User) -> None:
    attempt()
    BackupAttempt.objects.update(name="2999-01-01T000000Z")
    check = only_check("backups")
    assert (check.level, check.says) == (
        "warning",
        f"the last one, 2999-01-01T000000Z, isn't in {store}",
    )
    page = signed_in(mo).get("/admin/backups").content.decode()
    assert "The last backup, 2999-01-01T000000Z, isn't in this folder." in page
    BackupAttempt.objects.update(name="2001-01-01T000000Z")
    assert "isn't in this folder" not in signed_in(mo).get("/admin/backups").content.decode()


def test_a_folder_of_an_earlier_release_is_known_by_the_last_backup_in_it(store: Path) -> None:
    attempt()
    (store / folder_mark.MARK).unlink()
    assert only_check("backups").level == "ok"
    assert attempt().problem == ""
    assert (store / folder_mark.MARK).exists()


def test_what_an_unmounted_disk_hid_before_is_not_taken_for_the_folder(store: Path) -> None:
    """As an earlier release left it: backups below the mount point, too."""
    attempt()
    disk = unmount(store)
    call_command("backup", str(store), "--accept")
    (store / folder_mark.MARK).unlink()
    (store / names_in(store)[0]).rename(store / "2001-01-01T000000Z")
    hidden = store.parent.rename(store.parent.with_name("hidden"))
    disk.rename(store.parent)
    assert attempt().problem == ""
    store.parent.rename(disk)
    hidden.rename(store.parent)
    assert "isn't the folder of earlier backups" in attempt().problem


def test_a_folder_of_another_server_is_refused_also_when_it_is_accepted(tmp_path: Path) -> None:
    other = tmp_path / "theirs"
    other.mkdir()
    (other / folder_mark.MARK).write_text("ins_another\n")
    with pytest.raises(CommandError, match="belongs to another server"):
        call_command("backup", str(other), "--accept")
    assert [path.name for path in other.iterdir()] == [folder_mark.MARK]


def test_a_backup_by_hand_may_go_to_any_new_folder(store: Path, tmp_path: Path) -> None:
    attempt()
    call_command("backup", str(tmp_path / "stick"))
    assert (tmp_path / "stick" / folder_mark.MARK).exists()


def test_a_restored_copy_begins_where_it_is_told(store: Path) -> None:
    """The attempts that it has are the original's."""
    attempt()
    unmount(store)
    installation.ensure_installation()
    Installation.objects.update(restored_from="ins_original", media_marked_at=clock.now())
    own = attempt()
    assert (own.problem, names_in(store)) == ("", [own.name])


def test_a_copy_beside_the_original_has_a_marked_folder_of_its_own(
    store: Path, alice: User
) -> None:
    own = installation.installation_id()
    store.mkdir(parents=True)
    (store / folder_mark.MARK).write_text("ins_original\n")
    assert nightly.store() == store / own
    assert attempt().problem == ""
    assert (store / own / folder_mark.MARK).read_text().strip() == own
    # Who leaves is noted beside its own backups, too.
    account_changes.delete_account(user=alice)
    finish_deletions()
    assert not (store / "deletions.jsonl").exists()
    [line] = (store / own / "deletions.jsonl").read_text().splitlines()
    assert json.loads(line)["person"] == alice.public_id


def test_an_attempt_that_was_stopped_ends_without_the_folder(store: Path, mo: User) -> None:
    attempt()
    unmount(store)
    at = clock.now() - timedelta(minutes=5)
    row = BackupAttempt.objects.create(is_nightly=True, asked_at=at, started_at=at)
    nightly.Nightly()()
    row.refresh_from_db()
    assert (row.is_open, row.problem) == (None, "It was stopped before it was done.")
    assert list(store.parent.iterdir()) == []


def test_who_left_is_deleted_once_the_folder_can_say_so(store: Path, alice: User) -> None:
    attempt()
    disk = unmount(store)
    account_changes.delete_account(user=alice)
    with pytest.raises(BackupProblem, match="isn't the folder of earlier backups"):
        finish_deletions()
    assert list(store.parent.iterdir()) == []
    mount(disk, store)
    finish_deletions()
    [line] = (store / "deletions.jsonl").read_text().splitlines()
    assert json.loads(line)["person"] == alice.public_id
