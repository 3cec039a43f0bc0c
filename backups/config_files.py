"""The operator's own files that a server needs beside its database, in a backup and back again.

    config/providers.toml     the file of REELGRAPH_PROVIDERS_FILE, wherever it is
    config/…                  the keys' files beside it
    config/models.d/…         rows of models, and what was proven of services
    config/comfyui/…          graphs and certificates that services name in the data folder
    config/marks/ca.pem       the authority that signed copies are trusted by, with its key

Files elsewhere are the machine's, as its environment is.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from backups import folders
from backups.folders import Backup, BackupProblem, holds
from media import credentials
from tools.models import Service

PROVIDERS: Final = "providers.toml"


def copy(folder: Path, *, with_secret: bool) -> dict[str, str]:
    """Copy them into a folder; return their SHA-256 by name. Raises BackupProblem.

    with_secret: with the providers' file and the keys in it, and the authority's key.
    """
    hashes = {}
    for name, path in sorted(_sources(with_secret=with_secret)):
        if not folders.is_config_name(name):
            endings = ", ".join(sorted(folders.CONFIG_SUFFIXES))
            raise BackupProblem(
                f"{path} can't be restored under its name. Give it one of these endings, or move it"
                f" into another folder: {endings}."
            )
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise BackupProblem(
                f"{path} can't be read: {problem.strerror}. Let this account read it."
            ) from problem
        folders.write_private(folder / name, content)
        hashes[name] = hashlib.sha256(content).hexdigest()
    return hashes


def problems(backup: Backup) -> list[str]:
    """Describe those that aren't what was written."""
    return [
        f"config/{name} is missing or damaged"
        for name, sha256 in backup.manifest.config.items()
        if not holds(backup.folder, f"config/{name}", sha256)
    ]


def check_room(backup: Backup) -> None:
    """Raise BackupProblem where they can't be restored, or something else is in their place."""
    if faults := problems(backup):
        raise BackupProblem(f"{backup.folder}: {'; '.join(faults)}.")
    for name, sha256 in backup.manifest.config.items():
        target = Path(settings.HOME, name)
        if os.path.lexists(target) and not holds(target.parent, target.name, sha256):
            raise BackupProblem(
                f"{target} is there already and isn't the backup's. Move it away, then restore"
                " again."
            )


def restore(backup: Backup) -> None:
    """Put them into the data folder. Raises BackupProblem."""
    for name, sha256 in backup.manifest.config.items():
        content = folders.read_file(backup.folder, f"config/{name}")
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BackupProblem(f"{backup.folder / 'config' / name} has changed. Try again.")
        folders.write_private(Path(settings.HOME, name), content)


def _sources(*, with_secret: bool) -> Iterator[tuple[str, Path]]:
    home = Path(settings.HOME)
    services = list(_services())
    graphs = {"comfyui", *(str(one["graphs"]) for one in services if one.get("graphs"))}
    paths = [home / str(one["ca_file"]) for one in services if one.get("ca_file")]
    for pattern in ("models.d/[!.]*", *(f"{folder}/[!.]*.json" for folder in graphs)):
        paths += home.glob(pattern)
    if with_secret:
        paths.append(credentials.authority_path())
    yield from _files_in(home, paths)
    if with_secret and settings.PROVIDERS_FILE:
        file = Path(settings.PROVIDERS_FILE).absolute()
        yield PROVIDERS, file
        tables = tomllib.loads(file.read_text(encoding="utf-8")).values()
        keys = [str(table["key_file"]) for table in tables if table.get("key_file")]
        yield from _files_in(file.parent, [file.parent / name for name in keys])


def _services() -> Iterator[dict[str, Any]]:
    """Yield what is said of each service, in the settings or on the page."""
    yield from settings.PROVIDERS.values()
    yield from Service.objects.values_list("options", flat=True)


def _files_in(folder: Path, paths: list[Path]) -> Iterator[tuple[str, Path]]:
    """Yield those that are files below a folder, with their names there."""
    for path in dict.fromkeys(map(os.path.normpath, paths)):
        if Path(path).is_relative_to(folder) and Path(path).is_file():
            yield str(Path(path).relative_to(folder)), Path(path)
