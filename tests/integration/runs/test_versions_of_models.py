"""A provider's new version of one model makes that model's results again, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from media import services
from runs.engine import result_cache
from runs.engine.result_cache import MediaFingerprint
from runs.models import Step
from runs.planning.resolved_plan import resolved_from_json
from studio.tests.support.films import make_clip
from tests.support.builders.drafts import Desk, note, ran, reused
from tests.support.builders.running import work_off
from tests.support.fakes.tools import asked
from tests.support.fakes.versioned import PRESS
from tools import registry
from tools.providers import openai
from tools.providers.base import Provider
from tools.providers.studio import StudioProvider

# Taken before models had versions.
KEY_OF_NOTE = "4335ee23480759d6fbd48ebdcf65beb76a26a169cc3ff4d6bc5a73b380481df3"
KEY_AT_SERVICE = "d0cd0541790e82fd8d9e583dae271efec12a4e190c9c335de05f84f7c8846803"
KEY_AT_STUDIO = "8976ef3c4dd41dc075953ec0fe8498a8ef41b9f033393532b8a26dbacd805961"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def press(settings: Settings) -> Iterator[None]:
    """The provider of two models, neither with a version of its own."""
    settings.EXTRA_TOOL_MODULES = [*settings.EXTRA_TOOL_MODULES, "tests.support.fakes.versioned"]
    registry.rebuild()
    yield
    settings.EXTRA_TOOL_MODULES = settings.EXTRA_TOOL_MODULES[:-1]
    registry.rebuild()
    PRESS.versions.clear()


def print_stage(stage_id: str, *sources: str, **args: Any) -> dict[str, Any]:
    """A stage that prints its name, over what another stage made."""
    return {**note(stage_id, "", *sources, args=args), "tool": "print"}


@pytest.fixture
def desk(alice: User) -> Desk:
    stages = [
        print_stage("usual"),
        print_stage("copper", model="copper"),
        print_stage("wood", model="wood"),
        print_stage("over", "wood"),
    ]
    return Desk(alice, stages)


def test_a_new_version_of_a_model_makes_only_its_results_again(desk: Desk) -> None:
    desk.run()
    before = len(asked())
    PRESS.versions["wood"] = "2"
    quote = desk.quote()
    run = desk.run()
    # Its picture is the same as before, byte for byte, so what is printed over it is the same too.
    assert (ran(run), reused(run)) == ({"wood"}, {"usual", "copper", "over"})
    assert [call["model"] for call in asked()[before:]] == ["wood"]
    assert {step.key: step.why for step in quote.steps if step.will == "run"} == {
        "wood": "Print was updated",
        "over": "Because Wood runs",
    }
    assert {step.key for step in quote.steps if step.will == "reuse"} == {"usual", "copper"}


def test_a_model_that_no_one_names_has_its_version_too(desk: Desk) -> None:
    desk.run()
    PRESS.versions["copper"] = "2"
    assert ran(desk.run()) == {"usual", "copper", "over"}
    PRESS.versions.clear()
    assert ran(desk.run()) == set(), "the results of the version before are still there"


def test_a_result_says_which_version_made_it(desk: Desk) -> None:
    PRESS.versions["wood"] = "7"
    run = desk.run()
    versions = {
        step.key: step.result["metadata"]["provider_version"]
        for step in run.steps.all()
        if step.result is not None
    }
    assert versions == {"usual": "1", "copper": "1", "over": "1", "wood": "7"}


# -- keys of providers with one version ------------------------------------------------------------


def test_the_key_of_a_step_is_what_it_always_was(alice: User) -> None:
    """What servers have stored is found by it: another key would make everything again."""
    desk = Desk(alice, [note("a")], seeds={"a": 7})
    run = desk.start()
    work_off()
    assert Step.objects.get(run=run).reuse_key == KEY_OF_NOTE


def key(provider: Provider, tool: str, **params: Any) -> str:
    declared = registry.table().get(tool)
    assert declared is not None
    media = {"source": [MediaFingerprint("0" * 64, {"prompt": "herons"})]}
    return result_cache.key_of(declared, provider, params=params, media=media, seed=1, safe=True)


def test_the_key_of_a_call_to_a_service_is_what_it_always_was() -> None:
    options = {"base_url": "http://127.0.0.1:8080/v1", "images": ["sd-turbo", "flux"]}
    service = openai.configured("basement", options)
    studio = registry.provider_named("studio")
    assert studio is not None
    arguments = {"prompt": "a heron", "model": "flux"}
    assert key(service, "generate_image", **arguments) == KEY_AT_SERVICE
    assert key(studio, "generate_image", **arguments) == KEY_AT_STUDIO


# -- films that the studio puts together -----------------------------------------------------------


class OlderStudio(StudioProvider):
    """The studio when it called all of its results drafts."""

    def version_of(self, tool: str, params: Mapping[str, Any]) -> str:
        return "1"


def test_a_film_of_files_that_was_called_a_draft_is_made_again(alice: User, tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.mp4", frames=12)
    clip = services.keep_upload(
        owner=alice, path=tmp_path / "clip.mp4", filename="clip.mp4", kind="video"
    )
    subtitles = {
        "id": "film",
        "type": "fixed",
        "tool": "add_subtitles",
        "args": {
            "reference_video_url": "$inputs.clip",
            "cues": [{"start": 0, "end": 0.4, "text": "Lamp"}],
        },
        "produces": ["film"],
    }
    desk = Desk(
        alice,
        [subtitles],
        inputs=[{"name": "clip", "type": "video", "required": True}],
        values={"clip": f"reelgraph:object/{clip.public_id}/clip.mp4"},
    )
    before = desk.run()
    assert "draft" not in before.artifacts.get().meta
    assert reused(desk.run()) == {"film"}
    # What the older release left: the same film, with its mark and by its key.
    before.artifacts.update(meta={**before.artifacts.get().meta, "draft": True})
    Step.objects.update(reuse_key=key_of_step(before.steps.get(), OlderStudio(), clip.blob_id))
    again = desk.run()
    assert ran(again) == {"film"}
    assert "draft" not in again.artifacts.get().meta


def key_of_step(step: Step, provider: Provider, sha256: str) -> str:
    """The key of a step of one file by another release's provider."""
    declared = registry.table().get(step.tool)
    assert declared is not None
    call = resolved_from_json(step.resolved or {})
    file = MediaFingerprint(sha256, {})
    files = {reference: file for references in call.media.values() for reference in references}
    return result_cache.key_of_resolved(declared, provider, call, files, step.seed, safe=True)
