"""A table is brought, checked, mended, run and taken home again, by its pages."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from run_sets import feeding
from run_sets.models import RunSet
from templates_app.models import Collaborator, Template
from tests.support.builders.asking_templates import BRIEF, TALK, made_of
from tests.support.builders.commenting import join
from tests.support.builders.factories import make_key
from tests.support.builders.running import work_off
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}
INPUTS = [
    {"name": "brief", "type": "text", "description": "Your idea", "required": True},
    {"name": "width", "type": "number", "jsonSchema": {"minimum": 64, "maximum": 512}},
]
STAGES = [
    {
        "id": "picture",
        "type": "fixed",
        "tool": "generate_image",
        "args": {"prompt": "$inputs.brief", "width": "$inputs.width", "height": 64},
        "produces": ["picture"],
    }
]
TABLE = "Your idea,Width,SKU\nA lamp,64,=L1\nA chair,9000,C1\n,64,X1\n"


@pytest.fixture
def template(alice: User) -> Template:
    return make_template(alice, name="Posters", inputs=INPUTS, stages=STAGES)


def brought(client: Client, template: Template, table: str = TABLE, **form: Any) -> str:
    """Bring a table; the address of what was made of it, its rows checked."""
    file = SimpleUploadedFile("table.csv", table.encode())
    answer = client.post("/run-sets", {"template": template.public_id, "file": file, **form})
    assert answer.status_code == 302, answer.content.decode()
    checked()
    return str(answer["Location"])


def checked() -> None:
    while feeding.feed() == 0:
        pass


def page_of(client: Client, path: str) -> str:
    return re.sub(r"\s+", " ", client.get(path).content.decode())


def live_of(page: str) -> str:
    """The address at which a page looks for changes."""
    [address] = re.findall(r'hx-get="([^"]+/live\?rows=[^"]*)"', page)
    return address.replace("&amp;", "&")


def worked_off() -> None:
    for _ in range(8):
        feeding.feed()
        work_off()


@pytest.mark.slow
def test_a_table_is_checked_mended_run_and_downloaded(alice: User, template: Template) -> None:
    client = signed_in(alice)
    assert "Run for each row" in page_of(client, f"/t/{template.public_id}")
    assert 'type="file"' in page_of(client, f"/t/{template.public_id}/table")

    path = brought(client, template)

    page = page_of(client, path)
    assert "2 rows with problems are left out" in page
    assert re.search(r"Run 1 row · (about [\d.]+ credits?|free)", page), page
    # In its cell.
    cell = re.search(r'<td class="is-bad"[^>]*>(.*?)</td>', page)
    assert cell
    assert "9000" in cell[1]
    assert 'aria-invalid="true"' in cell[1]
    assert "A chair" not in page_of(client, f"{path}?show=failed&page=x").partition("<tbody>")[0]

    client.post(f"{path}/rows/1", {"do": "save", "cell": ["A chair", "128", "C1"]})
    client.post(f"{path}/rows/2", {"do": "leave_out"})
    assert "Checking 2 of 3" in page_of(client, path)
    checked()
    page = page_of(client, path)
    assert "Run 2 rows · " in page
    assert "Take in" in page

    # Rows are named by another column.
    answer = client.post(path, {"match.brief": "0", "match.width": "1", "label_column": "2"})
    assert answer.status_code == 302
    checked()
    client.post(f"{path}/do", {"do": "start"})
    page = page_of(client, path)
    assert "0 of 3 done · 2 queued · 1 left out" in page
    client.post(path, {"label_column": "0", "at_once": "2"})
    page = page_of(client, path)
    assert re.search(r'name="at_once"[^>]* value="2"', page)
    assert 'dir="auto"> A lamp </h2>' in page
    client.post(path, {"label_column": "2", "at_once": "9"})
    assert "Runs at once: 1 to 8." in page_of(client, path)
    client.post(path, {"label_column": "2", "match.brief": "1"})
    assert "This was started already" in page_of(client, path)
    client.post(path, {"label_column": "2"})
    live = live_of(page)
    worked_off()
    page = page_of(client, path)
    assert "2 of 3 done" in page
    assert page.count('<img src="http://testserver/media/') == 2
    changes = page_of(client, live)
    assert changes.count("<li ") == 2
    assert 'hx-trigger="never"' in changes

    cookie = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    text = request_app("GET", f"{path}/table.csv", cookie).body.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:5] == ["Your idea", "Width", "SKU", "status", "run"]
    # No formula.
    assert rows[1][:4] == ["A lamp", "64", "'\u2060=L1", "Done"]
    assert rows[2][3] == "Done"
    assert rows[3][3:5] == ["Left out", ""]
    assert "/runs/" in rows[1][4]
    assert rows[1][5].startswith("http://testserver/media/")
    media = request_app("GET", f"{path}/media.zip", cookie)
    names = zipfile.ZipFile(io.BytesIO(media.body)).namelist()
    assert sorted(name[:2] for name in names) == ["=L", "C1"]

    listed = page_of(client, "/run-sets")
    assert "2 of 3 done" in listed
    client.post(f"{path}/do", {"do": "delete"})
    assert "No table runs yet" in page_of(client, "/run-sets")
    assert not RunSet.objects.exists()


@pytest.mark.slow
def test_failed_rows_are_found_and_retried(alice: User) -> None:
    client = signed_in(alice)
    inputs = [{"name": "times", "type": "text", "required": True}]
    stage = {"id": "try", "type": "fixed", "tool": "fail", "produces": ["try"]}
    stage["args"] = {"times": "$inputs.times", "retryable": False}
    template = make_template(alice, name="Tries", inputs=inputs, stages=[stage])
    path = brought(client, template, "Times\n0\n9\n")
    client.post(f"{path}/do", {"do": "start"})
    client.post(f"{path}/do", {"do": "pause"})
    page = page_of(client, path)
    assert "No more rows start until you resume." in page
    client.post(f"{path}/do", {"do": "resume"})

    worked_off()

    page = page_of(client, f"{path}?show=failed")
    assert "1 of 2 done · 1 failed" in page
    assert page.count("<li id=") == 1
    assert re.search(r"Retry 1 failed row · (free|about)", page)
    client.post(f"{path}/do", {"do": "retry"})
    assert "1 of 2 done · 1 queued" in page_of(client, path)
    client.post(f"{path}/do", {"do": "stop"})
    assert "1 stopped" in page_of(client, path)


@pytest.mark.slow
def test_rows_that_ask_the_same_are_answered_together(alice: User) -> None:
    client = signed_in(alice)
    path = brought(client, made_of(alice, TALK, inputs=[BRIEF]), "brief\nA lamp\nA chair\nA boat\n")
    client.post(f"{path}/do", {"do": "start"})
    worked_off()

    page = page_of(client, path)
    assert "3 rows ask" in page
    assert "Only A chair" in page
    assert page_of(client, f"{path}?show=waiting").count('<li id="row-') == 3
    wait = re.search(r'name="wait" value="(\d+)"', page)
    live = live_of(page)
    assert wait
    assert "rows ask" not in page_of(client, live)
    form = {"wait": wait[1], "do": "complete", "text": "A harbor"}
    client.post(f"{path}/answers", {**form, "row": "1"})
    assert "2 rows ask" in page_of(client, live)
    client.post(f"{path}/answers", form)
    page = page_of(client, path)
    assert "rows ask" not in page
    assert "Answered 2 rows." in page
    client.post(f"{path}/answers", {**form, "wait": "9" * 20})
    assert "This question is closed." in page_of(client, path)
    worked_off()
    assert "3 of 3 done" in page_of(client, path)


def test_pasted_cells_and_what_is_no_table(alice: User, template: Template) -> None:
    client = signed_in(alice)
    form = {"template": template.public_id}

    pasted = client.post("/run-sets", {**form, "cells": "brief\twidth\nA lamp\t64\n"}, headers=HTMX)
    assert pasted["HX-Redirect"].startswith("/run-sets/rset_")
    nothing = client.post("/run-sets", form)
    assert nothing.status_code == 422
    assert "Choose a file, or paste cells." in nothing.content.decode()
    bare = client.post("/run-sets", {**form, "cells": "brief\twidth\n"})
    assert bare.status_code == 422
    assert "no rows" in bare.content.decode()


def test_members_of_its_template_read_it_and_its_maker_acts(
    alice: User, bob: User, template: Template
) -> None:
    public = make_public(alice, name="Postcards", inputs=INPUTS, stages=STAGES)
    form = {"template": template.public_id}
    assert signed_in(bob).post("/run-sets", form).status_code == 404
    early = brought(signed_in(bob), public)
    join(public, bob, "viewer")
    path = brought(signed_in(alice), template)
    join(template, bob, "viewer")
    client, key = signed_in(bob), {"Authorization": f"Bearer {make_key(bob)}"}
    page = page_of(client, path)
    assert "A lamp" in page
    assert f"by <bdi>{alice.shown_name}</bdi>" in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    for do in ("start", "stop", "delete"):
        assert client.post(f"{path}/do", {"do": do}).status_code == 403
    for form in (path, f"{path}/rows/0", f"{path}/answers"):
        assert client.post(form, {"do": "leave_out"}).status_code == 403
    assert Client().get(f"/v1{path}", headers=key).status_code == 200
    assert Client().get(f"/v1{path}/rows", headers=key).status_code == 200
    assert Client().get(f"/v1{path}/questions", headers=key).status_code == 200
    for act in ("start", "pause", "resume", "retry", "cancel", "answers"):
        answer = Client().post(f"/v1{path}/{act}", {}, "application/json", headers=key)
        assert answer.status_code == 403, act
    assert "Posters" in page_of(client, "/run-sets?of=others")
    assert "Posters" not in page_of(client, "/run-sets")
    signed_in(alice).post(f"{path}/do", {"do": "start"})
    page = page_of(client, path)
    assert "A lamp" in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    cookie = {"cookie": f"sessionid={client.cookies['sessionid'].value}"}
    assert request_app("GET", f"{path}/table.csv", cookie).status == 200
    # What someone ran before they joined is theirs alone, and so is all of who left.
    assert signed_in(alice).get(early).status_code == 404
    Collaborator.objects.all().delete()
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/live").status_code == 404


@pytest.mark.slow
def test_what_is_not_drawn_is_said_in_its_cell_and_under_its_row_and_a_draft_once(
    alice: User, template: Template
) -> None:
    client = signed_in(alice)
    path = brought(client, template, "Your idea,Width\nA candle,64\nA lamp,64\nA house,64\n")
    undrawn = "The draft studio can&#x27;t draw: candle."
    page = page_of(client, path)
    assert page.count(undrawn) == 1
    cells = re.findall(r"<td [^>]*>(.*?)</td>", page)
    assert [undrawn in cell for cell in cells].index(True) == 0
    client.post(f"{path}/do", {"do": "start"})
    live = live_of(page_of(client, path))
    worked_off()
    draft = "Draft quality, made by the built-in studio."
    for page in (page_of(client, path), page_of(client, live)):
        assert page.count(draft) == 1
        assert page.count(undrawn) == 1
