"""Text that people wrote has its own direction on every page."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from comments.services import Place, comment_on_share
from run_sets import feeding
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.asking_templates import TALK, stage
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.factories import make_key
from tests.support.builders.moderation import make_moderator, report
from tests.support.builders.running import start_template, work_off
from tests.support.builders.sharing import finished_run, make_share
from tests.support.builders.templates import make_public
from tests.support.clients.visitors import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What a person wrote, by what it is, so that a failure names its place.
WORDS = {
    "name": "שם",
    "description": "תיאור",
    "tag": "תגית",
    "input": "קלט",
    "value": "ערך",
    "option": "אפשרות",
    "stage": "שלב",
    "prompt": "הנחיה",
    "question": "שאלה",
    "title": "כותרת",
    "note": "הערה",
    "comment": "תגובה",
    "person": "אדם",
    "key": "מפתח",
    "file": "קובץ",
    "app": "יישום",
    "intro": "מבוא",
    "label": "תווית",
    "report": "דיווח",
}
# Text that isn't displayed, and pictures of graphs, which align their own text.
UNSHOWN = {"script", "style", "title", "template", "svg"}
# A single letter in a circle, and what is read by programs: links, code, numbers.
LEFT_OUT = {"avatar", "mono", "num"}
VOID = {"input", "img", "br", "meta", "link", "hr", "source", "wbr", "col", "area", "track"}
Element = tuple[str, dict[str, str | None], list[str]]


def is_hebrew(text: str) -> bool:
    return any("\u0590" <= letter <= "\u05ff" for letter in text)


def runs_right_to_left(text: str) -> bool:
    """Whether a browser that looks for the first strong letter lets it run right to left."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind == "R" for kind in kinds if kind in {"L", "R", "AL"}), False)


