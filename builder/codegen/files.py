"""Every generated file, and whether it is as its declarations want it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from builder.codegen import floors, port_types, tools
from builder.codegen.declared import ENUMS, TYPES, WORDS
from builder.codegen.typescript import TypeWriter, words
from templates_app.graph.rules import issue_texts
from tools import reference, registry
from tools.catalog import catalogue

_REGION_START: Final = "/* generated: "
_REGION_END: Final = "/* end of generated */\n"
_NOTICE: Final = (
    "// Written by `manage.py generate` from the declarations in Python; do not edit it.\n\n"
)


@dataclass(frozen=True, slots=True)
class Generated:
    """path: from the project's folder. render: gives the whole text. is_region: it is between
    two comments of a file that people write."""

    path: str
    render: Callable[[], str]
    is_region: bool = False

    def wanted(self, present: str) -> str:
        """The whole file as it should be, given what is there."""
        if not self.is_region:
            return self.render()
        start = present.index("\n", present.index(_REGION_START)) + 1
        return present[:start] + self.render() + present[present.index(_REGION_END, start) :]


def schema() -> str:
    """`frontend/src/api/schema.ts`."""
    parts = [TypeWriter(ENUMS).file(TYPES), port_types.outlines()]
    return _NOTICE + "\n".join(parts)


def value_words() -> str:
    """`frontend/src/api/words.ts`, apart from the types: only panels that come later need it."""
    kinds = ", ".join(kind for _, kind, _ in WORDS)
    blocks = [words(name, kind, texts) for name, kind, texts in WORDS]
    return _NOTICE + f"import type {{ {kinds} }} from './schema'\n\n" + "\n".join(blocks)


def tool_arguments() -> str:
    """`frontend/src/api/tools.ts`."""
    shared = "import type { Json } from './schema'\n\n"
    return _NOTICE + shared + tools.arguments(catalogue(), TypeWriter({}))


def tools_page() -> str:
    return reference.render(catalogue(), registry.provider_name)


GENERATED: Final = (
    Generated("frontend/src/api/schema.ts", schema),
    Generated("frontend/src/api/words.ts", value_words),
    Generated("frontend/src/api/tools.ts", tool_arguments),
    Generated("frontend/floors.biome.json", floors.linter_rules),
    Generated("static/css/tokens.css", port_types.style_sheet, is_region=True),
    Generated("docs/reference/tools.md", tools_page),
    Generated("docs/reference/issue-codes.md", issue_texts.reference_page),
)


def out_of_date(root: Path) -> Iterator[tuple[Path, str]]:
    """Each file that is not as it should be, with the text that it should have."""
    for one in GENERATED:
        path = root / one.path
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        text = one.wanted(present)
        if text != present:
            yield path, text
