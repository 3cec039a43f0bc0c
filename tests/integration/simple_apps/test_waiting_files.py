"""Files that guests bring wait for a run in little room, at addresses that end with their link."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from pytest_django import Settings

from accounts.models import User
from builder.asgi import application
from builder.shared import account_changes
from core import clock, ids
from media.models import Blob, Upload
from runs.models import Allowance
from simple_apps import services
from simple_apps.models import SimpleApp
from tests.integration.simple_apps.test_guest_runs import CLOSINGS
from tests.support.at_once import at_once
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.asking_templates import stage
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.factories import make_key
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import HOST, Answer, request_app
from tests.support.clients.visitors import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

URL = "/v1/apps/posters"
PHOTO = {"name": "photo", "type": "image", "required": False}
MOST_BYTES = 100_000_000


@pytest.fixture
def app(alice: User) -> SimpleApp:
    looks = stage("look", args={"source_image_url": "$inputs.photo"})
    template = make_template(alice, inputs=[PHOTO], stages=[looks])
    return make_app(alice, template, slug="posters", own_cost=True)


def bearer(link: str) -> dict[str, str]:
    return {"authorization": f"Bearer {link}"}


def post(path: str, headers: dict[str, str], body: Any) -> Answer:
    content = {"content-type": "application/json", **headers}
    return request_app("POST", f"{URL}{path}", content, json.dumps(body).encode())


def address(headers: dict[str, str]) -> str:
    answer = post("/uploads", headers, {"kind": "image"})
    assert answer.status == 201, answer.text
    return str(answer.json()["data"]["uploadUrl"])


def put(url: str, color: str = "orange") -> Answer:
    return request_app("PUT", url, body=jpeg_with_place(color))


def bring(link: str, color: str = "orange") -> str:
    """Bring a file; returns the address at which a run finds it."""
    answer = put(address(bearer(link)), color)
    assert answer.status == 200, answer.text
    return str(answer.json()["data"]["downloadUrl"])


def start(link: str, photo: str) -> Answer:
    inputs = {"photo": photo} if photo else {}
    return post("/runs", bearer(link), {"inputs": inputs})


def put_in_halves(url: str, body: bytes, between: Callable[[], object]) -> tuple[int, bytes]:
    """PUT a body whose second half comes after an act; returns the answer's status and body."""
    halves, sent = [body[:100], body[100:]], []

    def act() -> None:
        try:
            between()
        finally:
            connections.close_all()

    async def receive() -> Any:
        if len(halves) == 1:
            await asyncio.to_thread(act)
        return {"type": "http.request", "body": halves.pop(0), "more_body": bool(halves)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "PUT",
        "scheme": "http",
        "path": urlsplit(url).path,
        "query_string": b"",
        "headers": [(b"host", HOST.encode())],
    }
    async_to_sync(application)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


def refusal(answer: Answer, status: int, code: str) -> Any:
    assert answer.status == status, answer.text
    body = answer.json()
    assert body["error"]["code"] == code
    # Neither whose files they are, nor what else the owner keeps.
    for word in ("alice", "byKind", "usedBytes"):
        assert word not in answer.text
    return body


def take_room(left: int) -> None:
    """Make the one file that waits so large that there is room for so many bytes more."""
    blob = Upload.objects.get().blob_id
    Blob.objects.filter(pk=blob).update(size=MOST_BYTES - left)


def bring_more(count: int) -> None:
    """Have so many copies of the one file that waits wait as well."""
    row = Upload.objects.get()
    for number in range(count):
        row.pk, row.public_id, row.place = None, ids.upload_id(), f"{row.place}{number}"
        row.save(force_insert=True)


