"""The data that we hold about a person, as they may take them along.

Their runs are documents: what the API shows of each, with its files by name in the zip.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from django.db.models import Count, QuerySet

from accounts import blocks, connected_apps, ledger, security, selectors
from accounts.models import LedgerEntry, MailAddress, SecurityEvent, User
from builder.account_exports.account_export import PartLists
from comments import services as comments
from comments.models import Comment
from compose import kept_proposals
from core import clock
from creations import selectors as creations
from moderation import notices as moderation
from moderation import own_decisions
from notices import selectors as notices
from notices.create_notice import all_ways
from notices.feed import notice_out
from runs import selectors as runs
from runs.billing.units import units
from runs.models import Artifact, Run, Step, Wait
from runs.run_rows import RunRows, read_rows_of_many
from runs.web import file_names, serializers
from sign_on import identities
from simple_apps.access import apps_of
from templates_app import selectors as templates
from webhooks import deliveries, endpoints

API = "/v1/creative-agent/workflows"
# Of what there may be many thousands, read together.
AT_ONCE: Final = 500
# In one document, and in memory at once: no more runs, and no more steps unless one run has more.
RUNS_AT_ONCE: Final = 50
STEPS_AT_ONCE: Final = 500
TITLE_LENGTH: Final = 40


def data_of(person: User, *, base_url: str) -> dict[str, Any]:
    """Return all that we keep of theirs; of a template or run, where the API shows it in full.

    Of what there may be many thousands: iterators, which read some at a time.
    """
    mail = MailAddress.objects.filter(person=person).first()
    return {
        "profile": {
            "userId": person.public_id,
            "username": person.username,
            "displayName": person.display_name,
            "email": person.email,
            "mailAddress": mail.address if mail else "",
            "joinedAt": clock.iso(person.date_joined),
            "balanceUnits": units(ledger.balance(person)),
        },
        "connectedApps": [
            {
                "name": key.name,
                "clientId": key.client.public_id if key.client else "",
                "redirectUri": key.tokens.redirect_uri,
                "scope": key.scope,
                "dailyLimitUnits": None
                if key.daily_budget_milli is None
                else units(key.daily_budget_milli),
                "connectedAt": clock.iso(key.created_at),
                "lastUsedAt": clock.iso_or_none(key.last_used_at),
                "expiresAt": clock.iso_or_none(key.expires_at),
                "endedAt": clock.iso_or_none(key.revoked_at),
            }
            for key in connected_apps.of_person(person, with_ended=True)
        ],
        "webhooks": endpoints.export_of(person),
        "identities": identities.export_of(person),
        "webhookDeliveries": deliveries.export_of(person),
        "calls": [
            {
                "id": call.id,
                "tool": call.tool,
                "usedUnits": units(call.milli),
                "createdAt": clock.iso(call.at),
            }
            for call in selectors.paid_calls(person)
        ],
        "templates": [
            {
                "id": row["public_id"],
                "name": row["name"],
                "version": row["head__semver"],
                "visibility": row["visibility"],
                "category": row["category"],
                "clonedFromTemplateId": row["cloned_from_public_id"] or None,
                "createdAt": clock.iso(row["created_at"]),
                "updatedAt": clock.iso(row["updated_at"]),
                "url": f"{base_url}{API}/templates/{row['public_id']}",
            }
            for row in templates.summaries_of(person)
        ],
        "proposals": kept_proposals.exported(person),
        "apps": [
            {
                "slug": app.slug,
                "title": app.title,
                "intro": app.intro,
                "templateId": app.template.public_id,
                "createdAt": clock.iso(app.created_at),
            }
            for app in apps_of(person)
        ],
        "runs": (
            {
                "id": row["public_id"],
                "title": row["title"],
                "status": row["status"],
                "usedUnits": units(row["actual_milli"]),
                "createdAt": clock.iso(row["created_at"]),
                "finishedAt": clock.iso_or_none(row["finished_at"]),
                "url": f"{base_url}{API}/{row['public_id']}",
            }
            for row in _in_batches(runs.summaries_of(person))
        ),
        "ledger": _entries(person),
        "securityEvents": [
            {
                "event": security.WORDS.get(row.kind, row.kind),
                "kind": row.kind,
                "address": row.address,
                "agent": row.agent,
                "details": row.details,
                "createdAt": clock.iso(row.created_at),
            }
            for row in SecurityEvent.objects.filter(user=person).order_by("id")
        ],
        "notices": [notice_out(row) for row in notices.all_of(person)],
        "noticeChoices": {kind: asdict(ways) for kind, ways in all_ways(person).items()},
        "creations": [
            {
                "id": row["public_id"],
                "title": row["title"],
                "description": row["note"],
                "runId": row["run__public_id"],
                "visibility": row["visibility"],
                "license": row["license"],
                "showsPrompts": row["shows_prompts"],
                "allowsRemix": row["allows_remix"],
                "likes": row["likes"],
                "remixes": row["remixes"],
                "createdAt": clock.iso(row["created_at"]),
                "endedAt": clock.iso_or_none(row["ended_at"]),
                "url": f"{base_url}/s/{row['public_id']}",
            }
            for row in creations.summaries_of(person)
        ],
        "blockedAndMuted": [
            {
                "userId": row.other.public_id,
                "displayName": row.other.shown_name,
                "kind": row.kind,
                "createdAt": clock.iso(row.created_at),
            }
            for row in blocks.list_of(person)
        ],
        "comments": [
            {
                "text": comment.text,
                "createdAt": clock.iso(comment.created_at),
                "editedAt": clock.iso_or_none(comment.edited_at),
                "url": base_url + comments.address_of(comment),
            }
            for comment in Comment.objects.filter(author=person)
            .select_related("share", "template", "artifact__run", "parent__artifact__run")
            .order_by("-id")
        ],
        "decisions": own_decisions.exported(person),
        "reports": moderation.exported_reports(person),
        "likes": [
            {"url": f"{base_url}/s/{public_id}", "createdAt": clock.iso(at)}
            for public_id, at in creations.liked_by(person)
        ],
    }


def _entries(person: User) -> Iterator[dict[str, Any]]:
    """The movements of their credit, oldest first."""
    rows = LedgerEntry.objects.filter(user=person)
    fields = rows.values("id", "kind", "milli", "ref", "created_at", "api_key__name")
    for batch in _batches(fields):
        run_ids = _runs_of(person, [row["ref"] for row in batch])
        for row in batch:
            yield {
                "kind": row["kind"],
                "units": units(row["milli"]),
                "runId": run_ids.get(row["ref"]),
                "apiKey": row["api_key__name"],
                "createdAt": clock.iso(row["created_at"]),
            }


def _runs_of(person: User, references: list[str]) -> dict[str, str]:
    """Return the public ids of a person's runs that entries of the ledger name, by their `ref`.

    What they paid for in other people's apps is not theirs to read.
    """
    numbers: dict[str, dict[str, int]] = {"run": {}, "step": {}}
    for reference in references:
        kind, _, rest = reference.partition(":")
        number = rest.partition(":")[0]
        if kind in numbers and number.isascii() and number.isdigit():
            numbers[kind][reference] = int(number)
    runs_by_id = Run.objects.filter(owner=person, pk__in=numbers["run"].values())
    steps = Step.objects.filter(run__owner=person, pk__in=numbers["step"].values())
    names = {
        "run": dict(runs_by_id.values_list("pk", "public_id")),
        "step": dict(steps.values_list("pk", "run__public_id")),
    }
    return {
        reference: names[kind][number]
        for kind, of_kind in numbers.items()
        for reference, number in of_kind.items()
        if number in names[kind]
    }


def _in_batches(rows: QuerySet[Any, Any]) -> Iterator[Any]:
    for batch in _batches(rows):
        yield from batch


def _batches(rows: QuerySet[Any, Any]) -> Iterator[list[Any]]:
    """The rows by id, some at a time. rows: of `values` with `id`."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = batch[-1]["id"]
        yield batch


