"""`manage.py media-folder`: whether the media folder is this server's, and to make it so."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock, installation, media_folder
from core.errors import MediaFolderAway
from core.models import Installation
from media import folder_mark


class Command(BaseCommand):
    help = (
        "Say whether the media folder has this server's mark and how many of the newest files are"
        " in it. With --accept, mark the folder that is there: for one restored without its mark,"
        " or an empty one after the files were lost for good."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accept", action="store_true", help="mark the folder that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        present, total = folder_mark.newest_files()
        where = f"{settings.MEDIA_DIR} has {present} of the newest {total} files."
        if not options["accept"]:
            try:
                media_folder.check()
            except MediaFolderAway as problem:
                self.stdout.write(f"{where} {problem.reason}.")
                self.stdout.write("Mount the right one, or run this with --accept to use it.")
            else:
                self.stdout.write(f"{where} It's this server's.")
            return
        try:
            folder_mark.write_mark(installation.installation_id())
        except MediaFolderAway as problem:
            raise CommandError(f"{problem.reason}.") from problem
        Installation.objects.update(media_marked_at=clock.now())
        self.stdout.write(f"{where} It's this server's now; workers go on within seconds.")
