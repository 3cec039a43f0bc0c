"""Say what a clip shows."""

from __future__ import annotations

from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "analyze_video",
    title="Analyse video",
    group="Analyse",
    cost="free",
    output=None,
)
class AnalyzeVideo(Tool):
    """Say what a clip shows, or answer a question about it."""

    class Inputs(Ports):
        video = port(
            "video",
            "Clip to look at",
            index="sourceVideoIndex",
            url="reference_video_url",
            aliases=("videoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
        )

    class Params(Form):
        prompt: str | None = field(
            None,
            "What you want to know.",
            also=("query", "question"),
            pinned=True,
            max_length=20_000,
        )
