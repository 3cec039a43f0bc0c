"""The editor of one template, as a person has it open, without a browser."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.models import User
from runs.models import Run
from templates_app.documents import services
from templates_app.models import Document, Template
from tests.support.builders.editing import change
from tests.support.builders.running import work_off


class Editor:
    """Someone with a template open."""

    def __init__(self, person: User, template: Template) -> None:
        self.person, self.template = person, template
        self.client = Client(headers={"sec-fetch-site": "same-origin"})
        self.client.force_login(person)

    @property
    def document(self) -> Document:
        return Document.objects.get(template=self.template)

    def open(self) -> Editor:
        services.open_document(viewer=self.person, public_id=self.template.public_id)
        return self

    def edit(self, *ops: dict[str, Any]) -> None:
        found = self.document
        found.template = self.template
        client = "00000000-0000-4000-8000-000000000001"
        done = services.append_changes(
            actor=self.person, document=found, client_id=client, changes=[change(*ops)]
        )
        assert not done.rejected, done.rejected

    def put(self, table: str, key: str, value: Any) -> None:
        self.edit({"op": "put", "table": table, "key": key, "value": value})

    def set(self, stage: str, *path: str, value: Any) -> None:
        self.edit(
            {"op": "set", "table": "stages", "key": stage, "path": list(path), "value": value}
        )

    def path(self, rest: str) -> str:
        return f"/app/documents/{self.template.public_id}/{rest}"

    def post(self, rest: str, **body: Any) -> Any:
        return self.client.post(self.path(rest), json.dumps(body), "application/json")

    def quote(self, **body: Any) -> Any:
        answer = self.post("quote", **body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def run(self, key: str = "once", **body: Any) -> Run:
        answer = self.post("runs", key=key, **body)
        assert answer.status_code == 201, answer.content
        work_off()
        return Run.objects.get(public_id=answer.json()["id"])

    def state(self, run: Run) -> Any:
        answer = self.client.get(f"/app/runs/{run.public_id}/state")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def inside(self, key: str, run: str = "") -> Any:
        """Open a stage that holds stages. run: its public id, for the values that it had."""
        return self.client.get(
            self.path("uses/inside"), {"in": key, **({"run": run} if run else {})}
        )