def run_documents(person: User, parts: PartLists) -> Iterator[list[dict[str, Any]]]:
    """Return all runs of a person, oldest first, some at a time; lists the files of their results.

    The number of queries for some doesn't depend on how many they are.
    """
    last, count = 0, 0
    while batch := _next_runs(person, last):
        last = batch[-1].pk
        rows = read_rows_of_many(batch)
        answers = _answers_of(batch)
        documents = []
        for number, run in enumerate(batch, count + 1):
            names = _list_files(run, rows[run.pk], number, parts)
            documents.append(_document(run, rows[run.pk], names) | {"answers": answers[run.pk]})
        count += len(batch)
        yield documents


def _next_runs(person: User, last: int) -> list[Run]:
    rows = Run.objects.filter(owner=person, deleting_at=None, pk__gt=last).order_by("pk")
    with_counts = rows.annotate(steps_of_it=Count("steps"))
    chosen: list[int] = []
    total = 0
    for pk, steps in with_counts.values_list("pk", "steps_of_it")[:RUNS_AT_ONCE]:
        total += steps
        if chosen and total > STEPS_AT_ONCE:
            break
        chosen.append(pk)
    runs = Run.objects.select_related("template_version__template", "draft_of")
    return list(
        runs.filter(pk__in=chosen).defer("template_version__spec").order_by("pk") if chosen else ()
    )


def _document(run: Run, rows: RunRows, names: dict[str, str]) -> dict[str, Any]:
    # A picture of a 3D model is not one of its results, and what a moderator hid has no name.
    record = serializers.record(run, rows=rows, url_of=lambda id_, _: names.get(id_, ""))
    body = dict(record)
    # The plan says again what the steps say.
    media = record["plan"]["input"]["mediaReferences"]
    del body["plan"], body["events"]
    return body | {"mediaReferences": media}


def _list_files(run: Run, rows: RunRows, number: int, parts: PartLists) -> dict[str, str]:
    """List the files of a run's results, those of replaced versions too. Returns their names."""
    artifacts: dict[str, Artifact] = {row.public_id: row for row in rows.artifacts}
    for step in rows.steps:
        for version in rows.versions.get(step.pk, ()):
            artifacts |= {row.public_id: row for row in version.artifacts}
    rows_of_files = [row for row in artifacts.values() if row.blob.blocked_at is None]
    folder = f"media/{number:05} {file_names.clean(run.title, TITLE_LENGTH)}".strip()
    names = {}
    for row, name in zip(
        rows_of_files, file_names.file_names(run.title, rows_of_files), strict=True
    ):
        names[row.public_id] = f"{folder}/{name}"
        parts.add(names[row.public_id], row.public_id, row.blob)
    return names


def _answers_of(runs: list[Run]) -> dict[int, list[dict[str, Any]]]:
    """By run id, what people answered to its questions, oldest first."""
    answers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Wait.objects.filter(run__in=runs, answered_at__isnull=False).select_related("step")
    for wait in rows.order_by("id"):
        answers[wait.run_id].append(
            {
                "stepId": wait.step.key if wait.step else None,
                "reason": wait.reason,
                "message": wait.message,
                "answer": wait.answer,
                "answeredAt": clock.iso_or_none(wait.answered_at),
            }
        )
    return answers
