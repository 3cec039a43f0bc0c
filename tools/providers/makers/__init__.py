"""Services for final media: models as rows, one state machine, a dialect for each service.

A kind is `KINDS[name]`, a module of this folder with TITLE, FIELDS, destination and configured.
"""

from __future__ import annotations

from collections.abc import Mapping

# By kind, its module.
KINDS: Mapping[str, str] = {
    "comfy-router": "tools.providers.makers.comfy_router",
    "fal": "tools.providers.makers.fal",
    "runway": "tools.providers.makers.runway",
}
