"""Read what a media file says about itself."""

from __future__ import annotations

from tools.ports import Form, Ports, Tool, field, port, tool


@tool("extract_metadata", title="Extract metadata", group="Analyse", cost="free", output=None)
class ExtractMetadata(Tool):
    """Read a medium's facts: size, length, frame rate, codecs, and notes its maker left in it."""

    class Inputs(Ports):
        video = port(
            "video",
            "Clip to read",
            index="sourceVideoIndex",
            url="source_video_url",
            aliases=("videoIndex", "videoSourceIndex", "reference_video_url"),
        )
        audio = port(
            "audio",
            "Sound to read",
            index="audioSourceIndex",
            url="source_audio_url",
            aliases=("audioIndex", "reference_audio_url"),
        )
        image = port(
            "image",
            "Picture to read",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
        )

    class Params(Form):
        prompt: str | None = field(
            None,
            "What you want to know; kept with the result.",
            also=("query", "question"),
            pinned=True,
            max_length=20_000,
        )
