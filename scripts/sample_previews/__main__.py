"""`python scripts/sample_previews [--all] [--results FOLDER] [NAME …]`, as `make previews` runs it.

Without names those that changed. REELGRAPH_HOME names an empty folder: the database is made there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import django
from django.core.management import call_command

SCRIPTS = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="samples to film; without: those that changed")
    parser.add_argument("--all", action="store_true", help="every sample and every example file")
    parser.add_argument(
        "--results", type=Path, help="a folder that gets all results, to choose stills from"
    )
    options = parser.parse_args()
    sys.path[:0] = [str(SCRIPTS), str(SCRIPTS.parent)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    # It needs the models.
    from builder.ops.samples import sample_files
    from sample_previews import filming

    for file in filming.make_examples(again=options.all):
        print(f"examples/{file}", flush=True)
    stale = [name for name in sample_files.names() if not filming.is_current(name)]
    for name in sample_files.names() if options.all else options.names or stale:
        run = filming.make_preview(name)
        print(f"previews/{name}", flush=True)
        if options.results:
            _copy_results(options.results / name, filming.results_of(run))
    filming.forget_others()


def _copy_results(folder: Path, results: list[tuple[str, Path, float]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for place, (stage, path, seconds) in enumerate(results):
        ending = "mp4" if seconds else "png"
        shutil.copyfile(path, folder / f"{place}-{stage}-{seconds:.1f}s.{ending}")


if __name__ == "__main__":
    main()
