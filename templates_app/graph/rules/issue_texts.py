"""Issues in words: for API clients with field names and the remedy, for people with titles.

An issue has no words until it leaves the server. Its rule has the sentences; this fills them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from core.errors import InvalidInput
from core.phrases import Writer, show
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rules.registry import phrases, rules


class Titles(Protocol):
    """Names that people have for the parts of a template."""

    def stage(self, stage_id: str) -> str:
        """The title of a stage, by its id."""

    def input(self, name: str) -> str:
        """The title of an input, by its name."""

    def field(self, issue: Issue, field: str) -> str:
        """The title of the field that an issue is about; field: as its parameters name it."""

    def lack(self, issue: Issue, field: str) -> str:
        """Say what to do about a required field that is empty, without a full stop."""

    def tool(self, name: str) -> str:
        """The title of a tool, by any of its names."""

    def source(self, text: str, stage_id: str | None) -> str:
        """Name what a reference takes its value from. stage_id: of the stage that holds it."""


def _a(kind: Any) -> str:
    """A kind of media with its article; "" is no media."""
    if not kind:
        return "no media"
    article = "an" if str(kind)[0] in "ai" else "a"
    return f"{article} {_kind(kind)}"


def _kind(kind: Any) -> str:
    return "3D model" if kind == "model" else show(kind)


def _or(words: Sequence[str]) -> str:
    codes = [f"`{word}`" for word in words]
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} or {codes[-1]}"


def _names(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _api_part(key: str) -> str:
    part = phrases()[key]
    return part if isinstance(part, str) else part[0]


def _person_part(key: str) -> str:
    part = phrases()[key]
    return part if isinstance(part, str) else part[1]


_COMMON: Final[Mapping[str, Callable[[Any], str]]] = {
    "a": _a,
    "kind": _kind,
    "or": _or,
    "names": _names,
}
_API: Final = Writer(_api_part, _COMMON)


def for_api(issue: Issue) -> str:
    """The issue as API clients read it: exact field names, and the remedy."""
    return _API.write(rules()[issue.code].api, issue.params)


def binding_patterns() -> dict[str, str]:
    """List why texts are no bindings, for people: key of a `Broken.why` → its pattern.

    The editor reads bindings while they are typed, and words what is wrong with them by these.
    """
    return {key: _person_part(key) for key in rules()["invalid_binding_syntax"].phrases}


def for_person(issue: Issue, titles: Titles) -> str:
    """The issue as people in the browser read it; "" for what they are never shown."""
    writer = Writer(
        _person_part,
        {
            **_COMMON,
            "stage": titles.stage,
            "stages": lambda ids: ", ".join(map(titles.stage, ids)),
            "input": titles.input,
            "tool": titles.tool,
            "field": lambda field: titles.field(issue, field),
            "lack": lambda field: titles.lack(issue, field),
            "source": lambda text: titles.source(text, issue.at.stage_id),
        },
    )
    return writer.write(rules()[issue.code].person, issue.params)


class TemplateRefused(InvalidInput):
    """A template that cannot be saved, published or run. issues: its errors and warnings."""

    def __init__(self, message: str, issues: Iterable[Issue], **fields: Any) -> None:
        super().__init__(message, **fields)
        self.issues = tuple(issues)

    def sentences(self, titles: Titles) -> list[tuple[Issue, str]]:
        """The errors that a person is shown, each with its sentence."""
        pairs = [(issue, for_person(issue, titles)) for issue in self.issues]
        return [(issue, text) for issue, text in pairs if issue.severity == "error" and text]

    def for_person(self, titles: Titles) -> InvalidInput:
        """The refusal as the editor shows it: the first sentence, and all as `issues`."""
        sentences = self.sentences(titles)
        issues = [issue_to_person(issue, titles) for issue, _ in sentences]
        message = sentences[0][1] if sentences else self.message
        return InvalidInput(message, code=self.code, number=self.number, details={"issues": issues})


def issue_to_json(issue: Issue) -> dict[str, Any]:
    """The wire shape: severity, code, message, path, stageId; argument and fix where known."""
    shape = _shape(issue, for_api(issue))
    fix = next((fix for fix in issue.fixes if fix.ops), None)
    if fix is not None:
        shape["fix"] = {"label": fix.label, "ops": [dict(op) for op in fix.ops]}
    return shape


def issue_to_person(issue: Issue, titles: Titles) -> dict[str, Any]:
    """As `issue_to_json`, for the editor: a person's sentence, and every fix."""
    shape = _shape(issue, for_person(issue, titles) or for_api(issue))
    return {**shape, "fixes": [_fix_to_json(fix) for fix in issue.fixes]}


def _shape(issue: Issue, message: str) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "severity": issue.severity,
        "code": issue.code,
        "message": message,
        "path": issue.at.path,
        "stageId": issue.at.stage_id,
    }
    if issue.at.argument:
        shape["argument"] = issue.at.argument
    return shape


def _fix_to_json(fix: Fix) -> Mapping[str, Any]:
    shape: dict[str, Any] = {"label": fix.label, "ops": [dict(op) for op in fix.ops]}
    return {**shape, "opens": fix.opens} if fix.opens else shape


def reference_page() -> str:
    """`docs/reference/issue-codes.md` as it should be."""
    rows = "\n".join(
        f"| `{code}` | {rule.level} | {rule.about} |" for code, rule in rules().items()
    )
    return (
        "# Issue codes\n\n"
        "What `data.validation.issues`, `compileErrors`, `compileWarnings` and `details.issues` may"
        " hold. Each entry\nnames its `code`, a `path` such as `stages/<id>/args` and a `message`"
        " with the remedy. Warnings never stop\nanything.\n\n"
        "Written by `manage.py generate`.\n\n"
        "| code | severity | when |\n|---|---|---|\n"
        f"{rows}\n"
    )
