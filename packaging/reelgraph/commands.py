"""The words of `reelgraph …`: what each does, and what Django's command line gets for it."""

from __future__ import annotations

import difflib
import os
import platform
import re
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path

HELP = """\
reelgraph [--home DIR] COMMAND

  serve           run the server, until Ctrl-C (--port N, --web N, --workers N); also without a word
  worker          run one worker more, on this machine or another
  doctor          check this server: one line each, with the remedy
  key             make an API key (--user NAME; --new: create that person)
  signin-link     print an address that signs a person in once; --new: create that person
  grant           give credits to a person
  providers       list who does the work; pause, resume or try a provider
  backup          back up to a folder while the server runs; --list, --verify
  restore         make a server of a backup, in an empty --home DIR
  take-over       make a restored copy the server, once the original is gone
  move-database   move everything to Postgres or back to SQLite (--to URL)
  check-media     read all stored media and compare them with their hashes
  sweep           delete now what the workers delete bit by bit
  compact         give the room of deleted rows back to the disk (SQLite, stopped)
  recount         correct the storage counted per person
  compose-env     print a new .env for compose.yaml (https://studio.example.org)
  version         print the release, Python and the data folder
  manage          run any command of Django's (reelgraph manage help)

reelgraph COMMAND --help says more. Settings: docs/reference/settings.md."""
# Our words, in the order of HELP; "manage" and "version" are not the server's.
SERVER = frozenset(
    [
        "worker",
        "doctor",
        "key",
        "signin-link",
        "grant",
        "providers",
        "backup",
        "restore",
        "take-over",
        "move-database",
        "check-media",
        "sweep",
        "compact",
        "recount",
    ]
)
OURS = ("serve", "version", "manage", "help", "compose-env")
# Options of `serve` that are variables of docs/reference/settings.md.
VARIABLES = {"--port": "PORT", "--web": "REELGRAPH_WEB", "--workers": "REELGRAPH_WORKERS"}


class Refused(Exception):
    """The command line can't be used. The message says what to type."""


@dataclass(frozen=True, slots=True)
class Call:
    """home: of --home, "" without. django: the arguments of Django's command line."""

    verb: str
    home: str = ""
    django: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


def read(arguments: list[str]) -> Call:
    """Read a command line, without the program's name. Raises Refused."""
    rest, options = _without_options(arguments, {"--home"}, before_word=True)
    home = options.get("--home", "")
    verb = rest.pop(0) if rest and not rest[0].startswith("-") else ""
    if not verb and set(rest) & {"-h", "--help"}:
        return Call("help")
    if not verb and rest[:1] == ["--version"]:
        return Call("version", home)
    verb = verb or "serve"
    if verb not in SERVER and verb not in OURS:
        raise Refused(_unknown(verb))
    if verb == "manage":
        return Call(verb, home, rest or ["help"])
    if verb == "compose-env":
        asks_for_help = bool({"-h", "--help"} & set(rest))
        return Call("help") if asks_for_help else Call(verb, home, [_public_address(rest)])
    rest, options = _without_options(rest, {"--home"})
    home = options.get("--home", home)
    if verb != "serve":
        return Call(verb, home, [verb, *rest])
    rest, options = _without_options(rest, set(VARIABLES))
    if rest and set(rest) & {"-h", "--help"}:
        return Call("help")
    if rest:
        raise Refused(f"serve doesn't know {rest[0]}. It takes --home, {', '.join(VARIABLES)}.")
    environment = {VARIABLES[name]: value for name, value in options.items()}
    return Call(verb, home, ["serve"], environment)


def _public_address(arguments: list[str]) -> str:
    address = arguments[0].rstrip("/") if len(arguments) == 1 else ""
    if not re.fullmatch(r"https?://[^/\s$'\"]+", address):
        raise Refused(
            "Name the address that people use: `reelgraph compose-env https://studio.example.org`."
        )
    return address


def compose_env(address: str) -> str:
    """Return the variables of compose.yaml that differ from server to server, with new secrets."""
    return (
        f"REELGRAPH_PUBLIC_URL={address}\n"
        "# Keep these two: without them neither the database nor what it encrypts can be read.\n"
        f"POSTGRES_PASSWORD={secrets.token_hex(24)}\n"
        f"REELGRAPH_SECRET_KEY={secrets.token_urlsafe(50)}"
    )


def _without_options(
    arguments: list[str], names: set[str], *, before_word: bool = False
) -> tuple[list[str], dict[str, str]]:
    """Take `--name value` and `--name=value` out. before_word: only before the first word."""
    rest: list[str] = []
    values: dict[str, str] = {}
    at = 0
    while at < len(arguments):
        name, equals, value = arguments[at].partition("=")
        at += 1
        if name not in names:
            rest.append(arguments[at - 1])
            if before_word:
                return [*rest, *arguments[at:]], values
            continue
        if not equals:
            if at == len(arguments):
                raise Refused(f"{name} needs a value.")
            value = arguments[at]
            at += 1
        values[name] = value
    return rest, values


def _unknown(verb: str) -> str:
    near = difflib.get_close_matches(verb, [*SERVER, *OURS], n=1)
    hint = f" Did you mean `reelgraph {near[0]}`?" if near else ""
    return f"reelgraph doesn't know {verb}.{hint} `reelgraph --help` lists its commands."


def data_folder(home: str) -> Path:
    """Return where data is kept: of --home, REELGRAPH_HOME, or the user's own folder."""
    if chosen := home or os.environ.get("REELGRAPH_HOME", ""):
        return Path(chosen).expanduser().absolute()
    return own_folder()


def own_folder() -> Path:
    """Return the folder for data that the system gives to each user."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "reelgraph"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "reelgraph"


def refuse_a_checkout_left_behind(home: Path) -> None:
    """Raise Refused where a new server would start beside the data of a checkout."""
    former = Path(".reelgraph").absolute()
    is_new = home == own_folder() and not (home.is_dir() and any(home.iterdir()))
    if is_new and former.is_dir():
        raise Refused(
            f"The data of a checkout is in {former}, and {home} is empty. To use it here, run"
            f" `reelgraph --home {former}`; to move it, run `mkdir -p {home.parent} && mv {former}"
            f" {home}` while no server runs."
        )


def version(home: Path) -> str:
    from core.releases import RELEASE

    return f"Reelgraph {RELEASE}, Python {platform.python_version()}, data folder {home}"
