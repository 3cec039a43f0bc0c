"""The studio by itself, without a server.

python -m studio TOOL --out FOLDER [--seed N] [--PARAMETER VALUE]… [--PORT @FILE]…
    Do one job. Progress goes to stderr, the answer to stdout as JSON.

python -m studio --lines
    Do the job of each line of stdin, a JSON object, and answer with lines of JSON on stdout.

python -m studio --tools
    The names of the tools.

README.md beside this file describes parameters, ports and messages. Nothing is confined here: for
files of other people use the server, which runs each job in a sandbox.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import IO, Any

from mediakit.errors import Refused
from mediakit.job_protocol import TOOLS, Message, completed, encoded, job_of, perform, serve

OWN = ("out", "seed")


def main(arguments: Sequence[str]) -> int:
    """Exit codes: 0 done, 1 refused, failed or no longer read, 2 not understood."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(__doc__ or "")
        return 0 if arguments else 2
    if arguments == ["--tools"]:
        sys.stdout.write("\n".join(TOOLS) + "\n")
        return 0
    answers = _own_stdout()
    _steady()
    if arguments == ["--lines"]:
        try:
            serve(sys.stdin.buffer, lambda message: _write(answers, message))
        except BrokenPipeError:
            return 1  # no one reads the answers any more
        return 0
    try:
        request = read_request(arguments)
        job, request = job_of(request["tool"]), completed(request)
    except Refused as refusal:
        sys.stderr.write(f"{refusal.message}\n")
        return 2
    answer = perform(job, request, _show_progress)
    if "result" not in answer:
        sys.stderr.write(f"{next(iter(answer.values()))}\n")
        return 1
    answers.write(json.dumps(answer["result"], indent=2, ensure_ascii=False).encode() + b"\n")
    return 0


def read_request(arguments: Sequence[str]) -> dict[str, Any]:
    """The request that a command line says. Raises Refused for words that are no option."""
    request: dict[str, Any] = {"tool": arguments[0], "params": {}, "media": {}}
    for name, value in _options(arguments[1:]):
        if value.startswith("@"):
            request["media"].setdefault(name, []).append({"path": value[1:]})
        elif name in OWN:
            request[name] = value if name == "out" else _value(value)
        else:
            request["params"][name] = _value(value)
    return request


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    rest = iter(words)
    for word in rest:
        name, joined, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            raise Refused(f"“{word}” is not an option. Write --name value.")
        given = value if joined else next(rest, None)
        if given is None:
            raise Refused(f"Add a value after “{word}”.")
        yield name, given


def _value(text: str) -> Any:
    """Numbers, true, false and what else is JSON as that; everything else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _own_stdout() -> IO[bytes]:
    """What answers are written to. Libraries write to descriptor 1 as they please, so it is stderr
    from here on."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return answers


def _steady() -> None:
    # Equal requests give equal bytes only where sums are made in one order.
    import cv2

    cv2.setNumThreads(1)


def _write(answers: IO[bytes], message: Message) -> None:
    # Unbuffered: what could not be written is not tried again at exit.
    answers.write(encoded(message))


def _show_progress(message: Message) -> None:
    fraction, text = message["progress"]
    sys.stderr.write(f"{fraction:4.0%} {text}\n")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
