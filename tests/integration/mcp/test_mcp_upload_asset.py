"""Files that agents bring: inline, from an address, or by an upload URL."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from media.models import Upload
from tests.support.builders.blobs import film_with_place
from tests.support.builders.factories import make_key
from tests.support.clients.agents import call, called, refused, send
from tests.support.clients.asgi_requests import request_app
from tests.support.fakes.hostile_server import PNG, HostileServer

pytestmark = pytest.mark.django_db(transaction=True)
INLINE = base64.b64encode(PNG).decode()


@pytest.fixture
def key(alice: User) -> str:
    """A key as people give it to an agent."""
    return make_key(alice, scope="run")


@pytest.fixture
def site(settings: Any) -> Iterator[HostileServer]:
    """A website that may be fetched from; nothing else on this machine may."""
    with HostileServer() as server:
        settings.FETCH_ALLOW = [f"127.0.0.1:{server.port}"]
        yield server


def test_a_small_file_is_kept_and_linked(alice: User, key: str) -> None:
    found = call("upload_asset", {"data": INLINE, "filename": "dot.png"}, key)
    told = found["structuredContent"]
    assert (told["kind"], told["mime"], told["size"]) == ("image", "image/png", len(PNG))
    [link] = [one for one in found["content"] if one["type"] == "resource_link"]
    assert link["uri"] == told["url"]
    assert request_app("GET", told["url"]).body == PNG
    assert Upload.objects.get().owner == alice


def test_the_same_file_again_is_the_same_upload(key: str) -> None:
    first = called("upload_asset", {"data": INLINE}, key)
    data_url = f"data:image/png;base64,{INLINE}"
    assert called("upload_asset", {"data": data_url}, key)["id"] == first["id"]
    assert Upload.objects.count() == 1


def test_a_film_of_more_than_100_kb_fits(key: str) -> None:
    film = film_with_place()
    padded = base64.b64encode(film + bytes(200_000)).decode()
    assert called("upload_asset", {"data": padded}, key)["kind"] == "video"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "body.invalid"),
        ({"data": INLINE, "url": "https://example.org/a.png"}, "body.invalid"),
        ({"data": "no base64!"}, "body.invalid"),
        ({"data": base64.b64encode(b"just words").decode()}, "upload.refused"),
        ({"data": base64.b64encode(bytes(1_400_001)).decode()}, "upload.too_large"),
        ({"kind": "model"}, "body.invalid"),
        ({"upload_id": "image-" + "0" * 32}, "upload.not_arrived"),
        ({"url": "ftp://example.org/a.png"}, "body.invalid"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "body.invalid"),
        ({"url": "https://me:secret@example.org/a.png"}, "body.invalid"),
    ],
)
def test_what_cannot_be_kept_is_refused(key: str, arguments: dict[str, str], code: str) -> None:
    assert refused("upload_asset", arguments, key)["code"] == code
    assert not Upload.objects.exists()


def test_a_file_is_fetched_from_an_address(key: str, site: HostileServer) -> None:
    told = called("upload_asset", {"url": site.url("/picture")}, key)
    assert told["mime"] == "image/png"
    again = called("upload_asset", {"url": site.url("/picture")}, key)
    assert again["id"] == told["id"]
    assert Upload.objects.count() == 1


def test_a_redirect_into_this_network_is_refused(key: str, site: HostileServer) -> None:
    site.location = "http://127.0.0.1:1/secret"
    error = refused("upload_asset", {"url": site.url("/redirect")}, key)
    assert "127.0.0.1" in error["message"]
    assert not Upload.objects.exists()


def test_what_is_no_media_is_refused(key: str, site: HostileServer) -> None:
    assert refused("upload_asset", {"url": site.url("/page")}, key)
    assert not Upload.objects.exists()


def test_a_large_file_goes_to_an_upload_url(key: str) -> None:
    place = called("upload_asset", {"kind": "image"}, key)
    error = refused("upload_asset", {"upload_id": place["upload_id"]}, key)
    assert error["code"] == "upload.not_arrived"
    assert request_app("PUT", place["upload_url"], {}, PNG).status == 200
    told = called("upload_asset", {"upload_id": place["upload_id"]}, key)
    assert request_app("GET", told["url"]).body == PNG


def test_an_upload_url_of_another_person_is_not_known(key: str, bob_key: str) -> None:
    place = called("upload_asset", {"kind": "image"}, key)
    request_app("PUT", place["upload_url"], {}, PNG)
    error = refused("upload_asset", {"upload_id": place["upload_id"]}, bob_key)
    assert error["code"] == "upload.not_arrived"


def test_an_address_of_this_server_is_no_way_to_another_persons_file(
    bob: User, alice_key: str, bob_key: str
) -> None:
    told = called("upload_asset", {"data": INLINE}, bob_key)
    assert called("upload_asset", {"url": told["url"]}, bob_key)["id"] == told["id"]
    error = refused("upload_asset", {"url": told["url"]}, alice_key)
    assert error["code"] == "not_found"
    assert not Upload.objects.exclude(owner=bob).exists()


def test_a_key_that_only_reads_may_not(alice: User) -> None:
    key = make_key(alice, scope="read")
    params = {"name": "upload_asset", "arguments": {"data": INLINE}}
    assert send("tools/call", params, key).status == 403
