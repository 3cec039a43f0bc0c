"""References in the stages of a template, as they are written where the template is a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.phrases import phrase
from templates_app.graph.bindings import Broken, Every, Ref, Segment, read_text
from templates_app.graph.issues import Issue, issue
from templates_app.graph.rewriting import path_text, with_references
from templates_app.graph.spec import Stage


@dataclass(frozen=True, slots=True)
class InputValue:
    """References that stand for an input. is_whole: one that has all of a list itself."""

    references: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class MemberReferences:
    """Rewrites the stages of one template stage. Each mapping: from its own names to ours."""

    stage: Stage
    ids: Mapping[str, str]
    names: Mapping[str, str]
    values: Mapping[str, InputValue]
    aliases: Mapping[str, str]
    issues: list[Issue]

    def member(self, inner: Stage) -> Stage:
        member = with_references(inner, self.reference, self.name, self.substitute)
        alias = self.aliases.get(inner.id)
        update: dict[str, Any] = {
            "id": self.ids[inner.id],
            "path": f"{self.stage.path}/{inner.path}",
            "produces": (
                *(self.names[name] for name in inner.produces),
                *(() if alias is None else (alias,)),
            ),
            "sub_stages": tuple(self.member(one) for one in inner.sub_stages),
            # What the outer stage may lack, its members may.
            "optional": tuple(dict.fromkeys((*member.optional, *self.stage.optional))),
        }
        condition = member.condition
        if condition is not None and condition.stage_id in self.ids:
            stage_id = self.ids[condition.stage_id]
            update["condition"] = condition.model_copy(update={"stage_id": stage_id})
        if member.item is not None:
            item_path = f"{self.stage.path}/{member.item.path}"
            update["item"] = member.item.model_copy(
                update={"id": self.ids[inner.id], "path": item_path}
            )
        return member.model_copy(update=update)

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def reference(self, ref: str | Ref | Broken) -> str:
        """Return a reference where only one can be, as in a condition or a batch's list."""
        reading = read_text(ref) if isinstance(ref, str) else ref
        result = self.substitute(reading)
        if isinstance(result, str):
            return result
        self.issues.append(
            issue(
                "binding_not_supported_yet",
                path=f"{self.stage.path}/args",
                stage_id=self.stage.id,
                argument=reading.name if isinstance(reading, Ref) else "",
                text=", ".join(map(str, result)),
                why=phrase("only_as_one_list"),
            )
        )
        return _NOTHING

    def texts(self, text: str) -> list[str]:
        """Return the references that stand for one, several where an input is given in parts."""
        result = self.substitute(read_text(text))
        return result if isinstance(result, list) else [result]

    def substitute(self, ref: Any) -> Any:
        """Return what a reference is here: a text, or a list where an input is given in parts."""
        if not isinstance(ref, Ref):
            return ref.text if isinstance(ref, Broken) else ref
        if ref.root == "artifacts":
            return f"$artifacts.{self.name(ref.name)}{path_text(ref.path)}"
        value = self.values.get(ref.name) if ref.root == "inputs" else None
        if value is None:
            return ref.text
        if value.is_whole:
            return f"{value.references[0]}{path_text(ref.path)}"
        path = list(ref.path)
        if len(value.references) == 1:
            return _with_path(value.references[0], path)
        if path and isinstance(path[0], Every):
            path.pop(0)
        elif path and isinstance(path[0], int):
            at = path.pop(0)
            parts = value.references[at : at + 1] if isinstance(at, int) else ()
            return _with_path(parts[0], path) if parts else _NOTHING
        return [_with_path(one, path) for one in value.references]


# A reference that leads to nothing, and is refused as such.
_NOTHING: Final = "$artifacts.nothing"


def _with_path(text: str, path: Sequence[Segment]) -> str:
    """Return a reference with more of a path. `.url` and `.value` of a file say the same."""
    return text + path_text([part for part in path if part not in ("url", "value")])
