"""A template that says something of its author's in every field that takes a text."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

_WORD = re.compile(r"veiled[A-Za-z]+")

# What stays when prompts are hidden: names, labels and choices.
NAMES = {
    *("veiledInput", "veiledChoice", "veiledStage", "veiledLabel", "veiledResult"),
    *("veiledBatch", "veiledBatchLabel", "veiledItem"),
}

TEMPLATE: dict[str, Any] = {
    "name": "veiledName here",
    "description": "veiledDescription here",
    "brief": "veiledBrief here",
    "category": "cinematic",
    "stability": "beta",
    "tags": ["veiledTag"],
    "reviewFocus": ["veiledFocus"],
    "metadata": {"note": "veiledMetadata", "deep": [{"more": "veiledMetadataMore"}]},
    "openMontageImport": {"source": "veiledImport"},
    "estimatedCapacityUnits": {"min": 1, "max": 2, "why": "veiledEstimate"},
    "inputs": [
        {
            "name": "veiledInput",
            "type": "text",
            "required": True,
            "description": "veiledInputDescription",
            "placeholder": "veiledPlaceholder",
            "default": "veiledDefault",
            "jsonSchema": {
                "maxLength": 200,
                "title": "veiledSchemaTitle",
                "description": "veiledSchemaDescription",
                "examples": ["veiledExample"],
            },
        },
        {
            "name": "mood",
            "type": "select",
            "description": "veiledSelectDescription",
            "options": ["veiledChoice", "calm"],
            "default": "calm",
            "help": "veiledHelp",
        },
    ],
    "stages": [
        {
            "id": "veiledStage",
            "label": "veiledLabel",
            "type": "fixed",
            "tool": "generate_image",
            "produces": ["veiledResult"],
            "reviewFocus": ["veiledStageFocus"],
            "successCriteria": ["veiledCriteria"],
            "description": "veiledStageDescription",
            "extra": {"why": "veiledExtra"},
            "args": {
                "prompt": "veiledPrompt",
                "negativePrompt": "veiledNegative",
                "model": "flux2",
                "aspectRatio": "16:9",
                "width": 64,
            },
        },
        {
            "id": "ask",
            "type": "interactive",
            "produces": ["answer"],
            "systemPrompt": "veiledSystem",
            "userMessage": "veiledQuestion",
            "skillRef": "veiledSkill",
            "condition": {
                "type": "expr",
                "expression": '$inputs.mood == "veiledCompared"',
                "comment": "veiledComment",
            },
        },
        {
            "id": "veiledBatch",
            "label": "veiledBatchLabel",
            "type": "batch",
            "produces": ["clips"],
            "overBinding": "$artifacts.veiledResult.items",
            "itemName": "veiledItem",
            "itemLabelTemplate": "veiledItemLabel {index}",
            "condition": {"type": "expr", "expression": '$inputs.mood == "calm"'},
            "itemStage": {
                "type": "fixed",
                "tool": "generate_video",
                "label": "veiledBatchLabel",
                "args": {
                    "prompt": "veiledItemPrompt",
                    "videoModel": "ltx23-22b-fp8_t2v_distilled",
                    "duration": 5,
                    "madeUp": "veiledMadeUp",
                    "nested": {"a": ["veiledNested"], "b": 1},
                },
            },
        },
    ],
    "graph": {
        "title": "veiledGraphTitle",
        "data": {"said": "veiledGraphData"},
        "nodes": [{"stageId": "veiledStage", "x": 8, "y": 16, "data": {"t": "veiledNodeData"}}],
        "edges": [{"from": "veiledStage", "to": "veiledBatch", "label": "veiledEdge"}],
        "frames": [{"id": "veiledFrameId", "x": 0, "y": 0, "title": "veiledFrame"}],
        "notes": [{"id": "veiledNoteId", "x": 0, "y": 0, "text": "veiledNote"}],
        "viewport": {"x": 0, "y": 0, "zoom": 1, "name": "veiledViewport"},
    },
}


def template() -> dict[str, Any]:
    """A fresh copy."""
    return copy.deepcopy(TEMPLATE)


def words_in(value: Any) -> set[str]:
    """The words of the author's in a JSON value or a text."""
    return set(_WORD.findall(value if isinstance(value, str) else json.dumps(value)))
