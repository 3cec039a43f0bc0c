"""`/me/media`: what a person's runs made and what they uploaded, and no one else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from builder.web.account_pages import my_media as page_module
from media.models import Blob, Upload
from runs.models import Artifact, Run, Step
from templates_app.models import Document
from tests.support.builders.blobs import film_with_place, jpeg_with_place, make_blob, make_upload
from tests.support.builders.collaborating import let_in
from tests.support.builders.running import start, work_off
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import list_pages, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/me/media"


def drawn(owner: User, title: str = "Heron at dawn", **arguments: Any) -> list[Artifact]:
    """What a run of one step made."""
    given = {"text": "A heron", **arguments}
    run = start(owner, [{"id": "s", "title": title, "toolName": "note", "arguments": given}])
    work_off()
    return list(Artifact.objects.filter(run=run).order_by("position"))


def picture(owner: User, filename: str = "holiday.jpg") -> Upload:
    return make_upload(owner, make_blob(jpeg_with_place()), filename=filename)


def titles_at(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{PATH}{query}")
    assert answer.status_code == 200
    return re.findall(r'aria-label="Select ([^"]*)"', answer.content.decode())


def test_results_and_uploads_lead_to_their_run_and_its_share(alice: User) -> None:
    picture(alice)
    [made] = drawn(alice)
    client = signed_in(alice)
    assert titles_at(client) == ["Heron at dawn", "holiday.jpg"]
    page = client.get(PATH).content.decode()
    assert f'href="/runs/{made.run.public_id}"' in page
    assert f'href="/app/runs/{made.run.public_id}/share"' in page
    assert page.count("Open run of") == 1
    assert titles_at(client, "?from=made") == ["Heron at dawn"]
    assert titles_at(client, "?from=uploaded") == ["holiday.jpg"]


def test_a_result_of_a_stage_without_a_name_is_called_as_its_tool(alice: User) -> None:
    drawn(alice, title="")
    assert titles_at(signed_in(alice)) == ["Note"]


def test_kinds_and_words_narrow_the_list(alice: User) -> None:
    picture(alice, "Tide table.jpg")
    film = make_blob(film_with_place(), kind="video", mime="video/mp4")
    make_upload(alice, film, filename="Été.mp4")
    [made] = drawn(alice)
    Step.objects.filter(pk=made.step_id).update(
        resolved={"arguments": {"prompt": "A GRAY bird in fog"}, "media": {}}
    )
    Run.objects.filter(pk=made.run_id).update(title="Birds of the north")
    client = signed_in(alice)
    assert titles_at(client, "?kind=video") == ["Été.mp4"]
    assert titles_at(client, "?kind=nonsense&from=nonsense&before=nonsense") == [
        "Heron at dawn",
        "Été.mp4",
        "Tide table.jpg",
    ]
    for query, found in {
        "tide": ["Tide table.jpg"],
        "gray fog": ["Heron at dawn"],
        "north heron": ["Heron at dawn"],
        "note": ["Heron at dawn"],
        "t": ["Été.mp4", "Tide table.jpg"],
        "prompt": [],
        "gray tide": [],
        "%": [],
        "_": [],
        "'\";--": [],
        "x" * 9_000: [],
    }.items():
        shown = titles_at(client, f"?q={query.replace('%', '%25')}")
        assert set(found) <= set(shown), query
        assert shown == found or query in ("t", "note"), query


def test_the_name_of_the_template_is_found(alice: User) -> None:
    template = make_template(alice, name="Lighthouse stories")
    [made] = drawn(alice)
    Run.objects.filter(pk=made.run_id).update(template_version=template.head)
    assert titles_at(signed_in(alice), "?q=lighthouse") == ["Heron at dawn"]


def test_pages_follow_each_other_without_gaps_or_repeats(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "SHOWN", 3)
    for number in range(5):
        picture(alice, f"{number}.jpg")
    drawn(alice, copies=3)
    pages = "".join(list_pages(signed_in(alice), PATH))
    seen = re.findall(r'name="pick" value="([^"]+)"', pages)
    assert len(seen) == len(set(seen)) == 8


def test_no_one_sees_or_deletes_what_belongs_to_others(alice: User, bob: User) -> None:
    upload = picture(bob, "of bob.jpg")
    [made] = drawn(bob, "Secret heron")
    client = signed_in(alice)
    for query in ("", "?q=bob", "?q=heron", "?from=made"):
        page = client.get(f"{PATH}{query}").content.decode()
        assert titles_at(client, query) == []
        assert upload.public_id not in page
        assert made.public_id not in page
    client.post(f"{PATH}/delete", {"pick": [upload.public_id, made.public_id]})
    assert Upload.objects.count() == 1
    for path in (PATH, f"{PATH}/delete"):
        answer = Client().post(path) if path.endswith("delete") else Client().get(path)
        assert answer["Location"].startswith("/sign-in")
    assert signed_in(bob).get(f"{PATH}/delete").status_code == 405


def test_results_of_a_shared_template_are_their_starters(alice: User, bob: User) -> None:
    template = make_template(alice)
    let_in(alice, template.public_id, bob)
    [made] = drawn(bob)
    Run.objects.filter(pk=made.run_id).update(template_version=template.head)
    assert titles_at(signed_in(alice)) == []
    assert titles_at(signed_in(bob)) == ["Heron at dawn"]


def test_hidden_files_are_left_out_and_blocked_ones_say_so(alice: User) -> None:
    upload = picture(alice)
    [made] = drawn(alice)
    Artifact.objects.filter(pk=made.pk).update(hidden_at="2026-01-01T00:00Z")
    Blob.objects.filter(pk=upload.blob_id).update(blocked_at="2026-01-01T00:00Z")
    page = signed_in(alice).get("/me/media").content.decode()
    assert page.count("Blocked by a moderator") == 1
    assert upload.filename in page
    assert "/media/" not in page.partition("<main")[2].replace("/me/media", "")


def test_uploads_go_unless_a_template_uses_them_which_is_named(alice: User) -> None:
    free, shown, drafted = (picture(alice, f"{name}.jpg") for name in ("free", "shown", "drafted"))
    [made] = drawn(alice)
    look = {"name": "look", "type": "image"}
    reference = f"reelgraph:object/{shown.public_id}/shown.jpg"
    user = make_template(alice, name="Night train", inputs=[look], stages=[])
    assert user.head is not None
    user.head.__class__.objects.filter(pk=user.head.pk).update(
        spec={**user.head.spec, "inputs": [{**look, "default": reference}]}
    )
    other = make_template(alice, name="Day train", inputs=[look], stages=[])
    assert other.head is not None
    Document.objects.create(
        template=other,
        base=other.head,
        state={"inputs": {"look": {"default": f"reelgraph:object/{drafted.public_id}/d.jpg"}}},
    )
    client = signed_in(alice)
    picked = [free.public_id, shown.public_id, drafted.public_id, made.public_id]
    answer = client.post(f"{PATH}/delete", {"pick": picked, "back": f"{PATH}?q=a"})
    assert answer["Location"] == f"{PATH}?q=a"
    page = client.get(PATH).content.decode()
    for said in (
        "Deleted 1 upload.",
        "shown.jpg is used by “Night train”.",
        "drafted.jpg is used by “Day train”.",
        "Results stay with their runs.",
    ):
        assert said in page, said
    assert set(Upload.objects.values_list("pk", flat=True)) == {shown.pk, drafted.pk}
    assert Artifact.objects.filter(pk=made.pk).exists()
    assert "Select one or more uploads" in (
        client.post(f"{PATH}/delete", {}, follow=True).content.decode()
    )
    answer = client.post(f"{PATH}/delete", {"back": "https://evil.example/?q=1"})
    assert "evil" not in answer["Location"]


def test_what_is_empty_says_what_will_be_there(alice: User) -> None:
    client = signed_in(alice)
    assert b"No media yet" in client.get(PATH).content
    assert b"No results for" in client.get(f"{PATH}?q=%3Cscript%3E").content
    assert b"No files of this kind" in client.get(f"{PATH}?kind=model").content
