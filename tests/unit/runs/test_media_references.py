"""Media references are read in every place, spelling and shape that clients use."""

import pytest

from core.errors import InvalidBody
from runs.planning.media_references import read_list
from templates_app.graph.types import Limits
from tests.support.builders.planning import IMAGE, LIMITS, VIDEO, media_of_body


def read(*items, limits=LIMITS):
    return read_list(list(items), limits)


def test_full_reference_of_a_client_is_read():
    (ref,) = read(
        {
            "id": "media_ref_1",
            "source": "cli",
            "flag": "--ref",
            "kind": "image",
            "mime_type": "image/png",
            "url": IMAGE,
            "filename": "a.png",
            "byte_length": 123,
            "prompt_label": "Tom",
            "storage": {"jobId": "x", "type": "referenceImage", "version": 2},
        }
    )
    assert (ref.kind, ref.url, ref.asset, ref.id, ref.label, ref.inline) == (
        "image",
        IMAGE,
        None,
        "media_ref_1",
        "Tom",
        False,
    )


@pytest.mark.parametrize("name", ["url", "value", "uri", "downloadUrl"])
def test_address_has_several_names(name):
    assert read({name: IMAGE})[0].url == IMAGE


def test_plain_address_is_a_reference():
    assert read(IMAGE)[0].url == IMAGE


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"kind": "video"}, "video"),
        ({"type": "audio"}, "audio"),
        ({"mediaType": "VIDEO"}, "video"),
        ({"kind": "referenceImage", "mime_type": "video/mp4"}, "video"),
        ({"contentType": "audio/mpeg"}, "audio"),
        ({"filename": "song.wav"}, "audio"),
        ({"url": "https://x.example/a/b.MP4?x=.png"}, "video"),
        ({"url": "https://x.example/a.glb"}, "model"),
        ({"url": "https://x.example/presigned"}, "image"),
        ({}, "image"),
    ],
)
def test_kind_is_told_by_name_type_or_extension(fields, kind):
    assert read({"url": "https://x.example/thing", **fields})[0].kind == kind


@pytest.mark.parametrize(
    "name", ["media_references", "mediaReferences", "api_media_references", "apiMediaReferences"]
)
@pytest.mark.parametrize("holder", ["body", "input"])
def test_references_are_found_in_every_place(name, holder):
    items = [{"url": IMAGE}]
    body = {name: items, "input": {}} if holder == "body" else {"input": {name: items}}
    assert [ref.url for ref in media_of_body(body, LIMITS)] == [IMAGE]


def test_places_are_joined_without_repeating():
    body = {
        "media_references": [{"url": IMAGE}, {"url": IMAGE, "id": "2"}],
        "mediaReferences": [{"url": IMAGE}],
        "api_media_references": [],
        "input": {"media_references": [{"url": VIDEO}]},
    }
    assert [ref.url for ref in media_of_body(body, LIMITS)] == [IMAGE, IMAGE, VIDEO]


def test_body_without_references_has_none():
    assert media_of_body({"input": "x"}, LIMITS) == ()


@pytest.mark.parametrize(
    "item",
    [
        {"url": "data:image/png;base64,AAAA"},
        {"dataUri": "data:image/png;base64,AAAA"},
        {"url": IMAGE, "data": "AAAA"},
        {"url": IMAGE, "data_uri": "x"},
        {"data": [1, 2]},
        "data:,x",
    ],
)
def test_inline_bytes_are_refused_naming_the_field(item):
    with pytest.raises(InvalidBody) as caught:
        read({"url": IMAGE}, item)
    (field,) = caught.value.details["fields"]
    assert field.startswith("media_references[1].")


@pytest.mark.parametrize(
    "item",
    [
        5,
        None,
        {},
        {"url": 5},
        {"url": " "},
        {"url": "http://x.example/a"},
    ],
)
def test_reference_without_a_usable_address_is_refused(item):
    with pytest.raises(InvalidBody) as caught:
        read(item)
    assert caught.value.details["issues"][0]["path"] == "media_references[0]"


@pytest.mark.parametrize("items", [{}, "x", 5])
def test_references_must_be_a_list(items):
    with pytest.raises(InvalidBody):
        read_list(items, LIMITS)


def test_more_than_the_limit_is_refused():
    assert len(read(*[IMAGE] * 50)) == 50
    with pytest.raises(InvalidBody):
        read(*[IMAGE] * 51)
    body = {"media_references": [f"{IMAGE}?{n}" for n in range(30)]}
    body["input"] = {"mediaReferences": [f"{IMAGE}?x{n}" for n in range(30)]}
    with pytest.raises(InvalidBody):
        media_of_body(body, LIMITS)


def test_address_of_ours_becomes_an_asset():
    limits = Limits(own_asset=lambda url: "blob:abc")
    (ref,) = read("http://127.0.0.1:8000/media/art_1/x.png", limits=limits)
    assert (ref.url, ref.asset) == (None, "blob:abc")


def test_equal_entries_of_one_list_keep_their_positions():
    body = {"media_references": [IMAGE, IMAGE, VIDEO], "mediaReferences": [IMAGE, IMAGE, VIDEO]}
    assert [ref.url for ref in media_of_body(body, LIMITS)] == [IMAGE, IMAGE, VIDEO]
