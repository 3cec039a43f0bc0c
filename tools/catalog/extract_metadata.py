"""Read the metadata of a media file."""

from __future__ import annotations

from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "extract_metadata",
    title="Extract metadata",
    group="Analyze",
    icon="info",
    cost="free",
    output=None,
)
class ExtractMetadata(Tool):
    """Read a file's size, length, frame rate, codecs and embedded notes."""

    class Inputs(Ports):
        video = port(
            "video",
            "Video",
            index="sourceVideoIndex",
            url="source_video_url",
            aliases=("videoIndex", "videoSourceIndex", "reference_video_url"),
        )
        audio = port(
            "audio",
            "Audio",
            index="audioSourceIndex",
            url="source_audio_url",
            aliases=("audioIndex", "reference_audio_url"),
        )
        image = port(
            "image",
            "Image",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
        )

    class Params(Form):
        prompt: str | None = field(
            None,
            "Question. Kept with the result.",
            aliases=("query", "question"),
            primary=True,
            max_length=20_000,
        )
