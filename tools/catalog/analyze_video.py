"""Describe what a video shows."""

from __future__ import annotations

from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "analyze_video",
    title="Analyze video",
    group="Analyze",
    icon="scan-search",
    cost="free",
    output=None,
)
class AnalyzeVideo(Tool):
    """Describe a video, or answer a question about it."""

    class Inputs(Ports):
        video = port(
            "video",
            "Video",
            index="sourceVideoIndex",
            url="reference_video_url",
            aliases=("videoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
        )

    class Params(Form):
        prompt: str | None = field(
            None,
            "Question.",
            aliases=("query", "question"),
            primary=True,
            max_length=20_000,
        )
