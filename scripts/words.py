"""`make check`: count the words of words.txt in code, documents and screens.

Usage: words.py [--without=FOLDER] [PATH…] lists every hit of these files; without a path, of all
tracked ones, or of those outside FOLDER, when they are too many.
"""

from __future__ import annotations

import fnmatch
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from file_facts import FileFacts

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "scripts" / "words.txt"
# Hits in 1,000 lines at most.
LIMIT = 0.4
ENDINGS = {".py", ".ts", ".tsx", ".js", ".css", ".html", ".md", ".json", ".in", ".toml", ".txt"}
SKIPPED = ("requirements/*.txt", "*package-lock.json", "scripts/words.txt", "THIRD_PARTY.md")
_SCRIPT = r"""
    /\*.*?\*/ | (?<!:)//[^\n]*                              # comments
    | (?<=[^=]>)\s*[A-Z“][^<>{}=;]*(?=[<{])                 # text of an element
    | '(?:[^'\\\n]|\\.)*' | "[^"\n]*" | `[^`]*`
"""
_MARKDOWN_CODE = r"```.*?```|`[^`\n]*`|\]\([^)]*\)|<[^>]*>"
_TEMPLATE_CODE = r"\{%.*?%\}|\{\{.*?\}\}|(?:class|id|href|src|name|data-[a-z-]+)=\"[^\"]*\""


@dataclass(frozen=True, slots=True)
class Word:
    pattern: re.Pattern[str]
    is_prose: bool
    instead: str


@dataclass(frozen=True, slots=True)
class Hit:
    line: int
    word: str
    text: str
    instead: str


@dataclass(frozen=True, slots=True)
class WordList:
    words: Sequence[Word]
    # Patterns of files, and what is right in them.
    exceptions: Sequence[tuple[str, re.Pattern[str]]]
    # All words of each kind as one pattern: most files match neither.
    names: re.Pattern[str]
    prose: re.Pattern[str]

    def hits(self, path: str, text: str) -> Iterator[Hit]:
        """path: relative to the repository, with slashes."""
        right = [pattern for files, pattern in self.exceptions if fnmatch.fnmatch(path, files)]
        has_names = self.names.search(text)
        # What is prose in Python begins and ends where words do: it matches nowhere else.
        has_prose = not path.endswith(".py") or self.prose.search(text)
        sentences = prose(path, text) if has_prose else ""
        has_prose = has_prose and self.prose.search(sentences)
        lines = text.splitlines()
        for word in self.words:
            if not (has_prose if word.is_prose else has_names):
                continue
            for match in word.pattern.finditer(sentences if word.is_prose else text):
                if any(pattern.fullmatch(match[0]) for pattern in right):
                    continue
                number = text.count("\n", 0, match.start()) + 1
                yield Hit(number, match[0], lines[number - 1].strip()[:110], word.instead)


