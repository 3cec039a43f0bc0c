"""Resources: a run of one's own as JSON, and the files that results link to."""

from __future__ import annotations

import base64
from typing import Any, Final

import mcp_types as types
from mcp.shared.exceptions import MCPError

from builder.agents.mcp import run_facts
from builder.agents.mcp.calling import caller_of, in_thread
from builder.agents.mcp.tool import Caller
from core import errors, jsonsafe
from media import blobs, resolvers, signing
from media.models import Blob
from runs import access, selectors
from runs.models import Artifact

RUNS: Final = "reelgraph://runs/"
ARTIFACTS: Final = "reelgraph://artifacts/"
# A larger file is downloaded by its link.
LARGEST_BYTES: Final = 4_000_000
LISTED: Final = 20


async def list_resources(context: Any, params: Any) -> types.ListResourcesResult:
    """The caller's newest runs."""
    caller = caller_of(context)

    def read() -> list[types.Resource]:
        return [
            types.Resource(
                uri=RUNS + run.public_id,
                name=run.public_id,
                description=f"A run, {run.status}.",
                mime_type="application/json",
            )
            for run in selectors.runs_of(caller.principal.user)[:LISTED]
        ]

    return types.ListResourcesResult(resources=await in_thread(read))


async def list_templates(context: Any, params: Any) -> types.ListResourceTemplatesResult:
    return types.ListResourceTemplatesResult(
        resource_templates=[
            types.ResourceTemplate(
                uri_template=RUNS + "{run_id}",
                name="run",
                description="A run: its state, results and questions.",
                mime_type="application/json",
            ),
            types.ResourceTemplate(
                uri_template=ARTIFACTS + "{artifact_id}",
                name="artifact",
                description=f"A result's file, up to {LARGEST_BYTES // 1_000_000} MB.",
            ),
        ]
    )


async def read(context: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    caller = caller_of(context)
    return await in_thread(lambda: _contents(caller, params.uri))


def _contents(caller: Caller, uri: str) -> types.ReadResourceResult:
    try:
        if uri.startswith(RUNS):
            run = run_facts.visible(caller, uri.removeprefix(RUNS))
            facts = run_facts.facts(caller, run, selectors.artifacts_of([run]))
            text = jsonsafe.dumps(facts).decode()
            part = types.TextResourceContents(uri=uri, mime_type="application/json", text=text)
            return types.ReadResourceResult(contents=[part])
        blob = _blob(caller, uri)
    except errors.AppError as error:
        raise MCPError(types.INVALID_PARAMS, error.message, {"uri": uri[:500]}) from None
    data = base64.b64encode(blobs.path_of(blob.sha256).read_bytes()).decode()
    contents = types.BlobResourceContents(uri=uri, mime_type=blob.mime, blob=data)
    return types.ReadResourceResult(contents=[contents])


def _blob(caller: Caller, uri: str) -> Blob:
    """The file of a resource. Raises NotFound, TooLarge, InvalidBody."""
    if uri.startswith(ARTIFACTS):
        blob = _artifact_blob(caller, uri.removeprefix(ARTIFACTS))
    else:
        reference = signing.parse_own_url(uri, caller.own_hosts)
        blob = resolvers.resolve(reference) if reference else None
    if blob is None or blob.blocked_at is not None:
        raise errors.NotFound("There is no such resource, or you don't have access.")
    if blob.size > LARGEST_BYTES:
        raise errors.TooLarge(
            f"This file has {blob.size:,} bytes; download it by its link from get_run."
        )
    return blob


def _artifact_blob(caller: Caller, public_id: str) -> Blob | None:
    rows = Artifact.objects.select_related("blob", "run").filter(
        public_id=public_id, hidden_at=None
    )
    row = rows.first()
    if row is None:
        return None
    access.visible_run(caller.principal.user, row.run.public_id)
    return row.blob
