"""The asset manifest tools and the last word: values of made media, read back through a run."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from runs.models import Artifact, Run
from tests.support.builders.running import start, status_after_work, statuses, work_off

pytestmark = pytest.mark.django_db(transaction=True)

PICTURES = {"id": "pictures", "toolName": "note", "arguments": {"text": "two", "copies": 2}}


def step(key: str, tool: str, **arguments: Any) -> dict[str, Any]:
    """A step that names nothing it waits for: what it works on is the run's."""
    return {"id": key, "toolName": tool, "arguments": arguments}


def results(alice: User, *steps: dict[str, Any], **body: Any) -> dict[str, dict[str, Any]]:
    """Each step's result by its key, of a run that completes."""
    run = start(alice, steps, **body)
    assert status_after_work(run) == "completed", (
        run.error,
        list(run.steps.values("key", "error")),
    )
    return dict(run.steps.values_list("key", "result"))


def made_ids() -> list[str]:
    return list(Artifact.objects.order_by("id").values_list("public_id", flat=True))


def test_create_asset_manifest_lists_what_earlier_steps_made(alice: User) -> None:
    found = results(alice, PICTURES, step("list", "create_asset_manifest"))
    manifest = found["list"]["manifest"]
    assert [entry["asset_id"] for entry in manifest] == made_ids()
    assert [entry["index"] for entry in manifest] == [0, 1]
    assert {entry["source"] for entry in manifest} == {"pictures"}
    assert manifest[0]["width"] == 1
    assert manifest[0]["mime_type"] == "image/png"
    assert manifest[0]["size_bytes"] > 0
    assert found["list"]["message"] == "2 pictures in the manifest."


def test_create_asset_manifest_waits_for_every_step_before_it(alice: User) -> None:
    run = start(alice, [PICTURES, step("list", "create_asset_manifest"), step("also", "noop")])
    assert statuses(run) == {"pictures": "ready", "list": "pending", "also": "ready"}


def test_create_asset_manifest_names_media_in_order_and_says_what_is_missing(alice: User) -> None:
    given = [
        {"user_label": "hero", "type": "image"},
        {"user_label": "rival", "type": "image"},
        {"user_label": "song", "type": "audio"},
    ]
    found = results(
        alice, PICTURES, step("list", "create_asset_manifest", assets=given), step("see", "noop")
    )
    listed = found["list"]
    assert [entry["user_label"] for entry in listed["manifest"]] == ["hero", "rival"]
    assert listed["labels"] == dict(zip(made_ids(), ["hero", "rival"], strict=True))
    assert listed["warnings"] == [
        "assets[2]: the run has no further sound; the entry was left out."
    ]


def test_inspect_asset_reads_back_the_facts_of_a_made_medium(alice: User) -> None:
    found = results(alice, PICTURES, step("look", "inspect_asset"))
    asset = found["look"]["asset"]
    row = Artifact.objects.select_related("blob").get(public_id=asset["asset_id"])
    assert asset["asset_id"] == made_ids()[-1]
    assert (asset["width"], asset["height"]) == (row.blob.width, row.blob.height)
    assert asset["size_bytes"] == row.blob.size
    assert asset["metadata"] == row.meta
    assert "made by pictures" in found["look"]["message"]


def test_inspect_asset_of_an_unknown_one_fails_and_names_what_there_is(alice: User) -> None:
    run = start(alice, [PICTURES, step("look", "inspect_asset", asset_id="art_no_one")])
    work_off()
    run.refresh_from_db()
    error = Run.objects.get(id=run.id).steps.get(key="look").error
    assert run.status == "failed"
    assert error["error_type"] == "ASSET_NOT_FOUND"
    assert error["retryable"] is False
    assert made_ids()[0] in error["message"]


def test_label_asset_gives_a_name_that_later_steps_know(alice: User) -> None:
    found = results(
        alice,
        PICTURES,
        step("name", "label_asset", asset_id="Image 1", user_label="the keeper"),
        step("look", "inspect_asset", asset_id="The Keeper"),
        step("list", "create_asset_manifest"),
    )
    assert found["name"]["labels"] == {made_ids()[0]: "the keeper"}
    assert found["look"]["asset"]["asset_id"] == made_ids()[0]
    assert [entry.get("user_label") for entry in found["list"]["manifest"]] == ["the keeper", None]


def test_label_asset_without_a_name_is_refused_by_its_argument(alice: User) -> None:
    run = start(alice, [PICTURES, step("name", "label_asset", user_label="  ")])
    work_off()
    error = run.steps.get(key="name").error
    assert error["error_type"] == "PARAMETER_INVALID"
    assert "user_label" in error["message"]


def test_map_assets_for_model_writes_the_models_own_mentions(alice: User) -> None:
    found = results(alice, PICTURES, step("map", "map_assets_for_model", model_id="seedance2"))
    mapping = found["map"]["mapping"]
    assert [entry["token"] for entry in mapping] == ["@Image1", "@Image2"]
    assert [entry["asset_id"] for entry in mapping] == made_ids()


def test_validate_asset_references_finds_what_is_not_there_and_what_is_spelled_otherwise(
    alice: User,
) -> None:
    prompt = "@Image1 meets context_image_1 while Image 7 sings to @Video1"
    found = results(
        alice,
        PICTURES,
        step("check", "validate_asset_references", model_id="seedance2", prompt=prompt),
        step("well", "validate_asset_references", model_id="seedance2", prompt="@Image2 waves"),
    )
    check = found["check"]
    assert check["valid"] is False
    assert [(one["token"], one["code"]) for one in check["issues"]] == [
        ("context_image_1", "wrong_style"),
        ("Image 7", "unknown_reference"),
        ("@Video1", "unknown_reference"),
    ]
    assert check["prompt"] == "@Image1 meets @Image2 while @Image7 sings to @Video1"
    assert found["well"]["valid"] is True
    assert found["well"]["unused"] == made_ids()[:1]


def test_finalize_response_sums_up_what_was_made(alice: User) -> None:
    found = results(alice, PICTURES, step("end", "finalize_response", outcome="Two portraits."))
    end = found["end"]
    assert end["outcome"] == "Two portraits."
    assert end["summary"] == "Made 2 pictures."
    assert [entry["asset_id"] for entry in end["manifest"]] == made_ids()


def test_brought_media_are_listed_first_under_their_own_ids(alice: User) -> None:
    media = [{"id": "face", "type": "image", "url": "https://example.com/face.png"}]
    found = results(
        alice,
        PICTURES,
        step("list", "create_asset_manifest"),
        media_references=media,
    )
    manifest = found["list"]["manifest"]
    assert manifest[0]["asset_id"] == "face"
    assert manifest[0]["source"] == "brought"
    assert [entry["index"] for entry in manifest] == [0, 1, 2]


def test_what_a_tool_says_is_on_the_run_page(alice: User, client: Client) -> None:
    run = start(alice, [PICTURES, step("list", "create_asset_manifest")])
    work_off()
    client.force_login(alice)
    page = client.get(f"/runs/{run.public_id}").content.decode()
    assert "2 pictures in the manifest." in page
