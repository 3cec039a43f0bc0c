"""`manage.py film_samples`: make the samples' committed previews. For `make previews` only."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from builder.ops.samples import filming, sample_files


class Command(BaseCommand):
    help = "Make the samples' example files and previews, in a database of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help="samples to film; without: those that changed")
        parser.add_argument(
            "--all", action="store_true", help="every sample and every example file"
        )
        parser.add_argument(
            "--results", type=Path, help="a folder that gets all results, to choose stills from"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        for file in filming.make_examples(again=options["all"]):
            self.stdout.write(f"examples/{file}")
        changed = [name for name in sample_files.names() if not filming.is_current(name)]
        wanted = sample_files.names() if options["all"] else options["names"] or changed
        for name in wanted:
            run = filming.make_preview(name)
            self.stdout.write(f"previews/{name}")
            if options["results"]:
                _keep_results(options["results"] / name, run)
        filming.forget_others()


def _keep_results(folder: Path, run: Any) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for place, (stage, path, seconds) in enumerate(filming.results_of(run)):
        ending = "mp4" if seconds else "png"
        shutil.copyfile(path, folder / f"{place}-{stage}-{seconds:.1f}s.{ending}")