class Page(HTMLParser):
    """Reads what is written in Hebrew, and which of it has no direction of its own.

    wrong: the words that have another direction, with the elements around them.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.around: list[Element] = []
        self.seen: set[str] = set()
        self.wrong: list[str] = []
        self._waiting: list[tuple[Element, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        value = fields.get("value") or ""
        if tag == "input" and is_hebrew(value) and fields.get("type") in {None, "text", "search"}:
            self._see(value)
            if fields.get("dir") != "auto":
                self.wrong.append(f"{self._path()} input {fields.get('name')}: {value}")
        left_out = "readonly" in fields or LEFT_OUT & set((fields.get("class") or "").split())
        if tag == "textarea" and not left_out and fields.get("dir") != "auto":
            self.wrong.append(f"{self._path()} textarea {fields.get('name')}")
        if tag not in VOID:
            self.around.append((tag, fields, []))

    def handle_endtag(self, tag: str) -> None:
        while self.around:
            name, _fields, texts = self.around.pop()
            if self.around and name not in UNSHOWN:
                self.around[-1][2].extend(texts)
            if name == tag:
                break
        done = [one for one in self._waiting if all(one[0] is not known for known in self.around)]
        self._waiting = [one for one in self._waiting if one not in done]
        for (_tag, _fields, texts), place in done:
            if not runs_right_to_left("".join(texts)):
                self.wrong.append(place)

    def handle_data(self, data: str) -> None:
        if self.around:
            self.around[-1][2].append(data)
        if not is_hebrew(data) or any(self._is_left_out(one) for one in self.around):
            return
        self._see(data)
        place = f"{self._path()}: {' '.join(data.split())}"
        for element in reversed(self.around[-3:]):
            tag, fields, _texts = element
            if tag == "bdi" or fields.get("dir") == "auto":
                self._waiting.append((element, place))
                return
        self.wrong.append(place)

    @staticmethod
    def _is_left_out(element: Element) -> bool:
        tag, fields, _texts = element
        return tag in UNSHOWN or bool(LEFT_OUT & set((fields.get("class") or "").split()))

    def _see(self, text: str) -> None:
        self.seen |= {kind for kind, word in WORDS.items() if word in text}

    def _path(self) -> str:
        names = [f"{tag}.{fields.get('class') or ''}" for tag, fields, _ in self.around[-4:]]
        return " > ".join(name.rstrip(".") for name in names)


INPUTS = [
    {
        "name": "say",
        "type": "text",
        "required": True,
        "label": WORDS["input"],
        "description": WORDS["input"],
        "default": WORDS["value"],
    },
    {
        "name": "mood",
        "type": "text",
        "options": [WORDS["option"], "calm"],
        "default": WORDS["option"],
    },
]
STAGES = [
    stage("study", label=WORDS["stage"], args={"text": f"{WORDS['prompt']} x"}),
    stage("words", label=WORDS["stage"], args={"text": "$inputs.say"}),
]
ASK = {**TALK, "label": WORDS["stage"], "userMessage": WORDS["question"]}


@pytest.fixture
def addresses(alice: User, bob: User, mo: User) -> list[tuple[Client, list[str]]]:
    """The pages that show what these people wrote, with the browsers that open them."""
    make_moderator(mo)
    for person in (alice, bob):
        person.display_name = WORDS["person"]
        person.save()
    known = {
        "name": WORDS["name"],
        "description": WORDS["description"],
        "tags": [WORDS["tag"]],
        "inputs": INPUTS,
    }
    template = make_public(alice, **known, stages=STAGES)
    asking = make_public(alice, **known, stages=[*STAGES, ASK])
    run = finished_run(start_template(alice, template, say=WORDS["value"]))
    waiting = start_template(alice, asking, say=WORDS["value"])
    work_off()
    share = make_share(alice, run, title=WORDS["title"], note=WORDS["note"], shows_prompts=True)
    comment_on_share(actor=bob, share=share, text=WORDS["comment"], place=Place())
    case = report(template, bob, note=WORDS["report"])
    make_key(alice, name=WORDS["key"])
    make_upload(alice, make_blob(jpeg_with_place()), filename=f"{WORDS['file']}.jpg")
    app = make_app(
        alice,
        template,
        slug="posters",
        title=WORDS["app"],
        intro=WORDS["intro"],
        inputs=[{"name": "say", "label": WORDS["label"], "help": WORDS["label"]}],
    )
    table = SimpleUploadedFile("table.csv", f"{WORDS['input']},x\n{WORDS['value']},1\n".encode())
    answer = signed_in(alice).post("/run-sets", {"template": template.public_id, "file": table})
    assert answer.status_code == 302, answer.content.decode()
    run_set = str(answer["Location"])
    while feeding.feed() == 0:
        pass
    guest = Client(headers={"Authorization": f"Bearer {make_link(app)}"})
    return [
        (
            signed_in(alice),
            [
                "/",
                f"/?q={WORDS['name']}",
                f"/t/{template.public_id}",
                f"/t/{template.public_id}?run={run.public_id}",
                f"/t/{template.public_id}/publish",
                f"/t/{template.public_id}/table",
                f"/t/{template.public_id}/edit",
                f"/runs/{run.public_id}",
                f"/runs/{waiting.public_id}",
                f"/app/runs/{run.public_id}/share",
                f"/s/{share.public_id}",
                f"/embed/{share.public_id}",
                f"/u/{alice.public_id}",
                "/creations",
                "/me",
                "/me/runs",
                "/me/media",
                "/me/templates",
                "/me/keys",
                "/me/notices",
                "/me/apps",
                "/me/apps/posters",
                "/run-sets",
                run_set,
            ],
        ),
        (
            signed_in(bob),
            [f"/s/{share.public_id}/report", f"/t/{template.public_id}/report", "/me/reports"],
        ),
        (
            signed_in(mo),
            [
                "/admin/moderation/",
                f"/admin/moderation/cases/{case.pk}",
                "/admin/runs/",
                "/admin/people",
            ],
        ),
        (guest, ["/a/posters/form"]),
    ]


def test_words_of_people_have_their_own_direction_on_every_page(
    addresses: list[tuple[Client, list[str]]],
) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    for client, paths in addresses:
        for path in paths:
            answer = client.get(path, follow=True)
            if answer.status_code != 200:
                wrong.append(f"{path}: {answer.status_code}")
            page = Page(answer.content.decode())
            wrong += [f"{path}: {place}" for place in page.wrong]
            seen |= page.seen
    assert not wrong, "\n".join(wrong)
    assert seen == set(WORDS)
