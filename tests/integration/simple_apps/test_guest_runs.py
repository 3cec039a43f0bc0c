"""Guests run an app by a link, at its owner's cost within its allowance, and read a closed list."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import connections
from django.test import Client
from pydantic import TypeAdapter
from pytest_django import Settings

from accounts import credit, ledger
from accounts.models import ApiKey, User
from builder.account_exports import account_data
from builder.shared import account_changes
from core import clock, errors
from core.logs import scrubbed
from media import presigned_uploads
from media.models import Upload
from notices.models import Notice
from runs.billing.reservations import committed_milli
from runs.models import Allowance, Run
from simple_apps import services
from simple_apps.models import GuestLink, GuestRun, RestingAddress, SimpleApp
from simple_apps.schemas import GuestRunOut
from templates_app.graph.types import DeferredRef, StepKey
from templates_app.lifecycle import services as templates
from templates_app.models import Template
from tests.support.builders import plans
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.asking_templates import BRIEF, LOOKS, PICK, TALK, choosing, stage
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.creations import shared
from tests.support.builders.factories import make_key
from tests.support.builders.leaving import delete_account
from tests.support.builders.running import work_off
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

WORD = "zebra-okapi"
URL = "/v1/apps/posters"
# At once, on a link of 20 runs.
STARTS = 200
HIDDEN = {"name": "style", "type": "text", "default": WORD}
FILM = stage("zebra_okapi", args={"text": "$inputs.brief"}, label=WORD)
ANSWER: TypeAdapter[Any] = TypeAdapter(GuestRunOut)


@dataclass
class Guest:
    """Someone without an account, who holds a link."""

    link: str
    name: str = "me"
    client: Client = field(default_factory=Client)

    def send(self, path: str, body: Any = None, **headers: str) -> Any:
        credentials = {"authorization": f"Bearer {self.link}", "x-guest": self.name, **headers}
        kind = "application/json"
        return self.client.post(f"{URL}{path}", body or {}, content_type=kind, headers=credentials)

    def start(self, **headers: str) -> Any:
        return self.send("/runs", {"inputs": {"brief": "A fox"}}, **headers)

    def run(self) -> str:
        answer = self.start()
        assert answer.status_code == 201, answer.content
        return str(answer.json()["data"]["run"]["id"])

    def read(self, run: str) -> Any:
        answer = self.client.get(f"{URL}/runs/{run}")
        assert answer.status_code == 200, answer.content
        body = answer.json()["data"]
        assert body.keys() == {"run"}
        ANSWER.validate_python(body["run"])
        assert WORD not in str(body).replace("_", "-")
        return body["run"]

    def reply(self, run: str, **reply: Any) -> Any:
        asked = self.read(run)["question"]["id"]
        return self.send(f"/runs/{run}/answer", {"question": asked, **reply})


@pytest.fixture
def open_app(alice: User) -> Callable[..., Guest]:
    """Make an app of these stages; returns a guest with a link to it."""

    def make(*stages: Any, limits: Any = None, **changes: Any) -> Guest:
        template = make_template(
            alice, name=WORD, brief=WORD, inputs=[BRIEF, HIDDEN], stages=list(stages or [FILM])
        )
        inputs = [{"name": "brief"}, {"name": "style", "hidden": True}]
        app = make_app(alice, template, slug="posters", title="Posters", inputs=inputs, **changes)
        return Guest(make_link(app, **(limits or {})))

    return make


def refusal(answer: Any, status: int, code: str) -> Any:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["error"]["code"] == code
    assert WORD not in answer.content.decode().replace("_", "-")
    return body


def test_a_guest_runs_an_app_and_reads_its_results_and_no_more(
    open_app: Callable[..., Guest], alice: User
) -> None:
    guest = open_app()
    app = guest.client.get(URL, headers={"authorization": f"Bearer {guest.link}"}).json()["data"]
    assert [one["name"] for one in app["app"]["inputs"]] == ["brief"]
    assert (app["app"]["title"], app["app"]["runsLeft"]) == ("Posters", 20)
    assert WORD not in str(app)
    run = guest.run()
    assert guest.read(run)["status"] == "queued"
    work_off()
    read = guest.read(run)
    assert (read["status"], read["doneCount"], read["stageCount"]) == ("completed", 1, 1)
    assert read["inputs"] == {"brief": "A fox"}
    [output] = read["outputs"]
    [file] = output["files"]
    media = request_app("GET", file["url"])
    assert (media.status, media.header("cache-control")) == (200, "private, no-cache")
    own = Run.objects.get()
    assert (own.owner, own.ceiling_milli) == (alice, own.estimated_milli)
    # There may be many of them.
    assert not Notice.objects.exists()
    allowance = Allowance.objects.get()
    assert allowance.milli == committed_milli(own) == -ledger.balance(alice) > 0
    # No line of the log has what opens it.
    for secret in (run, guest.link):
        assert secret not in scrubbed(f"Bad Request: {URL}/runs/{secret}/answer")
    # Another slug, and the ids that its owner knows it by, open nothing.
    for path in (f"/v1/apps/other/runs/{run}", f"{URL}/runs/{own.public_id}", f"{URL}/runs/x"):
        refusal(guest.client.get(path), 404, "app.not_found")


def test_its_stages_are_named_where_the_author_says_so(open_app: Callable[..., Guest]) -> None:
    guest = open_app(stage("one", label="Draw it"), stage("zebra_okapi"), shows_stages=True)
    titles = [one["title"] for one in guest.read(guest.run())["stages"]]
    assert titles == ["Draw it", "Note"]


def test_an_input_that_no_stage_uses_is_optional(open_app: Callable[..., Guest]) -> None:
    guest = open_app(stage("one"))
    headers = {"authorization": f"Bearer {guest.link}"}
    [brief] = guest.client.get(URL, headers=headers).json()["data"]["app"]["inputs"]
    assert (brief["name"], brief["optional"]) == ("brief", True)
    assert guest.send("/runs", {"inputs": {}}).status_code == 201


def test_a_failure_is_one_of_six_sentences(open_app: Callable[..., Guest]) -> None:
    failing = {**stage("zebra_okapi", "fail", args={"retryable": False}), "produces": []}
    guest = open_app(failing)
    run = guest.run()
    work_off()
    failure = guest.read(run)["failure"]
    assert failure["code"] == "content"
    assert failure["reference"] == GuestRun.objects.get().token_sha256[:8]


def test_an_input_that_is_not_asked_for_is_named(open_app: Callable[..., Guest]) -> None:
    guest = open_app()
    for inputs, name in (({"brief": "x", "style": "mine"}, "style"), ({}, "brief")):
        body = refusal(guest.send("/runs", {"inputs": inputs}), 422, "input.invalid")
        assert [issue["path"] for issue in body["details"]["issues"]] == [f"inputs.{name}"]
    refusal(guest.send("/runs", {"inputs": [], "plan": 1}), 400, "body.invalid")
    assert not Run.objects.exists()


def test_a_repeated_start_is_the_same_run(open_app: Callable[..., Guest]) -> None:
    guest = open_app(limits={"runs": 2})
    first, again = (guest.start(**{"idempotency-key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["data"]["run"]["id"] == again.json()["data"]["run"]["id"]
    other = Guest(guest.link, "you").start(**{"idempotency-key": "one"})
    assert other.status_code == 201
    body = {"inputs": {"brief": "Another"}}
    changed = guest.send("/runs", body, **{"idempotency-key": "one"})
    refusal(changed, 409, "idempotency.key_reuse")
    assert Allowance.objects.get().runs == 2


@pytest.mark.parametrize(("active", "begun"), [(400, 20), (20, 10)])
@pytest.mark.slow
def test_of_many_starts_at_once_as_many_begin_as_there_are(
    open_app: Callable[..., Guest],
    alice: User,
    settings: Settings,
    active: int,
    begun: int,
) -> None:
    """With the usual limit of runs at work, guests get half of it, and the budget loses no more."""
    settings.ACTIVE_RUNS_PER_USER = active
    guest = open_app(limits={"runs": 20})

    def one(number: int) -> str:
        try:
            answer = Guest(guest.link, f"guest {number}").start()
            if answer.status_code == 429:
                assert int(answer["Retry-After"]) > 0
            return "begun" if answer.status_code == 201 else answer.json()["error"]["code"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(STARTS)))
    refused = "allowance.spent" if begun == 20 else "app.busy"
    assert {name: answers.count(name) for name in set(answers)} == {
        "begun": begun,
        refused: STARTS - begun,
    }
    runs = list(Run.objects.all())
    allowance = Allowance.objects.get()
    assert (allowance.runs, len(runs)) == (begun, begun)
    quotes = sum(run.estimated_milli for run in runs)
    assert allowance.milli == quotes == -ledger.balance(alice) > 0


def test_each_guest_has_so_many_runs(open_app: Callable[..., Guest]) -> None:
    guest = open_app(limits={"runs_per_guest": 1})
    guest.run()
    body = refusal(guest.start(), 402, "allowance.spent")
    assert body["message"] == "You've used your 1 run."
    Guest(guest.link, "you").run()


def test_what_it_costs_is_never_said(open_app: Callable[..., Guest]) -> None:
    guest = open_app(limits={"units": 0.001})
    body = refusal(guest.start(), 402, "allowance.spent")
    assert body["details"] == {"reason": "budget"}
    assert "credit" not in str(body)


def test_what_only_its_author_may_decide_is_not_asked(open_app: Callable[..., Guest]) -> None:
    guest = open_app({**stage("zebra_okapi", "held"), "produces": []})
    run = guest.run()
    work_off()
    read = guest.read(run)
    assert (read["status"], read["waitsFor"]) == ("waiting_for_user", "author")
    assert "question" not in read
    assert [notice.kind for notice in Notice.objects.all()] == ["your_turn"]


def test_a_guest_answers_what_their_run_asks(open_app: Callable[..., Guest]) -> None:
    film = stage("film", args={"source_image_url": "$artifacts.pick"})
    guest = open_app(LOOKS, PICK, film)
    run = guest.run()
    work_off()
    read = guest.read(run)
    assert read["waitsFor"] == "guest"
    # The owner has nothing to do.
    assert not Notice.objects.exists()
    question = read["question"]
    assert (question["kind"], question["text"]) == ("selection", PICK["userMessage"])
    assert [request_app("GET", one["url"]).status for one in question["choices"]] == [200] * 3
    # None of them is a result, so they are seen only while they are asked about.
    refusal(guest.reply(run, choices=[4]), 400, "body.invalid")
    refusal(guest.reply(run, text="the first"), 400, "body.invalid")
    assert guest.reply(run, choices=[2]).status_code == 200
    refusal(guest.send(f"/runs/{run}/answer", {"question": 10**9}), 409, "workflow.not_asked")
    work_off()
    read = guest.read(run)
    assert (read["status"], len(read["outputs"])) == ("completed", 1)
    for one in question["choices"]:
        assert request_app("GET", one["url"]).status == 404


def test_its_author_answers_where_they_say_so(open_app: Callable[..., Guest]) -> None:
    guest = open_app(TALK, FILM, guests_answer=False)
    run = guest.run()
    work_off()
    read = guest.read(run)
    assert read["waitsFor"] == "author"
    assert Notice.objects.get().kind == "your_turn"
    wait = Run.objects.get().waits.get()
    answer = guest.send(f"/runs/{run}/answer", {"question": wait.pk, "text": "x"})
    refusal(answer, 409, "workflow.not_asked")


def test_a_guest_stops_their_run(open_app: Callable[..., Guest]) -> None:
    guest = open_app()
    run = guest.run()
    for _ in range(2):
        assert guest.send(f"/runs/{run}/cancel").status_code == 200
    assert guest.read(run)["failure"]["code"] == "stopped"


def test_the_stream_sends_what_changes_and_ends(open_app: Callable[..., Guest]) -> None:
    guest = open_app()
    run = guest.run()
    stream = request_app("GET", f"{URL}/runs/{run}/events", meanwhile=work_off)
    assert stream.header("content-type").startswith("text/event-stream")
    frames = [one for one in stream.text.split("\n\n") if one.startswith("event: run")]
    bodies = [json.loads(one.partition("data: ")[2]) for one in frames]
    assert [body["status"] for body in bodies][:: len(bodies) - 1] == ["queued", "completed"]
    for body in bodies:
        ANSWER.validate_python(body)
    assert stream.text.count("event: end") == 1
    assert WORD not in stream.text.replace("_", "-")
    assert request_app("GET", f"{URL}/runs/nothing/events").status == 404
    assert request_app("POST", f"{URL}/runs/{run}/events").status == 405


CLOSINGS: dict[str, Callable[[SimpleApp], object]] = {
    "app": lambda app: services.end_app(app=app),
    "link": lambda app: services.end_link(app=app, link_id=app.links.get(person=None).pk),
    "time": lambda app: Allowance.objects.update(ends_at=clock.now()),
    "hidden": lambda app: Template.objects.update(moderation="quarantined"),
    "suspended": lambda app: User.objects.update(suspended_until=clock.now() + timedelta(days=1)),
    # Before a worker has looked at it.
    "left": lambda app: account_changes.delete_account(user=app.owner),
    "closed": lambda app: User.objects.update(is_active=False),
}


def delete_template(app: SimpleApp) -> None:
    templates.delete_template(actor=app.owner, public_id=app.template.public_id)


class TestClosing:
    """Whatever closes a link, the answer is the one for a link that never was."""

    @pytest.mark.parametrize(
        "close", [*CLOSINGS.values(), delete_template], ids=[*CLOSINGS, "template"]
    )
    def test_it_is_closed_at_once(
        self, open_app: Callable[..., Guest], close: Callable[[SimpleApp], object]
    ) -> None:
        guest = open_app()
        run = guest.run()
        work_off()
        [file] = guest.read(run)["outputs"][0]["files"]
        close(SimpleApp.objects.get())
        unknown = Guest("nothing").start()
        refusal(unknown, 404, "app.not_found")
        closed = guest.start()
        assert (closed.status_code, closed.json()["message"]) == (404, unknown.json()["message"])
        is_link = not SimpleApp.objects.filter(ended_at=None, template__deleted_at=None).exists()
        if is_link or Template.objects.get().moderation != "visible":
            refusal(guest.client.get(f"{URL}/runs/{run}"), 404, "app.not_found")
            assert request_app("GET", file["url"]).status == 404

    def test_a_template_that_is_gone_ends_its_apps(self, open_app: Callable[..., Guest]) -> None:
        open_app()
        app = SimpleApp.objects.get()
        delete_template(app)
        services.tend()
        app.refresh_from_db()
        assert app.ended_at is not None
        SimpleApp.objects.update(ended_at=clock.now() - services.SLUG_REST - timedelta(days=1))
        services.tend()
        assert not SimpleApp.objects.exists()


def test_an_address_rests_when_its_owner_has_left(
    open_app: Callable[..., Guest], bob: User
) -> None:
    open_app()
    delete_account(user=SimpleApp.objects.get().owner)
    assert not SimpleApp.objects.exists()
    with pytest.raises(errors.Conflict, match="posters is taken"):
        make_app(bob, slug="posters")
    RestingAddress.objects.update(ends_at=clock.now() - timedelta(seconds=1))
    services.tend()
    assert not RestingAddress.objects.exists()
    assert make_app(bob, slug="posters").slug == "posters"


def test_it_runs_the_version_that_is_pinned(
    open_app: Callable[..., Guest], settings: Settings
) -> None:
    settings.VERSIONS_KEPT = 1
    guest = open_app()
    app = SimpleApp.objects.get()
    pinned = app.version
    for text in ("two", "three"):
        changes = {"stages": [stage("other", args={"text": text})], "inputs": []}
        patched(app.template, **changes)
    guest.run()
    assert Run.objects.get().template_version == pinned
    app.refresh_from_db()
    services.use_newest(actor=app.owner, app=app)
    assert Guest(guest.link).send("/runs", {"inputs": {}}).status_code == 201


class TestFiles:
    IMAGE = {"name": "photo", "type": "image", "required": True}

    @pytest.fixture
    def guest(self, alice: User) -> Guest:
        look = stage("look", args={"source_image_url": "$inputs.photo"})
        template = make_template(alice, inputs=[self.IMAGE], stages=[look])
        app = make_app(alice, template, slug="posters")
        return Guest(make_link(app))

    def test_a_guest_brings_a_file_that_goes_after_a_day(self, guest: Guest, alice: User) -> None:
        target = guest.send("/uploads", {"kind": "image"}).json()["data"]
        assert target["limitBytes"] == 25_000_000
        kept = request_app("PUT", target["uploadUrl"], body=jpeg_with_place())
        assert kept.status == 200, kept.text
        upload = Upload.objects.get(owner=alice)
        assert timedelta(hours=23) < upload.expires_at - clock.now() < timedelta(hours=25)
        url = kept.json()["data"]["downloadUrl"]
        answer = guest.send("/runs", {"inputs": {"photo": url}})
        assert answer.status_code == 201, answer.content
        work_off()
        assert guest.read(answer.json()["data"]["run"]["id"])["status"] == "completed"

    def test_a_large_one_is_refused_before_it_is_sent(self, guest: Guest) -> None:
        target = guest.send("/uploads", {"kind": "image"}).json()["data"]
        headers = {"content-length": "25000001"}
        answer = request_app("PUT", target["uploadUrl"], headers)
        assert (answer.status, answer.json()["error"]["code"]) == (413, "upload.too_large")
        ticket = target["uploadUrl"].rpartition("/")[2]
        assert presigned_uploads.read(ticket).kept_hours == 24


class TestOwnCost:
    """People with an account pay for a run of someone else's app, and read what guests read."""

    START: ClassVar[Any] = {"inputs": {"brief": "A fox"}}

    @pytest.fixture
    def guest(self, open_app: Callable[..., Guest], bob: User) -> Guest:
        """Someone with a key and no link."""
        guest = open_app(own_cost=True)
        guest.client = Client(headers={"api-key": make_key(bob)})
        return guest

    def start(self, guest: Guest, **headers: str) -> Any:
        path, kind = f"{URL}/runs", "application/json"
        return guest.client.post(path, self.START, content_type=kind, headers=headers)

    def test_who_starts_it_pays_and_reads_no_more(
        self, guest: Guest, alice: User, bob: User
    ) -> None:
        app = guest.client.get(URL).json()["data"]["app"]
        assert [one["name"] for one in app["inputs"]] == ["brief"]
        assert not GuestLink.objects.filter(person=bob).exists()
        started = self.start(guest, **{"idempotency-key": "one"})
        assert started.status_code == 201, started.content
        again = self.start(guest, **{"idempotency-key": "one", "x-guest": "another browser"})
        assert (again.status_code, again.json()["data"]) == (200, started.json()["data"])
        work_off()
        assert guest.read(started.json()["data"]["run"]["id"])["status"] == "completed"
        run = Run.objects.get()
        refusal(guest.client.get(f"{URL}/runs/{run.public_id}"), 404, "app.not_found")
        theirs = f"/v1/creative-agent/workflows/{run.public_id}"
        assert guest.client.get(theirs).status_code == 404
        self.start(guest)
        link = GuestLink.objects.get(person=bob)
        assert {one.allowance_id for one in Run.objects.all()} == {link.allowance_id}
        used = sum(committed_milli(one) for one in Run.objects.all())
        assert link.allowance.milli == used == -ledger.balance(bob) > 0
        assert (run.owner, ledger.balance(alice)) == (alice, 0)
        assert services.open_links(link.app).count() == 1
        entries = list(account_data.data_of(bob, base_url="")["ledger"])
        assert {one["runId"] for one in entries} == {None}
        page = signed_in(alice).get("/me/apps/posters").content.decode()
        assert "At their own cost" in page

    def test_too_little_credit_is_the_payers_own(
        self, guest: Guest, alice: User, settings: Settings
    ) -> None:
        settings.LIMIT_CREDIT = True
        ledger.grant(user=alice, milli=10_000, ref="much")
        body = refusal(self.start(guest), 402, "credit.insufficient")
        assert body["message"].startswith("You don't have enough credits for this.")
        settings.LIMIT_CREDIT = False
        # Of the key that they came with.
        credit.set_daily_budget(key=ApiKey.objects.get(), milli=1_500)
        assert self.start(guest).status_code == 201
        body = refusal(self.start(guest), 402, "credit.insufficient")
        assert body["message"].startswith("This is more than you may use today.")
        assert Run.objects.count() == 1

    def test_the_page_shows_its_price_to_who_is_signed_in(self, guest: Guest, bob: User) -> None:
        client = signed_in(bob, enforce_csrf_checks=True)
        page = client.get("/a/posters/form").content.decode()
        assert "A run takes about 1 credit of yours." in page
        assert "runs left" not in page
        assert WORD not in page
        form = {"input.brief": "A fox"}
        foreign = client.post("/a/posters/runs", form, headers={"sec-fetch-site": "cross-site"})
        refusal(foreign, 403, "csrf.failed")
        own = client.post("/a/posters/runs", form, headers={"sec-fetch-site": "same-origin"})
        assert own.status_code == 201, own.content
        assert -ledger.balance(bob) == 1_000
        assert Client().get("/a/posters/form").status_code == 401

    def test_it_is_refused_where_the_app_does_not_allow_it(
        self, guest: Guest, alice: User, bob: User
    ) -> None:
        reader = Client(headers={"api-key": make_key(bob, scope="read")})
        refusal(reader.post(f"{URL}/runs"), 403, "key_scope")
        signed_in(alice).post("/me/apps/posters", {"title": "Posters", "slug": "posters"})
        closed = self.start(guest)
        unknown = guest.client.post("/v1/apps/nothing/runs", headers={"accept": "*/*"})
        refusal(closed, 404, "app.not_found")
        assert closed.json()["message"] == unknown.json()["message"]
        assert signed_in(bob).get("/a/posters/form").status_code == 404
        User.objects.filter(pk=bob.pk).update(suspended_until=clock.now() + timedelta(days=1))
        refusal(self.start(guest), 403, "account.suspended")

    def test_only_who_pays_accepts_what_it_takes_beyond_its_quote(
        self, guest: Guest, alice: User, bob: User
    ) -> None:
        token = self.start(guest).json()["data"]["run"]["id"]
        work_off()
        row = GuestRun.objects.select_related("link").get()
        # Three pictures came where one was expected.
        item = plans.step("each", "metered", arguments={"used": 1})
        over = DeferredRef((), "$artifacts.sheet", StepKey("sheet"))
        run = plans.run_plan(
            alice,
            plans.step("sheet", "note", arguments={"copies": 3}),
            plans.batch("each", item, "sheet", over=over),
            ceiling=5_000,
        )
        assert row.link is not None
        Run.objects.filter(pk=run.pk).update(allowance=row.link.allowance_id)
        GuestRun.objects.filter(pk=row.pk).update(run=run)
        work_off()

        read = guest.read(token)
        assert (read["status"], read["waitsFor"]) == ("waiting_for_user", "guest")
        assert read["question"]["kind"] == "gate"
        assert "about 9 credits in total" in read["question"]["text"]
        assert not Notice.objects.exists()
        key, guest.client = guest.client, Client()
        refusal(guest.reply(token, approve=True), 409, "workflow.not_asked")
        guest.client = Client(headers={"api-key": make_key(alice)})
        refusal(guest.reply(token, approve=True), 403, "cost.not_payer")
        guest.client = key
        assert guest.reply(token, approve=True).status_code == 200
        work_off()
        assert guest.read(token)["status"] == "completed"

    def test_what_they_pay_for_stops_when_they_leave(
        self, guest: Guest, alice: User, bob: User
    ) -> None:
        run = self.start(guest).json()["data"]["run"]["id"]
        delete_account(user=bob)
        assert guest.read(run)["failure"]["code"] == "stopped"
        assert (ledger.balance(alice), ledger.balance(bob)) == (0, 0)
        assert not Allowance.objects.filter(owner=bob).exists()


def test_guests_are_held_back_by_address(
    open_app: Callable[..., Guest], settings: Settings
) -> None:
    settings.STARTS_PER_MINUTE, settings.READS_PER_MINUTE = 1, 3
    guest = open_app()
    run = guest.run()
    body = refusal(Guest(guest.link, "you").start(), 429, "quota.rate")
    assert body["retryAfter"] > 0
    guest.read(run)
    refusal(guest.client.get(f"{URL}/runs/{run}"), 429, "quota.rate")


def test_runs_go_after_a_month_unless_something_shows_them(
    open_app: Callable[..., Guest], alice: User
) -> None:
    guest = open_app()
    for _ in range(3):
        guest.run()
    work_off()
    first, second, kept = Run.objects.order_by("pk")
    shared(second)
    GuestRun.objects.exclude(run=kept).update(goes_at=clock.now() - timedelta(days=1))
    services.tend()
    assert list(Run.objects.filter(deleting_at__isnull=False)) == [first]
    assert GuestRun.objects.get(run=second).goes_at is None


def test_an_app_of_choices_is_made_by_its_owner_alone(alice: User, bob: User) -> None:
    template = choosing(alice)
    with pytest.raises(Exception, match="not accessible"):
        make_app(bob, template)
