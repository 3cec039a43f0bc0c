"""What the editor is answered has the shapes that its types are generated from."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from builder.web.editor import schemas
from builder.web.editor.schemas import Issues, Opened, Quote, RunRecord, RunRow, VersionRow
from tests.support.builders.drafts import note
from tests.support.builders.running import work_off
from tests.support.builders.templates import make_template
from tests.support.clients.editors import Editor
from tools.palette_schemas import PaletteTool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor(alice) -> Editor:
    return Editor(
        alice, make_template(alice, stages=[note("a"), note("b", "b", "a")], inputs=[])
    ).open()


def test_every_answer_of_the_editor(editor):
    holds(Opened, editor.client.get(f"/app/documents/{editor.template.public_id}").json())
    holds(Quote, editor.post("quote").json())
    holds(list[VersionRow], editor.client.get(editor.path("versions")).json()["versions"])
    holds(schemas.People, editor.client.get(editor.path("people")).json())
    holds(list[PaletteTool], editor.client.get("/app/tools").json()["tools"])
    editor.set("b", "tool", value="no_such_tool")
    issues = editor.client.get(editor.path("issues")).json()
    assert issues["issues"]
    holds(Issues, issues)


def test_a_run_as_the_canvas_shows_it(editor):
    run_id = editor.post("runs", key="one").json()["id"]
    work_off()
    state = editor.client.get(f"/app/runs/{run_id}/state").json()
    assert [step["status"] for step in state["steps"]] == ["completed", "completed"]
    holds(RunRecord, state)
    holds(list[RunRow], editor.client.get(editor.path("runs")).json()["runs"])


def holds(kind: Any, body: Any) -> None:
    TypeAdapter(kind).validate_python(body)
