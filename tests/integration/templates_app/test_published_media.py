"""The open address of a publication, asked of the real media server without credentials."""

import pytest

from media import signing
from templates_app.lifecycle import forking
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.templates import BASE_URL, TEMPLATES, documented
from tests.support.clients.media_requests import request_media

pytestmark = pytest.mark.django_db(transaction=True)


def get(url):
    """Status and body of an anonymous GET."""
    answer = request_media(url)
    return answer.status_code, answer.content


def test_an_example_of_an_input_is_published_and_a_remix_keeps_it(api, alice, alice_key, bob_key):
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    link = BASE_URL + signing.signed_path(upload.public_id, upload.filename)
    photo = {"name": "photo", "type": "image", "jsonSchema": {"examples": [link]}}
    brief = documented()["inputs"][0]
    body = {**documented(), "id": "tried", "visibility": "public", "inputs": [brief, photo]}
    template = api(alice_key).post(TEMPLATES, body).json()["data"]["template"]
    (url,) = template["inputs"][1]["jsonSchema"]["examples"]
    status, data = get(url)
    assert (status, data[:3]) == (200, b"\xff\xd8\xff")
    remix = api(bob_key).post(f"{TEMPLATES}/tried/fork").json()["data"]["template"]
    api(alice_key).patch(f"{TEMPLATES}/tried", {"visibility": "private"})
    assert get(url)[0] == 404
    # As previews and defaults do, it stays with the copy.
    assert get(remix["inputs"][1]["jsonSchema"]["examples"][0]) == (200, data)


def test_a_reference_cannot_be_written_as_an_example(api, alice, bob_key):
    blob = make_blob(jpeg_with_place())
    example = f"reelgraph:blob/{blob.sha256}/image.jpeg"
    photo = {"name": "photo", "type": "image", "jsonSchema": {"examples": [example]}}
    body = {**documented(), "id": "borrowed", "inputs": [*documented()["inputs"], photo]}
    answer = api(bob_key).post(TEMPLATES, body)
    assert answer.status_code == 422
    assert "a media URL of this server" in answer.content.decode()


def test_a_remix_of_a_run_takes_its_file_where_the_input_has_an_example(alice, bob, alice_key, api):
    example = make_upload(alice, make_blob(jpeg_with_place()))
    link = BASE_URL + signing.signed_path(example.public_id, example.filename)
    photo = {"name": "photo", "type": "image", "jsonSchema": {"examples": [link]}}
    body = {**documented(), "id": "tried", "visibility": "public", "inputs": [photo], "stages": []}
    assert api(alice_key).post(TEMPLATES, body).status_code == 201
    own = make_upload(bob, make_blob(jpeg_with_place("teal")))
    brought = BASE_URL + signing.signed_path(own.public_id, own.filename)
    remix = forking.fork_template(
        actor=bob, public_id="tried", defaults={"photo": brought}, own_hosts=["testserver"]
    ).template
    assert own.public_id in remix.head.spec["inputs"][0]["default"]
