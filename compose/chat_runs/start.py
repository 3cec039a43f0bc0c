"""Starting a chat run: the body is read, checked and stored; workers answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.auth import Principal
from compose import charging
from compose.chat import models
from compose.chat.chat import read_chat
from compose.chat_runs.conversation import body_of
from compose.chat_runs.request import ChatRunIn, read_body
from compose.chat_runs.rounds import CHAT, step_of
from compose.model.model_client import configured_model
from runs.admission import start_limits
from runs.admission.idempotency import fingerprint_of, request_key
from runs.admission.insert import FirstStep, start_with
from runs.admission.new_run import StartResult
from runs.options import SPARK, RunOptions

ENDPOINT = "chat-runs"
LONGEST_TITLE = 80


def start_chat(
    *,
    actor: Principal,
    body: Mapping[str, Any],
    key: str | None = None,
    token_type: str | None = None,
    app_source: str | None = None,
    origin: str,
    own_hosts: Sequence[str],
) -> StartResult:
    """Store and queue a chat run; a second call with the same actor and key returns the first.

    body: the wire body. key, token_type, app_source: of headers; its key wins over the body's
    `client_message_id`. origin, own_hosts: as of `compose.chat.chat.Chat`. Raises InvalidBody,
    NotFound for an unknown model, InsufficientCredit, Conflict. Nothing is stored when it raises.
    """
    fields = {name: value for name, value in body.items() if value is not None}
    form = read_body(fields)
    message_key = f"{form.session_id or ''}:{form.client_message_id}"[:255]
    own_key = request_key(
        actor,
        ENDPOINT,
        fingerprint_of(fields),
        header=key,
        body=message_key if form.client_message_id else None,
    )
    if replay := own_key.replay():
        return StartResult(run=replay, replayed=True)
    start_limits.check_may_start(actor)
    chat = read_chat(body_of(form, []), actor, origin=origin, own_hosts=own_hosts)
    if configured_model() is not None and chat.request.model != models.RULES:
        charging.check(actor)
    most = form.max_estimated_capacity_units
    return start_with(
        FirstStep(
            kind=CHAT,
            title=_title(chat.request.last_user_text()),
            request={
                "chat": form.model_dump(mode="json", exclude_unset=True),
                "origin": origin,
                "own_hosts": list(own_hosts),
            },
            options=_options(form, token_type, app_source),
            step=step_of(1),
            ceiling_milli=None if most is None else round(min(most, 1e12) * 1000),
        ),
        actor,
        own_key,
    )


def _options(form: ChatRunIn, token_type: str | None, app_source: str | None) -> RunOptions:
    header = (token_type or SPARK).strip().lower()
    choice = header if header in ("sogni", "spark", "auto") else SPARK
    return RunOptions(
        token_type=form.token_type or choice,
        billing_mode=form.billing_mode or "auto",
        app_source=form.app_source or app_source,
        safe_content_filter=form.runtime_config.safeContentFilter is not False,
        quality_tier=form.runtime_config.qualityTier,
    )


def _title(text: str) -> str:
    line = " ".join(text.split()) or "Chat"
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"
