"""Port types as variables and classes of the style sheet, and as outlines for the editor. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict

from tools.declaration.port_types import PORT_TYPES, Circle, PortType


def style_sheet() -> str:
    """The region of static/css/tokens.css: `--t-<type>`, `.t-<type>` (a shape's paint) and
    `.hue-<type>` (the color that the parts of a thing share)."""
    variables = [f"    --t-{it.name}: light-dark({it.light}, {it.dark});" for it in _types()]
    shapes = [_rule(f".t-{it.name}", *_paint(it)) for it in _types()]
    hues = [_rule(f".hue-{it.name}", f"--hue: var(--t-{it.name})") for it in _types()]
    return "\n".join(
        [
            *("@layer tokens {", "  :root {", *variables, "  }", "}"),
            *("@layer components {", *shapes, *hues, "}", ""),
        ]
    )


def _types() -> list[PortType]:
    return list(PORT_TYPES.values())


def _rule(selector: str, *declarations: str) -> str:
    """Return a rule as the formatter of style sheets writes it."""
    return "\n".join([f"  {selector} {{", *(f"    {it};" for it in declarations), "  }"])


def _paint(it: PortType) -> list[str]:
    if isinstance(it.outline, Circle) and it.outline.stroke:
        stroke = f"{it.outline.stroke:g}"
        return ["fill: none", f"stroke: var(--t-{it.name})", f"stroke-width: {stroke}"]
    return [f"fill: var(--t-{it.name})"]


def outlines() -> str:
    """The constant PORT_OUTLINES for the editor, which scales them: numbers in px."""
    rows = [f"  {it.name}: {_outline(it)},\n" for it in _types()]
    return (
        "/** A box, a polygon seen from its middle, or a circle; stroke: it is not filled. */\n"
        "export type PortOutline =\n"
        "  | { width: number; height: number; radius: number }\n"
        "  | { points: [number, number][] }\n"
        "  | { radius: number; stroke?: number }\n\n"
        f"export const PORT_OUTLINES: Record<SocketKind, PortOutline> = {{\n{''.join(rows)}}}\n"
    )


def _outline(it: PortType) -> str:
    values = {name: value for name, value in asdict(it.outline).items() if value}
    return f"{{ {', '.join(f'{name}: {json.dumps(value)}' for name, value in values.items())} }}"