def read_list(text: str) -> WordList:
    """Parse words.txt. Raises ValueError for a line that it does not know."""
    words: list[Word] = []
    names: list[str] = []
    sentences: list[str] = []
    exceptions: list[tuple[str, re.Pattern[str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match re.split(r"\s{2,}|\t+", line.strip()):
            case ["except", files, pattern]:
                exceptions.append((files, re.compile(pattern, re.I)))
            case ["any", pattern, instead]:
                # Underscores end a word, so that names of functions are read, too.
                names.append(pattern.replace(" ", "[ _]"))
                words.append(Word(_in_names(names[-1]), False, instead))
            case ["prose", pattern, instead]:
                sentences.append(pattern)
                words.append(Word(_in_prose(pattern), True, instead))
            case _:
                raise ValueError(f"{LIST.name}: {line!r} is not any, prose or except")
    # A pattern of no words would match everywhere.
    return WordList(
        words,
        exceptions,
        _in_names("|".join(names) or "(?!)"),
        _in_prose("|".join(sentences) or "(?!)"),
    )


def _in_names(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z])(?:{pattern})(?![a-z])", re.I)


def _in_prose(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$.-])(?:{pattern})(?![\w-])", re.I)


def prose(path: str, text: str) -> str:
    """The text with everything blanked that is neither comment, document nor sentence."""
    if path.endswith(".py"):
        return _python_prose(text)
    if path.endswith(".md"):
        return _without(text, _MARKDOWN_CODE)
    if path.endswith((".ts", ".tsx", ".js")):
        return _without(_only(text, _SCRIPT), r"\$\{[^}]*\}")
    if path.endswith(".css"):
        return _only(text, r"/\*.*?\*/")
    if path.endswith(".html"):
        return _without(text, _TEMPLATE_CODE)
    return text


def _python_prose(text: str) -> str:
    # The tokenizer's lines, which end at no other sign.
    lines = io.StringIO(text).readlines()
    comments = [" " * (len(line) - 1) + "\n" for line in lines]
    middle = getattr(tokenize, "FSTRING_MIDDLE", -1)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_sentence = token.type in (tokenize.STRING, middle) and " " in token.string
        if token.type != tokenize.COMMENT and not is_sentence:
            continue
        (row, start), (last, end) = token.start, token.end
        for number in range(row - 1, last):
            first = start if number == row - 1 else 0
            right = end if number == last - 1 else len(lines[number]) - 1
            comments[number] = (
                comments[number][:first] + lines[number][first:right] + comments[number][right:]
            )
    return _without("".join(comments), r"\{[\w.]+(?:\(\))?\}")


def _blank(text: str) -> str:
    return re.sub(r"\S", " ", text)


def _without(text: str, pattern: str) -> str:
    return re.sub(pattern, lambda match: _blank(match[0]), text, flags=re.S)


def _only(text: str, pattern: str) -> str:
    characters = list(_blank(text))
    for match in re.finditer(pattern, text, re.S | re.X):
        # A text of one word may be a name.
        if " " in match[0]:
            characters[match.start() : match.end()] = match[0]
    return "".join(characters)


def tracked_files(root: Path = ROOT, without: Sequence[str] = ()) -> list[str]:
    """without: folders whose files are not listed."""
    command = ["git", "ls-files", "--", ".", *(f":!{folder}" for folder in without)]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [
        name
        for name in listed.stdout.splitlines()
        if Path(name).suffix in ENDINGS
        and not any(fnmatch.fnmatch(name, pattern) for pattern in SKIPPED)
        and (root / name).is_file()
    ]


def count(
    root: Path = ROOT, paths: Sequence[str] = (), without: Sequence[str] = ()
) -> tuple[list[tuple[str, Hit]], int]:
    """(the hits with their files, lines read) of a checkout, or of these files in it.

    without: folders of the checkout that are not read.
    """
    words = read_list(LIST.read_text())
    facts = FileFacts(root, "words", [Path(__file__), LIST])

    def hits(name: str, text: str) -> Iterator[Hit]:
        rows = facts.of(name, text, lambda: [astuple(hit) for hit in words.hits(name, text)])
        return (Hit(*row) for row in rows)

    lines = 0
    places: list[tuple[str, Hit]] = []
    for name in paths or tracked_files(root, without):
        text = (root / name).read_text()
        lines += text.count("\n")
        places += [(name, hit) for hit in hits(name, text)]
    if not paths:
        facts.keep()
    return places, lines


def main(arguments: Sequence[str]) -> int:
    without = [one.removeprefix("--without=") for one in arguments if one.startswith("--without=")]
    paths = [argument for argument in arguments if not argument.startswith("--")]
    places, lines = count(ROOT, paths, without)
    rate = 1000 * len(places) / max(1, lines)
    if paths or rate > LIMIT:
        for name, hit in places:
            print(f"{name}:{hit.line}: “{hit.word}”, say: {hit.instead}\n    {hit.text}")
    print(f"{len(places)} hits in {lines:,} lines: {rate:.2f} in 1,000; the limit is {LIMIT}")
    return int(rate > LIMIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
