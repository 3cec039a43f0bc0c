"""Files that people bring, and the work on them that a text names plainly. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from compose.plain_settings.line import WORDS, Line, meanings, pattern, phrases
from compose.plain_settings.settings import SHAPES, Match, Setting, number_of, settings_in
from compose.plan import EditPlan, File

# "My photos" are several.
_SEVERAL, _MOST_OF_ONE, _MOST_FILES, _MOST_EDITS, _LONGEST_WORDS = 3, 12, 8, 8, 2_000
_KINDS: Final = meanings("files")
_NUMBERS, _OWN, _NEAR = phrases("numbers"), phrases("own"), phrases("near")
_MENTION, _TASK = pattern("mention"), pattern("task")
_TASKS: Final = ("turn", *WORDS["work"])
# What the words of an operation are, and where its length is written.
_WITH_WORDS, _WITH_LENGTH = ("look", "other", "size", "language"), ("film", "time")


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """kind: "clip_edit" or "photo_edit" where the text asks for work on a file, else ""."""

    media: tuple[File, ...] = ()
    edits: tuple[EditPlan, ...] = ()
    kind: str = ""
    settings: tuple[Setting, ...] = ()


def own_files(lines: Sequence[Line]) -> OwnFiles:
    """Read the files that lines name. Work on them is taken out of the lines."""
    tasks = [(line, task) for line in lines for task in _tasks(line)]
    whose = {*_OWN, *(_NEAR if tasks else ())}
    mentions = [(line, one) for line in lines for one in _MENTION.finditer(line.seen)]
    worked_on = [(line, _MENTION.search(line.seen, *_object_place(task))) for line, task in tasks]
    media: dict[str, File] = {}
    for line, match in [*(one for one in mentions if one[1]["whose"] in whose), *worked_on]:
        if match is not None and len(media) < _MOST_FILES:
            file = _file(line, match)
            media.setdefault(file.name, file)
    kinds = {file.kind for file in media.values()} - {"audio"}
    if not tasks or not kinds:
        return OwnFiles(tuple(media.values()))
    edits = [_edit(line, task) for line, task in tasks if "video" not in kinds or not task["film"]]
    settings = [
        setting
        for line, task in tasks
        for group in _WITH_LENGTH
        for setting in settings_in(line, *task.span(group))
    ]
    for line, task in tasks:
        line.take(*task.span())
    kind = "clip_edit" if "video" in kinds else "photo_edit"
    return OwnFiles(tuple(media.values()), tuple(edits[:_MOST_EDITS]), kind, tuple(settings))


def name_in(text: str, media: Sequence[File]) -> str:
    """Return the name of the image or video that the text of a row names; a logo is none."""
    names = {file.name for file in media if file.kind != "audio" and file.name != "logo"}
    line = Line(text)
    files = (_file(line, one) for one in _MENTION.finditer(line.seen) if one["whose"] in _OWN)
    return next((file.name for file in files if file.name in names), "")


def _tasks(line: Line) -> Iterator[Match]:
    """Yield the work that begins a part, or that "and", "then" or another such word leads in."""
    for place, end in line.parts:
        for task in _TASK.finditer(line.seen, place, end):
            if task["before"] or task.start() <= place:
                yield task
                place = task.end() + 1


def _object_place(task: Match) -> tuple[int, int]:
    """Return the place of the file that a task is for: before what it becomes."""
    ends = [task.start(name) for name in (*_WITH_WORDS, *_WITH_LENGTH) if task[name]]
    return task.start(), min(ends, default=task.end())


def _file(line: Line, match: Match) -> File:
    *about, noun = line.of(match, "file").replace("-", " ").split()
    name = noun.lower()
    count = _SEVERAL if name.endswith("s") else 1
    if about and (about[0].isdecimal() or about[0].lower() in _NUMBERS):
        count = int(number_of(about.pop(0).lower()))
    return File.read(
        {
            "name": name.removesuffix("s"),
            "kind": _KINDS[name],
            "title": " ".join([*about, noun]),
            "count": min(max(count, 1), _MOST_OF_ONE),
        }
    )


def _edit(line: Line, task: Match) -> EditPlan:
    kind = next(name for name in _TASKS if task[name] is not None)
    words = next((line.of(task, name) for name in _WITH_WORDS if task[name]), "")
    if kind == "turn":
        kind = "animate" if task["film"] else "style"
    aspect = SHAPES.get(task["aspect"] or "", task["aspect"])
    return EditPlan.read({"type": kind, "words": words[:_LONGEST_WORDS], "aspect": aspect})