class TestRoom:
    def test_three_files_wait_for_each_run_that_is_left(self, app: SimpleApp) -> None:
        link, other = make_link(app, runs=1), make_link(app, runs=1)
        spare = address(bearer(link))
        bring(link)
        bring_more(2)
        for answer in (post("/uploads", bearer(link), {"kind": "image"}), put(spare)):
            body = refusal(answer, 429, "quota.files")
            assert "Start a run" in body["message"]
            assert 86_000 < body["retryAfter"] <= 86_400
        assert Upload.objects.count() == 3
        # Each link has runs of its own.
        bring(other)

    def test_of_a_link_whose_runs_are_used_no_file_is_taken(self, app: SimpleApp) -> None:
        link = make_link(app, runs=1)
        spare = address(bearer(link))
        assert start(link, "").status == 201
        for answer in (post("/uploads", bearer(link), {"kind": "image"}), put(spare)):
            refusal(answer, 402, "allowance.spent")
        assert not Upload.objects.exists()

    def test_guests_of_all_links_have_100_megabytes_together(self, app: SimpleApp) -> None:
        size = len(jpeg_with_place())
        links = [make_link(app), make_link(app)]
        spare = address(bearer(links[1]))
        bring(links[0])
        take_room(size - 1)
        body = refusal(put(spare), 507, "app.files_full")
        assert "100 MB" in body["message"]
        assert "start a run" in body["message"]
        # Without a length in front it is counted once it is there.
        unsized = request_app("PUT", spare, {"content-length": ""}, jpeg_with_place())
        refusal(unsized, 507, "app.files_full")
        take_room(0)
        refusal(post("/uploads", bearer(links[1]), {"kind": "image"}), 507, "app.files_full")
        assert Upload.objects.count() == 1

    def test_another_file_at_the_same_address_takes_the_place_of_the_first(
        self, app: SimpleApp
    ) -> None:
        url = address(bearer(make_link(app)))
        first = put(url, "orange").json()["data"]["downloadUrl"]
        take_room(0)
        assert put(url, "teal").status == 200
        assert request_app("GET", first).status == 404
        # One that is refused leaves what was there.
        take_room(0)
        refused = request_app("PUT", url, body=b"no picture")
        assert refused.status == 422
        assert Upload.objects.count() == 1

    def test_a_run_that_takes_a_file_frees_its_room(self, app: SimpleApp) -> None:
        link = make_link(app, runs=2)
        photo = bring(link)
        take_room(0)
        refusal(post("/uploads", bearer(link), {"kind": "image"}), 507, "app.files_full")
        assert start(link, photo).status == 201
        bring(link, "teal")
        # The form still has it: it can be run again.
        assert start(link, photo).status == 201

    def test_a_refused_start_frees_nothing(self, app: SimpleApp) -> None:
        link = make_link(app, units=0.001)
        photo = bring(link)
        take_room(0)
        refusal(start(link, photo), 402, "allowance.spent")
        refusal(post("/uploads", bearer(link), {"kind": "image"}), 507, "app.files_full")

    def test_a_file_whose_day_is_over_has_no_room(self, app: SimpleApp) -> None:
        link = make_link(app)
        bring(link)
        take_room(0)
        refusal(post("/uploads", bearer(link), {"kind": "image"}), 507, "app.files_full")
        Upload.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        bring(link)

    @pytest.mark.parametrize("limit", ["quota.files", "app.files_full"])
    def test_of_two_at_once_one_gets_the_last_room(self, app: SimpleApp, limit: str) -> None:
        link = make_link(app, runs=1)
        urls = [address(bearer(link)) for _ in range(2)]
        bring(link, "teal")
        if limit == "quota.files":
            bring_more(1)
        else:
            take_room(len(jpeg_with_place()) * 3 // 2)

        answers = at_once([partial(put, url) for url in urls])
        answers.sort(key=lambda answer: answer.status)
        assert answers[0].status == 200, answers[0].text
        refusal(answers[1], 429 if limit == "quota.files" else 507, limit)

    def test_how_full_its_owners_storage_is_no_guest_reads(
        self, app: SimpleApp, settings: Settings
    ) -> None:
        link = make_link(app)
        spare = address(bearer(link))
        settings.STORAGE_PER_USER_BYTES = 100
        unsized = request_app("PUT", spare, {"content-length": ""}, jpeg_with_place())
        for answer in (put(spare), unsized):
            body = refusal(answer, 507, "app.files_full")
            assert "Ask the person who sent" in body["message"]

    def test_one_network_address_asks_for_60_addresses_an_hour(self, app: SimpleApp) -> None:
        link = make_link(app)
        for _ in range(60):
            address(bearer(link))
        refusal(post("/uploads", bearer(link), {"kind": "image"}), 429, "quota.rate")

    def test_on_the_page_of_who_is_signed_in_the_files_are_theirs(
        self, app: SimpleApp, alice: User, bob: User
    ) -> None:
        bring(make_link(app))
        take_room(0)
        client = signed_in(bob, enforce_csrf_checks=True)
        own_page = {"sec-fetch-site": "same-origin"}
        kind = "application/json"
        answer = client.post(f"{URL}/uploads", {"kind": "image"}, kind, headers=own_page)
        assert answer.status_code == 201, answer.content
        upload = put(answer.json()["data"]["uploadUrl"]).json()["data"]
        assert Upload.objects.get(public_id=upload["id"]).owner == bob
        form = {"input.photo": upload["downloadUrl"]}
        started = client.post("/a/posters/runs", form, headers=own_page)
        assert started.status_code == 201, started.content
        assert Upload.objects.filter(owner=alice).count() == 1

    def test_who_has_a_key_brings_files_into_their_own_storage(
        self, app: SimpleApp, alice: User, bob: User, settings: Settings
    ) -> None:
        key = {"api-key": make_key(bob)}
        url = address(key)
        photo = put(url).json()["data"]["downloadUrl"]
        assert Upload.objects.get().owner == bob
        started = post("/runs", key, {"inputs": {"photo": photo}})
        assert started.status == 201, started.text
        settings.STORAGE_PER_USER_BYTES = 100
        answer = post("/uploads", key, {"kind": "image"})
        assert (answer.status, answer.json()["error"]["code"]) == (507, "storage.full")
        assert answer.json()["details"]["byKind"]["uploads"] > 0
        assert put(url, "teal").status == 507


class TestAddress:
    def test_it_names_neither_the_owner_nor_the_guest(self, app: SimpleApp, bob: User) -> None:
        for headers in (bearer(make_link(app)), {"api-key": make_key(bob)}):
            ticket = address(headers).rpartition("/")[2].partition(":")[0]
            text = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4)).decode()
            for person in (app.owner, bob):
                assert person.public_id not in text
                assert person.username not in text

    @pytest.mark.parametrize(
        "close",
        [*CLOSINGS.values(), lambda app: app.links.all().delete(), lambda app: app.delete()],
        ids=[*CLOSINGS, "gone", "app-gone"],
    )
    def test_it_takes_no_more_bytes_once_its_link_is_closed(
        self, app: SimpleApp, close: Callable[[SimpleApp], object]
    ) -> None:
        url = address(bearer(make_link(app)))
        close(app)
        body = refusal(put(url), 403, "upload.ticket")
        assert "link" in body["message"]
        assert not Upload.objects.exists()

    @pytest.mark.parametrize(
        "close",
        [
            lambda app, bob: services.end_app(app=app),
            lambda app, bob: SimpleApp.objects.update(own_cost=False),
            lambda app, bob: account_changes.delete_account(user=app.owner),
            lambda app, bob: account_changes.delete_account(user=bob),
            lambda app, bob: User.objects.filter(pk=bob.pk).update(is_active=False),
        ],
        ids=["app", "guests-only", "owner-left", "left", "closed"],
    )
    def test_that_of_a_person_ends_with_the_app_and_the_account(
        self, app: SimpleApp, bob: User, close: Callable[[SimpleApp, User], object]
    ) -> None:
        url = address({"api-key": make_key(bob)})
        close(app, bob)
        refusal(put(url), 403, "upload.ticket")
        assert not Upload.objects.exists()

    def test_what_is_under_way_when_the_link_ends_is_not_kept(self, app: SimpleApp) -> None:
        link = make_link(app)
        url = address(bearer(link))

        def end() -> None:
            Allowance.objects.filter(owner=app.owner).update(ended_at=clock.now())

        status, body = put_in_halves(url, jpeg_with_place(), end)
        assert (status, json.loads(body)["error"]["code"]) == (403, "upload.ticket")
        assert not Upload.objects.exists()
