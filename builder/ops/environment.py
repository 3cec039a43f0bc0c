"""Reading the environment: each function reads one kind of value, or says what is wrong with it.

Only the settings and `move-database` use it. Raises ImproperlyConfigured naming the variable and
what to write.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from core.addresses import Network, read_networks
from core.command_names import install_more
from core.public_url import host_of
from media.addresses import read_allowance
from tools.declaration.labels import labels_of

LONGEST_LINE = 80


def listed(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def private_hosts(name: str) -> list[str]:
    """Hosts and networks, as `media.addresses.read_allowance` reads them."""
    entries = listed(name)
    for entry in entries:
        try:
            read_allowance([entry])
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} has {entry}: write host, host:port or a network such as 10.0.0.0/8,"
                " separated by commas."
            ) from None
    return entries


def text_of(name: str) -> str:
    return os.environ.get(name, "").strip()


def line(name: str, default: str, *, may_be_empty: bool = False) -> str:
    """Read a line of text that pages show."""
    text = os.environ.get(name, default).strip()
    if not text and not may_be_empty:
        raise ImproperlyConfigured(
            f"{name} is empty: write the line that people read, such as “{default}”, or remove the"
            " variable. It can be reworded, not switched off."
        )
    if len(text) > LONGEST_LINE or not text.isprintable():
        raise ImproperlyConfigured(
            f"{name} can't be used: write one line of at most {LONGEST_LINE} characters."
        )
    return text


def both_or_neither(first: str, second: str) -> tuple[str, str]:
    """Read two variables of which one alone says nothing."""
    if bool(text_of(first)) != bool(text_of(second)):
        name, other = (first, second) if text_of(first) else (second, first)
        raise ImproperlyConfigured(f"{name} needs {other} too: set it, or remove {name}.")
    return text_of(first), text_of(second)


def whole_number(name: str, default: int, lowest: int, highest: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not lowest <= number <= highest:
        raise ImproperlyConfigured(
            f"{name}={text} can't be used: write a whole number from {lowest} to {highest}."
        )
    return number


def one_of(name: str, choices: tuple[str, ...], default: str) -> str:
    text = os.environ.get(name, "").strip() or default
    if text not in choices:
        raise ImproperlyConfigured(
            f"{name}={text} can't be used: write one of {', '.join(choices)}."
        )
    return text


def second_factor() -> str:
    """Read who needs a second factor. The variable of earlier releases knows staff alone."""
    former = one_of("REELGRAPH_STAFF_SECOND_FACTOR", ("optional", "required"), "optional")
    default = "staff" if former == "required" else "off"
    return one_of("REELGRAPH_SECOND_FACTOR", ("off", "staff", "everyone"), default)


def worker_labels(name: str, default: str) -> tuple[str, ...]:
    """The labels of a list such as `gpu,cpu`, each once, in order."""
    try:
        return labels_of(text_of(name)) or labels_of(default)
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} has {problem}") from None


def trusted_proxies(default: str) -> tuple[Network, ...]:
    text = os.environ.get("REELGRAPH_TRUSTED_PROXIES", default)
    try:
        return read_networks(part.strip() for part in text.split(",") if part.strip())
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"REELGRAPH_TRUSTED_PROXIES={text} can't be used: write addresses or networks,"
            " separated by commas, such as 127.0.0.1,10.0.0.0/8."
        ) from problem


def public_url() -> str:
    url = os.environ.get("REELGRAPH_PUBLIC_URL", "").strip().rstrip("/")
    if url and (urlsplit(url).scheme not in ("http", "https") or not host_of(url)):
        raise ImproperlyConfigured(
            f"REELGRAPH_PUBLIC_URL={url} can't be used: write it like https://studio.example.org"
        )
    return url


def bind_address(public: str) -> str:
    """Read the address on which the web processes listen. public: the server's public address.

    Without a proxy and its address there are no limits and no secure cookies, so only this machine
    may come in.
    """
    text = text_of("REELGRAPH_BIND") or "127.0.0.1"
    try:
        address = ip_address(text)
    except ValueError:
        raise ImproperlyConfigured(
            f"REELGRAPH_BIND={text} can't be used: write an IP address of this machine, or 0.0.0.0"
            " for all of them."
        ) from None
    if not address.is_loopback and not public:
        raise ImproperlyConfigured(
            f"REELGRAPH_BIND={text} lets other machines in, so it needs REELGRAPH_PUBLIC_URL: the"
            " address of the proxy in front, such as https://studio.example.org."
        )
    return str(address)


def own_address(bind: str) -> str:
    """Return where this machine reaches the web processes that listen on an address."""
    address = ip_address(bind)
    if address.is_unspecified:
        address = ip_address("::1" if address.version == 6 else "127.0.0.1")
    return str(address)


def database(name: str) -> dict[str, Any]:
    return database_at(os.environ[name], name)


def database_at(url: str, name: str) -> dict[str, Any]:
    """Read the URL of a database. name: of the variable or option that has it."""
    try:
        entry: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    except Exception as problem:
        # Without the URL itself: it may hold a password.
        raise ImproperlyConfigured(
            f"{name} can't be read: write it like postgres://user:password@host:5432/name"
        ) from problem
    if entry["ENGINE"].endswith("postgresql"):
        require_packages(name, "postgres", "psycopg", "procrastinate")
    folder = Path(entry["NAME"]).parent
    if entry["ENGINE"].endswith("sqlite3") and not folder.is_dir():
        raise ImproperlyConfigured(
            f"{name} names a file in {folder}, which doesn't exist. Create that folder, or"
            " write the path of one that exists."
        )
    return entry


def require_packages(name: str, extra: str, *packages: str) -> None:
    """Raise ImproperlyConfigured where one that a setting needs isn't installed.

    extra: of the wheel, which has them.
    """
    if any(find_spec(package) is None for package in packages):
        raise ImproperlyConfigured(f"{name} needs more packages. {install_more(extra)}")


def secret_key(home: Path) -> str:
    """The configured key, else one made at the first start and kept readable by its owner only."""
    key = os.environ.get("REELGRAPH_SECRET_KEY", "")
    if key:
        return key
    path = home / "secret_key"
    try:
        if not path.exists():
            _make_secret_key(path)
        return path.read_text().strip()
    except OSError as problem:
        raise ImproperlyConfigured(f"{path} can't be used: {problem.strerror}.") from problem


def _make_secret_key(path: Path) -> None:
    """Make the key; of two processes that start at once, one does. It is whole, and on the disk, or
    not there: sessions and addresses that it has signed outlive a power cut."""
    descriptor, part = tempfile.mkstemp(prefix="secret_key-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        os.unlink(part)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folders(home: Path, *others: Path, media_dir: Path) -> None:
    """Make the data folder and those in it. Raises ImproperlyConfigured, naming the variable.

    Not the media folder: `media.folder_mark` makes it, once. A missing one may not be mounted.
    """
    media = media_dir if media_dir.exists() else media_dir.parent
    for name, folders in {
        "REELGRAPH_HOME": (home, *others),
        "REELGRAPH_MEDIA_DIR": (media,),
    }.items():
        try:
            for folder in folders:
                folder.mkdir(mode=0o700 if folder == home else 0o777, parents=True, exist_ok=True)
        except OSError as problem:
            raise ImproperlyConfigured(
                f"{name} can't be used: {problem}. Name a folder that this account may write."
            ) from problem
