"""`upload_asset`: a file for an input of a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from builder.agents.mcp import assets
from builder.agents.mcp.tool import Caller, Link, Tool, ToolArguments, ToolResult


class UploadAsset(Tool):
    name = "upload_asset"
    title = "Upload a file"
    description = (
        "Bring an image, video or sound for an input of a run. Send exactly one of: `data`, a small"
        " file in base64; `url`, an https address that the person gave you; `kind`, to get an"
        " upload URL for a large file, and then `upload_id` once it was sent. The `url` in the"
        " answer is what inputs take; it works for a day. Files stay private."
    )
    scope = "run"
    is_idempotent = True

    class Arguments(ToolArguments):
        data: Annotated[str, Field(max_length=2_000_000)] = ""
        """The bytes in base64; at most 1.4 MB before encoding."""
        url: Annotated[str, Field(max_length=4096)] = ""
        """A public https address, or one of this server's own for a file of this person."""
        kind: Literal["image", "video", "audio"] | None = None
        """Get an upload URL for a file of this kind."""
        upload_id: Annotated[str, Field(max_length=60)] = ""
        """Of an upload URL that a file was sent to."""
        filename: Annotated[str, Field(max_length=255)] = ""
        """What to call the file."""

    def question(self, caller: Caller, arguments: Arguments) -> str:
        # The whole address: what an agent knows could leave in its query.
        return f"Fetch a file from {arguments.url}?" if arguments.url else ""

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        assets.check_one_way(arguments.data, arguments.url, arguments.kind, arguments.upload_id)
        if arguments.kind:
            return _place(assets.place_for(caller, arguments.kind))
        if arguments.upload_id:
            return _asset_result(assets.uploaded(caller, arguments.upload_id))
        if arguments.url:
            return _asset_result(assets.keep_from(caller, arguments.url, arguments.filename))
        return _asset_result(assets.keep_inline(caller, arguments.data, arguments.filename))


def _place(place: assets.UploadPlace) -> ToolResult:
    body = {"upload_id": place.id, "upload_url": place.url, "method": "PUT", "expires_in_s": 3600}
    return ToolResult(
        body,
        f"Send the bytes within an hour: curl -T FILE '{place.url}'\n"
        f'Then call upload_asset with {{"upload_id": "{place.id}"}}.',
    )


def _asset_result(asset: assets.Asset) -> ToolResult:
    blob = asset.blob
    facts: dict[str, Any] = {
        "id": asset.id,
        "kind": blob.kind,
        "mime": blob.mime,
        "size": blob.size,
        "width": blob.width,
        "height": blob.height,
        "duration_s": blob.duration_s,
        "url": asset.url,
    }
    body = {name: value for name, value in facts.items() if value is not None}
    link = Link(uri=asset.url, name=asset.filename, mime=blob.mime, size=blob.size)
    text = f"{asset.id}: {blob.mime}, {blob.size:,} bytes. Use as an input: {asset.url}"
    return ToolResult(body, text, links=(link,))
