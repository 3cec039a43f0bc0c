"""Runs one call of a tool of this server: at once, or as a run."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from accounts.models import User
from accounts.rate_limits import check_start_rate
from compose.chat import events, fallback_answers, tool_sets
from compose.chat.chat import Chat
from compose.chat.request import REFERENCE_FIELDS, RUN_FIELDS, is_inline
from compose.execution import CallOptions, Started, begin
from core import canonical, errors
from media import blobs, signing
from media.services import keep_upload
from runs.admission.start import start_run
from tools import registry

# Of a conversation, the latest ones.
MOST_IMAGES = 16
_KEY = "idempotency-key"
Running: TypeAlias = Generator[events.ChatEvent, None, "CallOutcome"]


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """The outcome of a call. event: for the answer. text: for people, Markdown. data: for a model.

    units: what its run is estimated to cost, in credits.
    """

    event: events.ToolResult | events.RunStarted
    text: str
    data: Mapping[str, Any]
    units: float = 0.0


def call_id_of(chat: Chat, number: int) -> str:
    """Return the id of the n-th call of an answer.

    The same for a request that is sent again with the same Idempotency-Key, so that it is neither
    charged nor started twice.
    """
    if not (key := chat.headers.get(_KEY)):
        return f"call_{secrets.token_hex(12)}"
    call_key = f"{chat.principal.user.pk}:{key}:{number}"
    return f"call_{hashlib.sha256(call_key.encode()).hexdigest()[:24]}"


def run_call(
    chat: Chat,
    call_id: str,
    tool: str,
    arguments: Mapping[str, Any],
    *,
    max_units: float | None = None,
    planned_by: str = "",
) -> Running:
    """Run a call. tool: a canonical name. Raises what a start raises; nothing is stored then.

    max_units: what is left of the caller's ceiling, where earlier calls used some of it.
    planned_by: the language model that wrote the call.
    """
    check_start_rate(chat.principal)
    if tool_sets.makes_media(tool):
        return _start(chat, call_id, tool, arguments, max_units, planned_by)
    return (yield from _execute(chat, call_id, tool, arguments, planned_by))


def _start(
    chat: Chat,
    call_id: str,
    tool: str,
    arguments: Mapping[str, Any],
    max_units: float | None,
    planned_by: str,
) -> CallOutcome:
    title = registry.title_of(tool)
    step = {"id": tool, "toolName": tool, "arguments": dict(arguments)}
    body = {name: chat.body[name] for name in RUN_FIELDS if name in chat.body}
    if max_units is not None:
        body["max_estimated_capacity_units"] = max_units
    run_start = start_run(
        actor=chat.principal,
        body={
            **body,
            **_media(chat),
            "input": {"title": title, "steps": [step]},
            "idempotency_key": f"chat:{call_id}" if _KEY in chat.headers else None,
        },
        token_type=chat.headers.get("x-token-type"),
        app_source=chat.headers.get("x-app-source"),
        own_hosts=chat.own_hosts,
        planned_by=planned_by,
    )
    run, units = run_start.run, run_start.run.estimated_milli / 1000
    data = {"ok": True, "tool": tool, "status": run.status, "workflowId": run.public_id}
    text = fallback_answers.started(title, run.public_id, chat.origin, units)
    return CallOutcome(events.RunStarted(run.public_id, run.status), text, data, units)


def _media(chat: Chat) -> dict[str, Any]:
    """Return the references that the caller gave, or else the images of the messages."""
    lists = {name: chat.body[name] for name in REFERENCE_FIELDS if chat.body.get(name)}
    if lists:
        return lists
    urls = list(dict.fromkeys(chat.request.images()))[:MOST_IMAGES]
    owner = chat.principal.user
    references = [
        {"kind": "image", "url": kept_address(owner, url, chat.origin) if is_inline(url) else url}
        for url in urls
    ]
    return {"media_references": references} if references else {}


def _execute(
    chat: Chat, call_id: str, tool: str, arguments: Mapping[str, Any], planned_by: str
) -> Running:
    body = chat.body
    is_safe = body.get("safe_content_filter", body.get("safeContentFilter"))
    options = CallOptions(
        key=f"chat:{call_id}" if _KEY in chat.headers else None,
        app_source=body.get("app_source") or chat.headers.get("x-app-source"),
        token_type=body.get("token_type") or chat.headers.get("x-token-type"),
        safe_content_filter=is_safe is not False,
        confirm_cost=body.get("confirm_cost", body.get("confirmCost")),
        media=_media(chat),
        planned_by=planned_by,
    )
    call = begin(
        chat.principal,
        tool,
        arguments,
        own_hosts=chat.own_hosts,
        base_url=chat.origin,
        options=options,
    )
    if isinstance(call, Started):
        try:
            if call.is_awaited:
                yield events.RunAwaited(call.run.pk)
            execution = call.execution()
        finally:
            call.give_up()
    else:
        execution = call
    text = fallback_answers.of_result(tool, execution.result, execution.message)
    return CallOutcome(events.ToolResult(tool, call_id, execution.result), text, execution.result)


_IMAGE = re.compile(r"data:image/[\w.+-]{1,40};base64,", re.IGNORECASE)
SLOT = "referenceImage"


def kept_address(owner: User, url: str, origin: str) -> str:
    """Keep an inline image. Returns its address on this server, which works for a day.

    Raises InvalidBody for what is no image, and what `media.services.keep_upload` raises.
    """
    match = _IMAGE.match(url.strip())
    try:
        if match is None:
            raise ValueError
        data = base64.b64decode(url.strip()[match.end() :], validate=True)
    except ValueError:
        raise errors.InvalidBody(
            "`image_url` must be an https URL or an image as data:image/…;base64,…"
        ) from None
    # The same image sent again, as with each turn of a conversation, is one upload.
    place = canonical.sha256_hex(["chat", hashlib.sha256(data).hexdigest()])
    folder = blobs.attempt_dir("chat")
    try:
        path = folder / "image"
        path.write_bytes(data)
        upload = keep_upload(
            owner=owner, path=path, filename="", slot=SLOT, place=place, kind="image"
        )
    finally:
        blobs.discard(folder)
    return origin + signing.signed_path(upload.public_id, upload.filename)
