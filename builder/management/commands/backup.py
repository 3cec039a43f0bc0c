"""`manage.py backup DIR`: one more backup while the server runs; `--list`, `--verify`."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize

from backups import folders, making, nightly, verifying
from core.command_names import command


class Command(BaseCommand):
    help = (
        "Back up the database and all media into a folder, while the server runs. Made again there,"
        " only new files are added. The folder holds everything, with the secret that opens the"
        " sealed keys of providers: keep it private."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="list the backups in DIR")
        what.add_argument(
            "--verify", action="store_true", help="check that the backup DIR/MOMENT is whole"
        )
        parser.add_argument(
            "--hash", action="store_true", help="with --verify: read all files, not only their size"
        )
        parser.add_argument(
            "--copy", action="store_true", help="copy media also where links would do"
        )
        parser.add_argument(
            "--accept",
            action="store_true",
            help="back up into DIR from now on, though earlier daily backups went elsewhere",
        )
        parser.add_argument(
            "--without-secret",
            action="store_true",
            help="leave out secret_key: sessions, signed addresses and keys of providers are lost",
        )

        # What `backups.nightly` starts; how it ends is in the row.
        parser.add_argument("--attempt", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["attempt"]:
            nightly.run(options["attempt"])
            return
        folder = options["folder"].expanduser().absolute()
        try:
            if options["list"]:
                self._list(folder)
            elif options["verify"]:
                self._verify(folders.read(folder), hashes=options["hash"])
            else:
                self._make(folder, options)
        except folders.BackupProblem as problem:
            raise CommandError(str(problem)) from problem

    def _make(self, folder: Path, options: dict[str, Any]) -> None:
        secret = not options["without_secret"]
        backup = making.make(
            folder, copies=options["copy"], with_secret=secret, accept=options["accept"]
        )
        verifying.check(backup)
        self.stdout.write(f"{line(backup)}\nOpened and checked.")
        if backup.manifest.media.is_linked:
            self.stdout.write(
                "The media are links on the same disk: this protects from mistakes, not from losing"
                " the disk. Copy the folder elsewhere, or name one on another disk."
            )
        if secret and not backup.manifest.has_secret:
            self.stdout.write("REELGRAPH_SECRET_KEY isn't in it: keep that value apart.")

    def _list(self, folder: Path) -> None:
        backups = folders.listed(folder)
        for backup in backups:
            self.stdout.write(line(backup))
        if not backups:
            self.stdout.write(f"{folder} holds no backup. Make one: {command(f'backup {folder}')}")

    def _verify(self, backup: folders.Backup, *, hashes: bool) -> None:
        verdict = verifying.verify(backup, hashes=hashes)
        for problem in verdict.problems:
            self.stdout.write(problem)
        if verdict.problems:
            raise CommandError(f"{backup.folder} can't be restored as it is.")
        runs_text = "" if verdict.unfinished is None else f", {verdict.unfinished} unfinished runs"
        depth = "hashes" if hashes else "sizes"
        self.stdout.write(f"Whole: database, {verdict.files} files by their {depth}{runs_text}.")
        if version := verdict.postgres:
            self.stdout.write(f"It can be restored on Postgres {version} and later.")


def line(backup: folders.Backup) -> str:
    """Describe a backup in a line."""
    database, media = backup.manifest.database, backup.manifest.media
    runs, files = database.rows.get("runs_run", 0), media.count
    seconds = sum(backup.manifest.seconds.values())
    return (
        f"{backup.folder}  release {backup.manifest.release}, {runs} run{pluralize(runs)},"
        f" database {database.bytes / 1e6:.1f} MB, {files} file{pluralize(files)} of"
        f" {media.bytes / 1e6:.1f} MB, {seconds:.1f} s"
    )
