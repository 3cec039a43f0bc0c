"""Acts of guests: they start runs, answer what these ask, and stop them.

It is at the cost of the app's owner, within the link's allowance, or at their own where they have
an account and the app allows it. All guests together have half of the runs that the owner may have
at work.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils.crypto import salted_hmac

from accounts import person_limits
from accounts.auth import Principal, hash_secret
from accounts.models import User
from accounts.suspension import check_may_act
from core import clock, errors
from core.raw_sql import Statement
from runs import states
from runs.admission.start import PinnedStart, start_run
from runs.billing.units import units
from runs.engine import cancelling
from runs.interaction import answers
from runs.interaction.approval import decide_cost
from runs.interaction.wait_kinds import (
    COST,
    GATE,
    QUESTION,
    SELECTION,
    STAGE,
    candidates_of,
    kind_of,
)
from runs.models import Run, Wait
from runs.options import RunOptions
from runs.run_rows import RunRows
from simple_apps import access, form, guest_files
from simple_apps.guest_view import ANSWERABLE
from simple_apps.models import GuestLink, GuestRun, SimpleApp
from simple_apps.schemas import GuestReplyIn
from templates_app.graph.rules.issue_texts import TemplateRefused
from templates_app.graph.titles import TemplateTitles
from templates_app.uses import table_of

# How long a guest's run is kept, unless its owner keeps it.
KEPT_FOR: Final = timedelta(days=30)
# Of the runs that its owner may have at work, in percent.
SHARE: Final = 50
BUSY_S: Final = 15.0
_SALT: Final = "simple_apps.run"
_AT_WORK: Final = Statement(
    """
    SELECT COUNT(*) FROM runs_run JOIN simple_apps_guestrun ON run_id = runs_run.id
    WHERE owner_id = %(owner)s AND finished_at IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class GuestStarted:
    """run: the guest's. token: reads it, and is in no table. rows: as in `StartResult`."""

    run: GuestRun
    token: str
    is_replay: bool
    rows: RunRows | None


def start(
    *,
    link: GuestLink,
    guest: str,
    inputs: Mapping[str, Any],
    key: str = "",
    own_hosts: Sequence[str] = ("localhost",),
    payer: Principal | None = None,
) -> GuestStarted:
    """Start a run of a link's app; a second call with the same guest and key returns the first one.

    guest: what their browser calls itself. payer: whose own link it is, and how they proved it.
    Raises InvalidInput with one entry of `details.issues` for each input, AllowanceSpent,
    QuotaExceeded, Unavailable, for a payer InsufficientCredit. None of them says what it costs, or
    what the graph is made of.
    """
    app, owner = link.app, link.app.owner
    if payer is not None:
        check_may_act(payer.user)
    assert app.version is not None  # noqa: S101  open apps have one
    guest_sha256 = hash_secret(guest).hex()
    own_key = hash_secret(f"{link.pk}:{guest_sha256}:{key or secrets.token_urlsafe(24)}").hex()
    # Of the key, so that a repeated start answers with the same one.
    digest = salted_hmac(_SALT, own_key, algorithm="sha256").digest()
    # In the form that no log shows, see `core.logs`.
    token = urlsafe_b64encode(digest).decode().rstrip("=")
    row = GuestRun(
        app=app,
        link=link,
        token_sha256=hash_secret(token).hex(),
        guest=guest_sha256,
        goes_at=clock.now() + KEPT_FOR,
    )

    def write_beside(run: Run) -> None:
        _check_shares(link, guest_sha256, owner)
        guest_files.take(link, inputs)
        row.run = run
        row.save(force_insert=True)

    values = form.values_of(app, inputs, own_hosts)
    body = {
        "workflow_id": app.template.public_id,
        "inputs": values,
        "safe_content_filter": True,
    }
    try:
        result = start_run(
            actor=Principal(user=owner, api_key=None, via="session"),
            body=body,
            # Without one of theirs no request repeats it, so none is looked up or stored.
            key=f"guest:{own_key}" if key else None,
            own_hosts=own_hosts,
            allowance=link.allowance_id,
            pin=PinnedStart(app.version, write_beside, payer, unset=form.unset_of(app)),
        )
    except errors.AppError as problem:
        if payer is not None and type(problem) is errors.InsufficientCredit:
            raise _poor(problem) from problem
        if isinstance(problem, errors.Conflict) and problem.code == "idempotency.key_reuse":
            # The run is the guest's, whose key it is.
            raise _key_reuse(problem, token) from problem
        raise _for_guests(problem, app) from problem
    if result.replayed:
        row = GuestRun.objects.select_related("run", "app__version").get(run=result.run)
    return GuestStarted(row, token, result.replayed, result.rows)


