"""Runs a documented `curl` command as curl would: method, headers and body as written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

HOST = "https://api.sogni.ai"


@dataclass
class Curl:
    """One command, taken apart."""

    url: str = ""
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: str | None = None

    def send(self, client: httpx.Client) -> httpx.Response:
        """What the server answers. curl sends a form content type unless told otherwise."""
        method = self.method or ("GET" if self.data is None else "POST")
        headers = dict(self.headers)
        if self.data is not None:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return client.request(method, self.url, headers=headers, content=self.data)


def commands(path: Path, replaced: Mapping[str, str]) -> list[Curl]:
    """The commands of a file, with texts replaced first. Raises ValueError on an unknown option."""
    text = path.read_text()
    for old, new in replaced.items():
        text = text.replace(old, new)
    return [_read(block) for block in text.split("\n\n") if block.strip()]


def commands_in(shell: str) -> list[Curl]:
    """The curl commands among the lines of a shell example."""
    joined = shell.replace("\\\n", " ")
    starts = [match.start() for match in re.finditer(r"^curl ", joined, re.MULTILINE)]
    ends = [*starts[1:], len(joined)]
    return [_read(_first_command(joined[a:b])) for a, b in zip(starts, ends, strict=True)]


def _first_command(text: str) -> str:
    """Up to the end of the line that closes its last quote."""
    kept = ""
    for line in text.splitlines(keepends=True):
        kept += line
        if kept.count("'") % 2 == 0:
            break
    return kept


def _read(text: str) -> Curl:
    words = shlex.split(text.replace("\\\n", " "))
    if words.pop(0) != "curl":
        raise ValueError(f"not a curl command: {text[:60]}")
    curl = Curl()
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            curl.headers[name] = value
        elif word in ("-d", "--data"):
            curl.data = words.pop(0)
        elif word == "-N":
            continue
        elif word in ("-X", "--request"):
            curl.method = words.pop(0)
        elif word.startswith("-"):
            raise ValueError(f"option {word} is not understood")
        else:
            curl.url = word
    return curl
