"""A database that an earlier release filled, brought to the newest tables and read by the API.

The tables are those of the first public release, and the rows are written by its models.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from accounts import storage
from accounts.models import User
from accounts.services import hash_secret
from core import clock, ids
from media import blobs
from media.blobs import FileFacts
from media.models import Blob
from runs.admission.planning_limits import planning_limits
from runs.log import events
from templates_app.document_ops.convert import to_document
from templates_app.graph.plan_json import plan_to_json
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.planning import plan_from_steps
from tests.support.builders.running import work_off
from tests.support.builders.templates import TEMPLATES, documented
from tests.support.clients.api import Api
from tools import registry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
]

FIRST_RELEASE = [
    ("accounts", "0003_token_families"),
    ("media", "0004_still"),
    ("templates_app", "0005_documents"),
    ("runs", "0004_attempt_provider"),
    ("moderation", "0002_audit_log_is_append_only"),
]
RUNS = "/v1/creative-agent/workflows"
PEOPLE, TEMPLATES_EACH, VERSIONS, CHANGES, RUNS_EACH, STEPS = 3, 4, 6, 20, 6, 3


def migrate(targets: list[tuple[str, str]]) -> Any:
    """Bring the tables there. Returns the models as they were then."""
    MigrationExecutor(connection).migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def first_release() -> Iterator[Any]:
    """The models of the first release, over its tables."""
    yield migrate(FIRST_RELEASE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@dataclass
class Filled:
    """What was written: API keys by person, and ids by person."""

    keys: dict[str, str] = field(default_factory=dict)
    templates: dict[str, list[str]] = field(default_factory=dict)
    runs: dict[str, list[str]] = field(default_factory=dict)
    uploads: dict[str, list[str]] = field(default_factory=dict)


class Filler:
    """Writes rows as the first release did, through its models."""

    def __init__(self, apps: Any) -> None:
        self.apps = apps
        self.filled = Filled()
        self.number = 0

    def make(self, app: str, model: str, **fields: Any) -> Any:
        return self.apps.get_model(app, model).objects.create(**fields)

    def fill(self) -> Filled:
        for place in range(PEOPLE):
            self.person(f"person{place}")
        return self.filled

    def blob(self) -> Any:
        """A picture in the store, with its row."""
        self.number += 1
        folder = blobs.attempt_dir("test")
        path = folder / "file"
        path.write_bytes(jpeg_with_place(size=(32 + self.number, 18)))
        stored = blobs.store(path, FileFacts("image", "image/jpeg", 32 + self.number, 18))
        blobs.discard(folder)
        return self.make(
            "media",
            "Blob",
            sha256=stored.sha256,
            size=stored.size,
            mime=stored.mime,
            kind=stored.kind,
            width=stored.width,
            height=stored.height,
        )

    def person(self, name: str) -> None:
        person = self.make("accounts", "User", username=name, public_id=ids.user_id())
        lookup, secret = f"key{name[-1]}{secrets.token_hex(3)}", secrets.token_urlsafe(32)
        self.make(
            "accounts",
            "ApiKey",
            user=person,
            name="of the first release",
            lookup=lookup,
            secret_sha256=hash_secret(secret),
        )
        self.filled.keys[name] = f"rg_{lookup}_{secret}"
        self.make("accounts", "LedgerEntry", user=person, kind="grant", milli=50_000, ref=name)
        self.filled.uploads[name] = [self.upload(person) for _ in range(2)]
        self.filled.templates[name] = [
            self.template(person, place) for place in range(TEMPLATES_EACH)
        ]
        self.filled.runs[name] = [self.run(person, place) for place in range(RUNS_EACH)]

    def upload(self, person: Model) -> str:
        row = self.make(
            "media",
            "Upload",
            public_id=ids.upload_id(),
            owner=person,
            slot="browser",
            blob=self.blob(),
            filename="holiday.jpg",
            expires_at=clock.now() + timedelta(days=30),
            completed_at=clock.now(),
        )
        return str(row.public_id)

    def template(self, person: Model, place: int) -> str:
        spec = {
            name: value
            for name, value in documented().items()
            if name not in ("id", "visibility", "version", "author")
        }
        spec |= {"name": f"Template {place}", "brief": "ø" * 200, "category": "custom"}
        # Of four, three are offered to agents, the last one first.
        spec |= {"exposeToLLM": place > 0, **({"llmPriority": 2.5} if place == 3 else {})}
        template = self.make(
            "templates_app",
            "Template",
            public_id=ids.template_id(spec["name"]),
            owner=person,
            name=spec["name"],
            category="custom",
        )
        versions = [
            self.make(
                "templates_app",
                "TemplateVersion",
                template=template,
                number=number + 1,
                semver=f"0.0.{number + 1}",
                spec={**spec, "description": f"Version {number + 1}"},
                content_sha256=secrets.token_hex(32),
                cause="patch" if number else "create",
                created_by=person,
            )
            for number in range(VERSIONS)
        ]
        template.head = versions[-1]
        template.save()
        document = self.make(
            "templates_app",
            "Document",
            template=template,
            state=to_document(versions[-1].spec),
            rev=CHANGES,
            saved_rev=CHANGES,
            base=versions[-1],
        )
        for rev in range(CHANGES):
            self.make(
                "templates_app",
                "Change",
                document=document,
                rev=rev + 1,
                change_id=ids_of(rev),
                client_id=ids_of(rev),
                actor=person,
                label="Words",
                ops=[{"op": "put", "table": "seeds", "key": "a", "value": {"seed": rev}}],
            )
        return str(template.public_id)

    def run(self, person: Model, place: int) -> str:
        """Most are over; the last one waits for a worker of the new release."""
        is_over = place < RUNS_EACH - 1
        steps = [
            {"id": f"s{number}", "toolName": "note", "arguments": {"text": f"{number}"}}
            for number in range(STEPS)
        ]
        body = {"input": {"title": f"Run {place}", "steps": steps}}
        plan = plan_from_steps(body, (), registry.table(), planning_limits(("localhost",))).plan
        assert plan is not None
        now = clock.now()
        run = self.make(
            "runs",
            "Run",
            public_id=ids.run_id("run"),
            owner=person,
            kind="hosted_tool_sequence",
            title=f"Run {place}",
            status="completed" if is_over else "queued",
            request=body,
            plan=plan_to_json(plan),
            options={"token_type": "spark", "billing_mode": "auto"},
            estimated_milli=1000 * STEPS,
            reserved_milli=0 if is_over else 1000 * STEPS,
            actual_milli=1000 * STEPS if is_over else 0,
            last_seq=2,
            finished_at=now if is_over else None,
        )
        log: list[events.RunEvent] = [events.RunCreated(steps=STEPS, title=f"Run {place}")]
        log.append(events.RunCompleted(took_ms=1500) if is_over else events.RunQueued())
        for seq, happened in enumerate(log, start=1):
            self.make(
                "runs",
                "Event",
                run=run,
                seq=seq,
                name=happened.name,
                run_status="completed" if is_over and seq == 2 else "queued",
                payload=happened.payload(),
            )
        for number, planned in enumerate(plan.steps):
            step = self.make(
                "runs",
                "Step",
                run=run,
                key=planned.key,
                sequence=number,
                tool=planned.tool,
                wire_tool=planned.wire_tool,
                arguments=dict(planned.arguments),
                status="completed" if is_over else "ready",
                attempt=1 if is_over else 0,
                provider="test" if is_over else "",
                result={"ok": True} if is_over else None,
                estimated_milli=1000,
                finished_at=now if is_over else None,
            )
            if is_over:
                self.work_of(run, step)
        if is_over:
            self.choice(run)
        return str(run.public_id)

    def choice(self, run: Any) -> None:
        """A question that was answered with one of the results."""
        chosen = self.apps.get_model("runs", "Artifact").objects.filter(run=run).first()
        step = self.make(
            "runs",
            "Step",
            run=run,
            key="chosen",
            sequence=STEPS,
            kind="wait",
            tool="ask_clarifying_question",
            wire_tool="ask_clarifying_question",
            status="completed",
        )
        self.artifact(run, step, chosen.blob)

    def work_of(self, run: Model, step: Any) -> None:
        self.make(
            "runs",
            "Attempt",
            step=step,
            number=1,
            generation=1,
            worker="worker-1",
            provider_key=step.key,
            outcome="done",
            actual_milli=1000,
        )
        self.artifact(run, step, self.blob())

    def artifact(self, run: Model, step: Any, blob: Any) -> None:
        known = {"run": run, "step": step, "blob": blob, "kind": "image"}
        public_id = ids.artifact_id()
        self.make("runs", "Artifact", public_id=public_id, generation=1, position=0, **known)


def ids_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def check_storage() -> None:
    """Storage is counted from what the first release left."""
    for person in User.objects.filter(username__startswith="person"):
        used = storage.used(person.pk)
        # The first release had none of these.
        none = {"creations", "proposals", "tables"}
        assert {kind for kind, size in used.items() if not size} == none, used
        # 200 characters of two bytes each in every version.
        assert used["versions"] > TEMPLATES_EACH * VERSIONS * 400
        sizes = Blob.objects.filter(uploads__owner=person).values_list("size", flat=True)
        assert used["uploads"] == sum(sizes)
        assert storage.recount(person) == {}


def test_everything_of_the_first_release_is_there_after_the_update(
    first_release: Any, api: Callable[[str], Api]
) -> None:
    filled = Filler(first_release).fill()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    check_storage()

    for name, key in filled.keys.items():
        me = api(key).get("/v1/account/me")
        assert me.json()["data"]["username"] == name
        listed = api(key).get(TEMPLATES).json()["data"]["templates"]
        assert {one["id"] for one in listed} == set(filled.templates[name])
        offered = api(key).get(TEMPLATES, {"exposeToLLM": "true"}).json()["data"]["templates"]
        assert [one["name"] for one in offered] == ["Template 3", "Template 2", "Template 1"]
        for public_id in filled.templates[name]:
            shown = api(key).get(f"{TEMPLATES}/{public_id}").json()["data"]["template"]
            assert shown["version"] == f"0.0.{VERSIONS}"
            assert shown["description"] == f"Version {VERSIONS}"
            changed = api(key).patch(f"{TEMPLATES}/{public_id}", {"brief": "new"})
            assert changed.status_code == 200, changed.content
        for public_id in filled.runs[name]:
            run = api(key).get(f"{RUNS}/{public_id}").json()["data"]["workflow"]
            assert len([step for step in run["steps"] if step["id"] != "chosen"]) == STEPS
            log = api(key).get(f"{RUNS}/{public_id}/events").json()["data"]["events"]
            assert [entry["sequence"] for entry in log] == [1, 2]
            for step in run["steps"] if run["status"] == "completed" else ():
                (artifact,) = step["artifacts"]
                assert artifact["width"] > 0
                assert artifact["url"]

    # What the first release left to do is done by the new one.
    assert work_off() == PEOPLE * STEPS
    for name, key in filled.keys.items():
        last = filled.runs[name][-1]
        run = api(key).get(f"{RUNS}/{last}").json()["data"]["workflow"]
        assert run["status"] == "completed", json.dumps(run)[:2000]
        started = api(key).post(RUNS, {"input": {"steps": [{"toolName": "noop"}]}})
        assert started.status_code == 201, started.content
