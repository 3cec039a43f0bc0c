"""Tables as people really have them: read rightly, or asked about; nothing starts
before a person has confirmed what the file leaves open."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from run_sets.models import RunSet
from tests.integration.run_sets.test_uploaded_tables import created, uploaded
from tests.support.builders.asking_templates import stage
from tests.support.builders.factories import make_key
from tests.support.builders.run_sets import work_through
from tests.support.builders.tables import OFFICE, PACKAGE, packed, parts_of, row, value, words
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in
from tests.support.faults.confining import light_children
from tests.support.program import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FILES = ROOT / "tests" / "fixtures" / "odd_tables"
BRIEF = {"name": "brief", "label": "Brief", "type": "text", "required": True}
SECONDS = {"name": "seconds", "type": "number", "default": 4}
LOUD = {"name": "loud", "type": "boolean", "default": False}


@pytest.fixture(autouse=True)
def _light_children_only() -> Iterator[None]:
    yield from light_children()


@dataclass(frozen=True, slots=True)
class Case:
    """A file; why it starts nothing, or else the values of `brief` that run, and how many rows are
    left out or have a problem."""

    name: str
    data: bytes | None = None
    refusal: str = ""
    briefs: list[str] = field(default_factory=list)
    left_out: int = 0
    problems: int = 0
    fields: dict[str, Any] = field(default_factory=dict)

    def bytes(self) -> bytes:
        return (FILES / self.name).read_bytes() if self.data is None else self.data


def sheet(*rows: str, ahead: str = "", **more: str) -> bytes:
    return packed(parts_of({"S": "".join(rows)}, ahead=ahead) | more)


def hidden(number: int, *texts: str, attributes: str = 'hidden="1"') -> str:
    return words(*texts, row=number).replace("<row ", f"<row {attributes} ")


def totalled(*rows: str, count: int) -> bytes:
    """A sheet with a table whose last row holds its totals."""
    reference = f"A1:B{count}"
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{OFFICE}/table" Target="../tables/table1.xml"/></Relationships>'
    )
    return sheet(
        *rows,
        **{
            "xl/worksheets/_rels/sheet1.xml.rels": links,
            "xl/tables/table1.xml": f'<table id="1" ref="{reference}" totalsRowCount="1"></table>',
        },
    )


HEAD = words("brief", "price")
LAMP, CHAIR = words("Lamp", "1", row=2), words("Chair", "2", row=3)
NO_COLUMN, NO_ENCODING = "No column fills an input", "encoding: the file doesn't say it"
POLISH = "brief;Uwagi\nŻółta lampa na stole;Łódź\nČervená židle;Plzeň\n"

CASES = [
    # Names.
    Case("row-number.csv", refusal=NO_COLUMN),
    *[
        Case(f"sign-{n}.csv", f"{sign},Text\n1,Lamp\n".encode(), NO_COLUMN)
        for n, sign in enumerate(("№", "_", "( )"))
    ],
    Case("nameless.csv", b",Text\n1,Lamp\n", NO_COLUMN),
    Case("two-like-names.csv", briefs=["Lamp"]),
    Case("like-names-behind.csv", b"Brief,Brief?\nLamp,old\n", briefs=["Lamp"]),
    Case("exact-case.csv", b"BRIEF,brief\nold,Lamp\n", briefs=["Lamp"]),
    Case("label-and-name.csv", b"Br-ief,BRIEF\nold,Lamp\n", briefs=["Lamp"]),
    Case("only-alike.csv", b"* Brief: ,x\nLamp,1\n", briefs=["Lamp"]),
    Case("named.csv", b"What,x\nLamp,1\n", briefs=["Lamp"], fields={"matches": {"brief": "What"}}),
    Case("placed.csv", b"What,x\nLamp,1\n", briefs=["Lamp"], fields={"matches": {"brief": 0}}),
    # The row of the names.
    Case("title-line.csv", refusal=NO_COLUMN),
    Case("title-line.csv", briefs=["A red lamp", "A blue chair"], fields={"headerRow": 3}),
    Case("title-alone.csv", b"Autumn 2026\n\nbrief;price\nLamp;1\nChair;2\n", NO_COLUMN),
    Case("title-alone.csv", b"Autumn 2026\n\nbrief;price\nLamp;1\nChair;2\n",
         briefs=["Lamp", "Chair"], fields={"headerRow": 3}),
    Case("title.xlsx", sheet(words("Autumn"), words("brief", "x", row=3), words("A", "1", row=4)),
         NO_COLUMN),
    Case("title.xlsx", sheet(words("Autumn"), words("brief", "x", row=3), words("A", "1", row=4)),
         briefs=["A"], fields={"headerRow": 3}),
    Case("no-header.csv", b"Lamp\nChair\n", NO_COLUMN),
    # Errors of a spreadsheet.
    Case("error.xlsx", sheet(HEAD, row(2, value("A2", "#REF!", kind="e")), CHAIR),
         briefs=["Chair"], problems=1),
    Case("error-formula.xlsx",
         sheet(HEAD, row(2, value("A2", "#DIV/0!", kind="e", formula="1/0")), CHAIR),
         briefs=["Chair"], problems=1),
    Case("errors-alone.xlsx",
         sheet(HEAD, row(2, value("A2", "#N/A", kind="e"), value("B2", "#N/A", kind="e")), CHAIR),
         briefs=["Chair"], problems=1),
    Case("error-unused.xlsx",
         sheet(HEAD, row(2, value("A2", "Lamp", kind="str"), value("B2", "#N/A", kind="e"))),
         briefs=["Lamp"]),
    Case("excel-errors.xlsx", problems=5, fields={"matches": {"brief": "camera"}}),
    Case("errors.csv", b"brief,seconds\nLamp,#VALUE!\n#NAME?,2\nChair,1\n", briefs=["Chair"],
         problems=2),
    Case("office-error.csv", b"brief,seconds\nErr:502,1\nChair,1\n", briefs=["Chair"], problems=1),
    # What a workbook hides.
    Case("hidden-rows.xlsx", left_out=2, briefs=[f"Lamp number {n}" for n in (1, 3, 5, 6)]),
    Case("filtered-rows.xlsx", left_out=4, briefs=["Lamp number 1", "Lamp number 3"]),
    Case("hidden-rows.xlsx", briefs=[f"Lamp number {n}" for n in range(1, 7)],
         fields={"hidden": True}),
    Case("collapsed.xlsx",
         sheet(HEAD, LAMP, hidden(3, "Chair", "2", attributes='outlineLevel="1" hidden="true"')),
         left_out=1, briefs=["Lamp"]),
    Case("unnumbered.xlsx",
         sheet(HEAD, LAMP, hidden(3, "Chair").replace(' r="3"', ""), words("Desk", row=4)),
         left_out=1, briefs=["Lamp", "Desk"]),
    Case("totals.xlsx", totalled(HEAD, LAMP, CHAIR, words("Total", "3", row=4), count=4),
         left_out=1, briefs=["Lamp", "Chair"]),
    Case("hidden-column.xlsx", refusal=NO_COLUMN),
    Case("hidden-column.xlsx", briefs=["OLD text 1", "OLD text 2"], fields={"hidden": True}),
    Case("hidden-column.xlsx", briefs=["Lamp 1", "Lamp 2"], fields={"matches": {"brief": "Text"}}),
    Case("hidden-span.xlsx",
         sheet(words("old", "x", "brief"), words("a", "b", "Lamp", row=2),
               ahead='<cols><col min="1" max="2" width="0" hidden="1"/></cols>'),
         briefs=["Lamp"]),
    Case("hidden-to-the-end.xlsx",
         sheet(HEAD, LAMP, ahead='<cols><col min="2" max="16384" hidden="1"/></cols>'),
         briefs=["Lamp"]),
    # Encodings.
    *[
        Case(f"{name}.csv", refusal=NO_ENCODING)
        for name in ("gbk", "windows-1251", "mac-roman")
    ],
    Case("windows-1250.csv", briefs=["Żółta lampa na stole", "Červená židle"],
         fields={"encoding": "Windows-1250"}),
    Case("mac-roman.csv", briefs=["Gr\u00fcne Lampe"], fields={"encoding": "Mac Roman"}),
    Case("gbk.csv", briefs=["一盏红色的灯", "木头桌子上的蓝色椅子"],
         fields={"encoding": "GB18030"}),
    Case("utf-16.csv", POLISH.encode("utf-16"), briefs=["Żółta lampa na stole", "Červená židle"]),
    Case("utf-8.csv", POLISH.encode(), briefs=["Żółta lampa na stole", "Červená židle"]),
    Case("shift-jis.csv", "brief,x\n赤いランプ,東京\n".encode("cp932"), NO_ENCODING),
    Case("unknown.csv", "brief\n\u041b\u0430\u043c\u043f\u0430\n".encode("koi8-r"), NO_ENCODING),
    Case("not-so.csv", POLISH.encode("cp1250"), "can't be read as Shift-JIS",
         fields={"encoding": "Shift-JIS"}),
    Case("no-such.csv", POLISH.encode("cp1250"), "can't be read as rot13",
         fields={"encoding": "rot13"}),
    # Yes and no.
    *[
        Case(f"yes-{text}.csv", f"brief,loud\nLamp,{text}\n".encode(), briefs=["Lamp"])
        for text in ("FALSE", "yes", "on", "1")
    ],
    Case("yes-maybe.csv", b"brief,loud\nLamp,maybe\nChair,on\n", briefs=["Chair"], problems=1),
]  # fmt: skip


@pytest.fixture
def template(alice: User) -> str:
    """Writes what `brief` says."""
    card = stage("card", args={"text": "$inputs.brief"})
    return make_template(
        alice, name="Cards", inputs=[BRIEF, SECONDS, LOUD], stages=[card]
    ).public_id


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_runs_what_it_says_or_asks(case: Case, alice: User, template: str) -> None:
    key = make_key(alice)
    upload = uploaded(key, case.bytes(), name=case.name).json()["data"]
    answer = created(key, template, table=upload["id"], start=True, **case.fields)
    if case.refusal:
        assert (answer.status, case.refusal in answer.text) == (400, True), answer.text
        assert not RunSet.objects.exists()
        return
    assert answer.status == 201, answer.text
    run_set = work_through(answer.json()["data"]["runSet"]["id"])
    rows = list(run_set.rows.order_by("position"))
    briefs = [one.run.request["inputs"]["brief"] for one in rows if one.run is not None]
    states = [one.state for one in rows]
    assert (briefs, states.count("left_out"), states.count("problem")) == (
        case.briefs,
        case.left_out,
        case.problems,
    ), [one.problems for one in rows]
    assert ("left out" in run_set.notice) == bool(case.left_out)


def test_a_column_that_the_file_hides_is_named(alice: User, template: str) -> None:
    key = make_key(alice)
    data = (FILES / "hidden-column.xlsx").read_bytes()
    table = uploaded(key, data, name="hidden-column.xlsx").json()["data"]["id"]
    body = created(key, template, table=table).json()["data"]["runSet"]
    assert (body["matches"], "fills no input: brief" in body["notice"]) == ({}, True), body
    run_set = work_through(body["id"])
    assert {one["message"] for row in run_set.rows.all() for one in row.problems} == {
        "No column fills an input. Choose which column fills which."
    }
    # By its name, as in a POST; then it can start.
    headers = {"api-key": key, "content-type": "application/json"}
    change = json.dumps({"matches": {"brief": "Text"}, "labelColumn": "Text"}).encode()
    answer = request_app("PATCH", f"/v1/run-sets/{body['id']}", headers, change)
    assert answer.json()["data"]["runSet"]["matches"] == {"brief": "Text"}, answer.text
    run_set = work_through(body["id"])
    assert (run_set.state, run_set.label_column) == ("ready", 1)
    wrong = json.dumps({"matches": {"brief": "Nothing"}}).encode()
    answer = request_app("PATCH", f"/v1/run-sets/{body['id']}", headers, wrong)
    assert (answer.status, "There are brief, Text" in answer.text) == (400, True), answer.text


Ask = Callable[..., str]


@pytest.fixture
def ask(alice: User, template: str) -> Ask:
    """Brings a file on the page; the page that asks, or the address of what was made."""
    client = signed_in(alice)

    def bring(name: str, data: bytes | None = None, **form: str) -> str:
        content = (FILES / name).read_bytes() if data is None else data
        file = SimpleUploadedFile(name, content)
        answer = client.post("/run-sets", {"template": template, "file": file, **form})
        return str(answer.get("Location") or answer.content.decode())

    return bring


def test_the_page_asks_for_the_encoding_then_for_the_row_of_names(ask: Ask) -> None:
    page = ask("windows-1251.csv")
    assert '<option value="Windows-1251" selected>Windows-1251: brief;Заметка</option>' in page
    assert ask("windows-1251.csv", encoding="Windows-1251").startswith("/run-sets/rset_")
    page = ask("title-line.csv")
    assert '<option value="3" selected>3: brief, price, note</option>' in page
    assert ask("title-line.csv", header_row="3").startswith("/run-sets/rset_")
    # Both, one after the other: the first answer is kept.
    both = "Осень\n\nЗаметка;brief\nx;Лампа\n".encode("cp1251")
    page = ask("both.csv", both, encoding="Windows-1251")
    assert '<input type="hidden" name="encoding" value="Windows-1251">' in page
    assert '<option value="3" selected>3: Заметка, brief</option>' in page
    # What differs only later in the file, or far into a line, can be chosen all the same.
    late = ("brief\n" + "x" * 200 + "\u00e4\n\u0142\n").encode("cp1250")
    page = ask("late.csv", late)
    assert 'value="Windows-1250"' in page
    assert 'value="Windows-1252"' in page
    # Another row is used as well, although no column fills an input.
    assert ask("title-line.csv", header_row="4").startswith("/run-sets/rset_")


def test_rows_that_the_file_hides_are_taken_in_by_one_press(alice: User, ask: Ask) -> None:
    address = ask("hidden-rows.xlsx")
    client, run_set = signed_in(alice), RunSet.objects.get()
    work_through(run_set.public_id)
    page = client.get(address).content.decode()
    assert "The file hides 2 rows, which are left out at first." in page
    assert client.post(f"{address}/do", {"do": "take_in"}).status_code == 302
    run_set = work_through(run_set.public_id)
    assert (run_set.state, run_set.rows.filter(state="pending").count()) == ("ready", 6)
    client.post(f"{address}/do", {"do": "start"})
    work_through(run_set.public_id)
    table = client.get(f"{address}/table.csv")
    assert table["Cache-Control"] == "no-store"
    assert client.post(f"{address}/do", {"do": "take_in"}).status_code == 302