def _check_shares(link: GuestLink, guest_sha256: str, owner: User) -> None:
    """Check what all guests, and this one, may start; the allowance's row is locked already."""
    most = link.runs_per_guest
    if most and GuestRun.objects.filter(link=link, guest=guest_sha256).count() >= most:
        raise errors.AllowanceSpent(
            f"You've used your {most} run{'s' if most > 1 else ''}.", details={"reason": "guest"}
        )
    if connection.features.has_select_for_update:
        # Guests of other links of theirs count, too.
        list(User.objects.select_for_update(no_key=True).filter(pk=owner.pk).values_list("pk"))
    ((at_work,),) = _AT_WORK.rows(owner=owner.pk)
    if at_work >= max(1, person_limits.limits_of(owner).active_runs * SHARE // 100):
        raise _busy()


def _busy() -> errors.QuotaExceeded:
    return errors.QuotaExceeded(
        "Others are using this app just now. Try again in a moment.",
        code="app.busy",
        retry_after_s=BUSY_S,
    )


def _key_reuse(problem: errors.AppError, token: str) -> errors.Conflict:
    """Return what a guest is told whose key means another request. token: of the run of that."""
    details = {**problem.details, "workflowId": token}
    return errors.Conflict(problem.message, code=problem.code, details=details)


def _poor(problem: errors.InsufficientCredit) -> errors.InsufficientCredit:
    """Return what someone is told whose own credit does not suffice."""
    reason = problem.details.get("reason")
    if reason == "balance":
        words = "You don't have enough credits for this. Ask the operator of this server for more."
    else:
        words = "This is more than you may use today. Try again tomorrow."
    return errors.InsufficientCredit(words, details={"reason": reason})


def _for_guests(problem: errors.AppError, app: SimpleApp) -> errors.AppError:
    """Return what a guest is told of a refused start."""
    match problem:
        case errors.InvalidInput():
            return _inputs_refused(problem, app)
        case errors.AllowanceSpent() if problem.details.get("reason") == "guest":
            return problem
        case errors.InsufficientCredit():
            return access.no_runs_left()
        case errors.QuotaExceeded():
            return _busy()
        case errors.Conflict() if problem.code == "runs.too_many_active":
            return _busy()
        case errors.InvalidBody():
            return problem
    return errors.Unavailable(
        "This app can't run just now. Try again later, or ask the person who sent you the link.",
        code="app.unavailable",
        retry_after_s=60,
    )


def _inputs_refused(problem: errors.InvalidInput, app: SimpleApp) -> errors.AppError:
    """Return what is wrong with a guest's inputs; of all else, that the app can't run."""
    if not isinstance(problem, TemplateRefused):
        return _for_guests(errors.Unavailable(), app)
    assert app.version is not None  # noqa: S101  open apps have one
    rows = {row["name"]: row for row in form.inputs_of(app)}
    titles = TemplateTitles(
        app.version.spec,
        table_of(app.version, person=app.owner_id),
        {name: row["label"] for name, row in rows.items() if row.get("label")},
    )
    issues = []
    for issue, text in problem.sentences(titles):
        root, _, rest = issue.at.path.partition("/")
        name = rest.partition("/")[0]
        if root == "inputs" and name in rows:
            issues.append({"path": f"inputs.{name}", "message": text})
    if not issues:
        return _for_guests(errors.Unavailable(), app)
    return errors.InvalidInput(
        f"{issues[0]['path']}: {issues[0]['message']}",
        person=issues[0]["message"],
        details={"issues": issues},
    )


# --- of their own runs ----------------------------------------------------------------------------


def stop(guest: GuestRun) -> None:
    """Stop a run; harmless where it is over."""
    cancelling.cancel_run(run=guest.run, reason="Stopped by its guest")


def answer(guest: GuestRun, reply: GuestReplyIn, payer: Callable[[], Principal | None]) -> None:
    """Take an answer. Raises InvalidBody, and Conflict for what isn't asked of the guest any
    more.

    payer: returns who sends it, with an account, for what only they may accept; it may raise.
    """
    rows = Wait.objects.select_related("step", "run__owner").filter(run=guest.run_id)
    wait = rows.filter(pk=reply.question).first()
    if wait is not None and guest.pays and kind_of(wait) == COST and reply.approve:
        _accept_cost(wait, payer())
        return
    if wait is None or not guest.app.guests_answer or kind_of(wait) not in ANSWERABLE:
        raise _not_asked()
    answers.answer(run=wait.run, actor=None, resume_input=_resume_input(wait, reply), wait=wait)


def _accept_cost(wait: Wait, payer: Principal | None) -> None:
    """Accept what the newest question about the cost says; raises Conflict where that has changed,
    Forbidden for who doesn't pay."""
    newer = Wait.objects.filter(run=wait.run_id, pk__gt=wait.pk, reason__in=states.COST_REASONS)
    if payer is None or newer.exists():
        raise _not_asked()
    total = units(RunOptions.read(wait.run.options).quotes[-1].milli)
    # Under the run's lock it is compared with the quote of that moment.
    preview = {"totalEstimatedCapacityUnits": total}
    decide_cost(
        run=wait.run, actor=payer, body={"decision": "confirm", "acceptedCostPreview": preview}
    )


def _not_asked() -> errors.Conflict:
    return answers.not_asked("question: this run asks you no such question. Read it again.")


def _resume_input(wait: Wait, reply: GuestReplyIn) -> dict[str, Any]:
    match kind_of(wait):
        case kind if kind in (QUESTION, STAGE):
            text = (reply.text or "").strip()
            if kind == QUESTION and not text:
                raise errors.InvalidBody("text is needed.", person="Type an answer first.")
            if kind == QUESTION:
                return {"type": "answer", "text": text}
            return {"type": "interactive_complete", "result": text}
        case kind if kind == SELECTION:
            ids = [row.public_id for row in candidates_of(wait)]
            places = reply.choices or []
            if not places or max(places) > len(ids):
                raise errors.InvalidBody(
                    f"choices: positions from 1 to {len(ids)}.", person="Choose first."
                )
            return {"type": "select_media", "artifactIds": [ids[place - 1] for place in places]}
        case kind if kind == GATE and reply.approve:
            return {"type": "approve_checkpoint"}
    raise errors.InvalidBody("approve: true is the answer to this question.")
