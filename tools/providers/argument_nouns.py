"""Nouns for the arguments of tools, in sentences such as "X ignores the negative prompt"."""

from __future__ import annotations

from collections.abc import Mapping

from tools.declaration.ports import to_snake

NOUNS: Mapping[str, str] = {
    "ambientOcclusionSize": "the size of the occlusion map",
    "applyMask": "the choice of cut-out or mask",
    "aspectRatio": "the aspect ratio",
    "audioStart": "the start in the audio",
    "boxes": "boxes",
    "composerMode": "planning first",
    "controlMode": "the control mode",
    "creativity": "the variation",
    "description": "the camera position",
    "detailPreference": "the choice of more detail",
    "detailerStrength": "the strength of the detailer",
    "duration": "the length",
    "expandPrompt": "improving the prompt",
    "generateAudio": "the choice of sound",
    "gptImageBackground": "the background",
    "gptImageOutputCompression": "the compression",
    "gptImageQuality": "the quality",
    "guidance": "the guidance",
    "height": "the height",
    "language": "the language",
    "loraStrength": "the strength of the camera change",
    "loraStrengths": "the strengths of LoRAs",
    "loras": "LoRAs",
    "lyrics": "the lyrics",
    "maxInstances": "the number of matches",
    "meshTargetFaces": "the number of triangles",
    "multimask": "several candidates per point",
    "negativePrompt": "the negative prompt",
    "normalMapSize": "the size of the normal map",
    "outpaintAspectRatio": "the aspect ratio of the larger frame",
    "outpaintPosition": "the position in the larger frame",
    "outputFormat": "the file format",
    "personaName": "the persona",
    "points": "points",
    "processingSpeed": "the speed",
    "prompt": "the prompt",
    "promptStrength": "the strength of the prompt",
    "quality": "the quality",
    "ratio": "the aspect ratio",
    "referenceFileUrl": "the document",
    "referenceLinkUrl": "the web page",
    "returnLastFrame": "the wish for the last frame",
    "scale": "the scale",
    "seed": "the seed",
    "shapeResolution": "the detail of the shape",
    "skipPromptProcessing": "the wish to keep the prompt unchanged",
    "starting_image_strength": "the strength of the starting image",
    "targetLongestEdge": "the long side in pixels",
    "targetResolution": "the resolution",
    "text": "the text",
    "textureSize": "the size of the texture",
    "threshold": "the minimum confidence",
    "videoStart": "the start in the video",
    "voice": "the voice",
    "voiceDescription": "the description of the voice",
    "voicePersonaName": "the persona's voice",
    "voiceTranscript": "the transcript",
    "watermark": "the watermark",
    "width": "the width",
}


def noun_of(argument: str) -> str:
    """Return what people call an argument, by its canonical name."""
    return NOUNS.get(argument) or "the " + to_snake(argument).replace("_", " ")
