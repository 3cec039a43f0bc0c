"""ComfyUI's provider against a server that speaks its protocol: real HTTP, real WebSocket."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from pydantic import SecretStr

from core.errors import ProviderError
from mediakit.decode import open_image
from studio.tests.support.pictures import save
from tests.support.builders.jobs import Context
from tests.support.builders.jobs import job as make_job
from tests.support.certificates import make_certificate
from tests.support.fakes.comfyui_engine import png
from tests.support.fakes.comfyui_server import ComfyServer
from tests.support.waiting import WAIT_S, promised, wait_for
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.providers.base import Job, MediaFile, Misconfigured, Outcome, Provider, Stopped
from tools.providers.comfyui import configured, following
from tools.providers.comfyui.client import CANCEL_S


class Watched(Context):
    """Keeps what is said beside the progress, too."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[tuple[float, str]] = []

    def progress(self, fraction: float, message: str = "") -> None:
        super().progress(fraction, message)
        self.notes.append((fraction, message))

    def was_told(self, message: str) -> bool:
        return message in [said for _, said in self.notes]

    @property
    def job_ref(self) -> dict[str, Any] | None:
        return self.remembered[-1] if self.remembered else None


@pytest.fixture
def comfy() -> Iterator[ComfyServer]:
    with ComfyServer() as server:
        yield server


@pytest.fixture
def previews(comfy: ComfyServer) -> None:
    """Its graphs save nothing: a call ends without a child process that looks at its files."""
    comfy.switches.previews_only = True


@pytest.fixture
def graphs(tmp_path: Path) -> Path:
    folder = tmp_path / "graphs"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def provider(comfy: ComfyServer, graphs: Path) -> Provider:
    return configured("comfyui", {"url": comfy.url, "graphs": str(graphs)})


@pytest.fixture
def aside() -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor(4) as threads:
        yield threads.submit


def job(out: Path, tool: str = "generate_image", *, key: str = "1:1:1", **params: Any) -> Job:
    given = {"prompt": "a red fox", "width": 96, "height": 64, "steps": 4, **params}
    return make_job(out, tool, given, given.pop("media", None), key=key)


def again(first: Job, job_ref: Mapping[str, Any] | None = None) -> Job:
    """The same call as another attempt has it, with an empty folder."""
    folder = first.out.with_name(f"{first.out.name}-again")
    folder.mkdir()
    return replace(first, out=folder, job_ref=job_ref)


def medium(path: Path, **facts: Any) -> MediaFile:
    digest = sha256(path.read_bytes()).hexdigest()
    return MediaFile(path, "image", "image/png", digest, **facts)


def picture(tmp_path: Path, width: int = 64, height: int = 48) -> MediaFile:
    path = tmp_path / f"picture-{width}.png"
    path.write_bytes(png(width, height, b"\x30\x60\x90"))
    return medium(path, width=width, height=height)


def to_the_end(call: Callable[..., Outcome], *arguments: Any) -> None:
    """Make a call that has `previews` to show: their end is told once the server has done all."""
    with pytest.raises(ProviderError, match="gave only previews"):
        call(*arguments)


def sent(comfy: ComfyServer, kind: str) -> dict[str, Any]:
    """The inputs of the one node of a class in the last prompt."""
    nodes = comfy.entries("prompt")[-1]["nodes"].values()
    (inputs,) = [node["inputs"] for node in nodes if node["class_type"] == kind]
    return inputs


# -- what works -----------------------------------------------------------------------------------


def test_makes_pictures_by_a_shipped_graph(comfy: ComfyServer, provider: Provider, out: Path):
    context = Watched()
    outcome = provider.run(job(out, numberOfVariations=2, negativePrompt="fog"), context)
    assert [(file.kind, file.width, file.height) for file in outcome.files] == [
        ("image", 96, 64)
    ] * 2
    assert all(file.path.parent == out and file.path.exists() for file in outcome.files)
    assert outcome.files[0].path.read_bytes() != outcome.files[1].path.read_bytes()
    assert outcome.files[0].meta == {
        "provider": "comfyui",
        "graph": "checkpoint_text_to_image",
        "seed": 7,
    }
    assert outcome.warnings == ()
    assert context.submitted == 1
    known = context.job_ref or {}
    assert (known["prompt_id"], known["url"]) == (comfy.entries("prompt")[0]["id"], comfy.url)
    sampler = sent(comfy, "KSampler")
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (7, 4, 7.0)


@pytest.mark.slow
def test_the_same_call_is_the_same_prompt_and_a_redo_another(
    comfy: ComfyServer, provider: Provider, out: Path
):
    first = job(out)
    provider.run(first, Watched())
    provider.run(again(first), Watched())
    assert len(comfy.entries("prompt")) == 1
    provider.run(job(out / "redo", key="1:1:2"), Watched())
    assert len({entry["id"] for entry in comfy.entries("prompt")}) == 2


@pytest.mark.slow
def test_media_are_sent_once_by_their_content(
    comfy: ComfyServer, provider: Provider, out: Path, tmp_path: Path
):
    image = picture(tmp_path)
    enlarge = job(out, "upscale_image", scale=3, media={"image": (image,)})
    outcome = provider.run(enlarge, Watched())
    assert (outcome.files[0].width, outcome.files[0].height) == (192, 144)
    assert sent(comfy, "LoadImage")["image"] == f"reelgraph/{image.sha256[:40]}.png"
    provider.run(
        job(out / "again", "upscale_image", key="2:1:1", scale=2, media={"image": (image,)}),
        Watched(),
    )
    names = [entry["name"] for entry in comfy.entries("upload")]
    assert names == [f"{image.sha256[:40]}.png"] * 2
    assert len(list((comfy.folder / "input" / "reelgraph").iterdir())) == 1


def test_makes_films_of_the_length_asked_for(
    comfy: ComfyServer, provider: Provider, out: Path, tmp_path: Path
):
    wide = picture(tmp_path, 160, 90)
    call = job(out, "animate_photo", duration=1, width=None, height=None, media={"image": (wide,)})
    outcome = provider.run(call, Watched())
    latent = sent(comfy, "Wan22ImageToVideoLatent")
    assert latent["length"] == 25
    assert (latent["width"] % 32, latent["height"] % 32) == (0, 0)
    assert latent["width"] / latent["height"] == pytest.approx(16 / 9, rel=0.05)
    (film,) = outcome.files
    assert (film.kind, film.mime) == ("video", "video/mp4")
    assert film.duration_s == pytest.approx(25 / 24, abs=0.1)


def test_a_mask_chooses_the_graph_that_takes_one(
    comfy: ComfyServer, provider: Provider, out: Path, tmp_path: Path
):
    # As drawn elsewhere: white on black, and smaller than the picture.
    drawn = np.zeros((24, 32, 3), np.uint8)
    drawn[:12] = 255
    mask = medium(save(tmp_path / "mask.png", drawn), width=32, height=24)
    given = {"image": (picture(tmp_path),), "mask": (mask,)}
    masked = job(out, "edit_image", width=None, height=None, media=given)
    outcome = provider.run(masked, Watched())
    assert outcome.files[0].meta["graph"] == "checkpoint_inpaint"
    assert outcome.warnings == ()
    found = open_image(comfy.folder / "input" / sent(comfy, "LoadImageMask")["image"])
    assert found.shape == (48, 64, 4)
    assert found[:20, :, 3].max() == 0
    assert found[28:, :, 3].min() == 255


@pytest.mark.usefixtures("previews")
def test_a_large_image_is_inpainted_at_the_models_size_and_put_back(
    comfy: ComfyServer, provider: Provider, out: Path, tmp_path: Path
):
    image = picture(tmp_path, 1920, 1080)
    mask = medium(save(tmp_path / "mask.png", np.zeros((24, 32, 3), np.uint8)), width=32, height=24)
    masked = job(
        out, "edit_image", width=None, height=None, media={"image": (image,), "mask": (mask,)}
    )
    to_the_end(provider.run, masked, Watched())
    nodes = comfy.entries("prompt")[-1]["nodes"]
    inpainted = sent(comfy, "InpaintModelConditioning")["pixels"][0]
    scaled = nodes[inpainted]["inputs"]
    assert nodes[inpainted]["class_type"] == "ImageScale"
    assert scaled["width"] * scaled["height"] == pytest.approx(1024**2, rel=0.02)
    assert scaled["width"] / scaled["height"] == pytest.approx(16 / 9, rel=0.01)
    assert (scaled["width"] % 8, scaled["height"] % 8) == (0, 0)
    kept = sent(comfy, "ImageCompositeMasked")
    assert nodes[kept["destination"][0]]["class_type"] == "LoadImage"
    assert kept["resize_source"] is True


def test_a_model_chooses_its_graph_and_what_that_does_not_use_is_said(
    comfy: ComfyServer, provider: Provider, out: Path
):
    assert provider.models("generate_image") == ("sdxl", "flux1-dev")
    call = job(out, model="flux1-dev", negativePrompt="fog", outputFormat="webp")
    flux = provider.run(call, Watched())
    assert flux.files[0].meta["graph"] == "flux_text_to_image"
    assert set(flux.warnings) == {
        "negativePrompt isn't supported by the ComfyUI graph flux_text_to_image. Ignored.",
        "outputFormat isn't supported by the ComfyUI graph flux_text_to_image. Ignored.",
    }


@pytest.mark.usefixtures("previews")
def test_cached_nodes_count_as_done(comfy: ComfyServer, provider: Provider, out: Path):
    comfy.switches.cached = ("4", "5", "6", "7")
    comfy.switches.step_s = 0.1
    context = Watched()
    to_the_end(provider.run, job(out), context)
    first = next(fraction for fraction, note in context.notes if note.startswith("KSampler"))
    assert first > 0.5


# -- a graph of one's own -------------------------------------------------------------------------

WATERCOLOUR = {
    "_reelgraph": {
        "title": "Watercolour",
        "help": "Paint a picture over in watercolour.",
        "parameters": {"strength": {"help": "How far to go.", "min": 0, "max": 1}},
    },
    "1": {"class_type": "LoadImage", "inputs": {"image": "{{image}}"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "watercolour of {{prompt}}, wet"}},
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": "{{seed}}",
            "steps": "{{steps:int=4}}",
            "denoise": "{{strength:float=0.6}}",
            "sampler_name": "euler",
            "positive": ["2", 0],
            "latent_image": ["1", 0],
        },
    },
    "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "w"}},
}


def put(folder: Path, name: str, graph: Mapping[str, Any]) -> None:
    (folder / f"{name}.json").write_text(json.dumps(graph))


def with_graph(comfy: ComfyServer, graphs: Path, graph: Mapping[str, Any]) -> Provider:
    put(graphs, "watercolour", graph)
    return configured("comfyui", {"url": comfy.url, "graphs": str(graphs)})


def painting(declared: type[Tool], out: Path, **given: Any) -> Job:
    """A call of the tool that `WATERCOLOUR` is."""
    params = fill_defaults(declared, {"prompt": "a fox", **given})
    return Job("watercolour", params, {"image": (picture(out.parent),)}, 7, "1:1:1", out)


def test_a_graph_of_ones_own_is_a_tool_that_runs(comfy: ComfyServer, graphs: Path, out: Path):
    provider = with_graph(comfy, graphs, WATERCOLOUR)
    (declared,) = provider.own_tools()
    assert (declared.name, declared.title, declared.output, declared.seeded) == (
        "watercolour",
        "Watercolour",
        "image",
        True,
    )
    given = {"prompt": 'a "red" {{fox}}', "strength": 0.25}
    call = replace(painting(declared, out, **given), seed=2**32 - 1)
    assert provider.run(call, Watched()).files[0].kind == "image"
    assert sent(comfy, "CLIPTextEncode")["text"] == 'watercolour of a "red" {{fox}}, wet'
    sampler = sent(comfy, "KSampler")
    assert (sampler["seed"], sampler["steps"], sampler["denoise"]) == (2**32 - 1, 4, 0.25)
    assert "_reelgraph" not in comfy.entries("prompt")[0]["nodes"]


def test_films_and_pictures_of_one_graph_are_told_apart(
    comfy: ComfyServer, graphs: Path, out: Path
):
    film = {"class_type": "VHS_VideoCombine", "inputs": {"images": ["3", 0]}}
    facts = {**WATERCOLOUR["_reelgraph"], "output": "video"}
    provider = with_graph(comfy, graphs, {**WATERCOLOUR, "_reelgraph": facts, "10": film})
    (declared,) = provider.own_tools()
    outcome = provider.run(painting(declared, out), Watched())
    assert [file.kind for file in outcome.files] == ["video"]
    assert outcome.warnings == (
        "The ComfyUI graph watercolour also saved image, which was ignored.",
    )


def test_bad_files_are_named_with_the_remedy_and_spoil_nothing(comfy: ComfyServer, graphs: Path):
    put(graphs, "editor", {"nodes": [], "links": []})
    put(graphs, "generate_image", WATERCOLOUR)
    put(graphs, "typo", {**WATERCOLOUR, "1": {"class_type": "X", "inputs": {"a": "{{a:txt}}"}}})
    (graphs / "broken.json").write_text("{")
    provider = with_graph(comfy, graphs, WATERCOLOUR)
    assert provider.tools() & {tool.name for tool in provider.own_tools()} == {"watercolour"}
    said = "\n".join(provider.problems())
    assert "editor.json: This is ComfyUI's editor format. Use Workflow" in said
    assert "broken.json: It isn't JSON" in said
    assert "typo.json: {{a:txt}} in input a of node 1: the types are text, int" in said
    assert "generate_image.json: There is a tool generate_image already. Rename" in said


# -- what goes wrong ------------------------------------------------------------------------------


def failure(provider: Provider, call: Job) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        provider.run(call, Watched())
    return caught.value


def test_a_refused_value_names_node_and_input(comfy: ComfyServer, provider: Provider, out: Path):
    error = failure(provider, job(out, guidance=500))
    assert (error.error_type, error.retryable) == ("PARAMETER_INVALID", False)
    assert "cfg of KSampler (3): Value 500.0 bigger than 100" in error.message


def test_a_missing_model_file_is_no_fault_of_the_caller(
    comfy: ComfyServer, provider: Provider, out: Path
):
    error = failure(provider, job(out, checkpoint="none.safetensors"))
    assert (error.error_type, error.retryable) == ("MODEL_UNAVAILABLE", False)
    assert "ckpt_name of CheckpointLoaderSimple (4)" in error.message


@pytest.mark.parametrize(
    ("raised", "error_type", "retryable"),
    [
        (("torch.OutOfMemoryError", "Allocation on device "), "GPU_WORKER_FAILED", True),
        (("RuntimeError", "CUDA out of memory. Tried"), "GPU_WORKER_FAILED", True),
        (("FileNotFoundError", "Model in folder 'vae' not found"), "MODEL_UNAVAILABLE", False),
        (("RuntimeError", "mat1 and mat2 shapes differ"), "GPU_WORKER_FAILED", False),
    ],
)
def test_failures_of_nodes_say_whether_to_try_again(
    comfy: ComfyServer,
    provider: Provider,
    out: Path,
    raised: tuple[str, str],
    error_type: str,
    retryable: bool,
):
    comfy.switches.raises = raised
    error = failure(provider, job(out))
    assert (error.error_type, error.retryable) == (error_type, retryable)
    assert "KSampler (3)" in error.message


@pytest.mark.usefixtures("previews")
def test_after_a_failure_the_next_attempt_is_a_prompt_of_its_own(
    comfy: ComfyServer, provider: Provider, out: Path
):
    comfy.switches.raises = ("torch.OutOfMemoryError", "Allocation on device")
    first = job(out)
    failure(provider, first)
    comfy.switches.raises = None
    to_the_end(provider.run, again(first), Watched())
    assert len({entry["id"] for entry in comfy.entries("prompt")}) == 2


def test_the_token_is_sent_everywhere_and_told_nowhere(comfy: ComfyServer, graphs: Path, out: Path):
    comfy.switches.token = "s3cret"
    without = failure(configured("comfyui", {"url": comfy.url, "graphs": str(graphs)}), job(out))
    assert (without.error_type, without.retryable) == ("MODEL_UNAVAILABLE", False)
    options = {"url": comfy.url, "key": SecretStr("s3cret"), "graphs": str(graphs)}
    provider = configured("comfyui", options)
    assert provider.run(job(out), Watched()).files
    assert comfy.entries("socket")
    assert "s3cret" not in repr(vars(provider)) + repr([c.address for c in provider._clients])


def test_a_result_that_is_no_picture_is_refused(comfy: ComfyServer, provider: Provider, out: Path):
    comfy.switches.wrong_file = b"<html>sign in</html>"
    error = failure(provider, job(out))
    assert (error.error_type, error.retryable) == ("GPU_WORKER_FAILED", False)
    assert "can't be used" in error.message


def large(kind: str, size: tuple[int, int]) -> bytes:
    """Red on the left, blue on the right."""
    whole = PIL.Image.new("RGB", size, (200, 30, 30))
    whole.paste((30, 30, 200), (size[0] // 2, 0, *size))
    target = io.BytesIO()
    whole.save(target, kind, **({"compress_level": 1} if kind == "PNG" else {}))
    return target.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "size"), [("JPEG", (8008, 5000)), ("PNG", (9000, 6000))])
def test_an_image_of_over_40_megapixels_is_reduced(
    comfy: ComfyServer, provider: Provider, out: Path, kind: str, size: tuple[int, int]
):
    comfy.switches.wrong_file = large(kind, size)
    outcome = provider.run(job(out), Watched())
    (file,) = outcome.files
    assert file.width
    assert file.height
    assert 39_900_000 < file.width * file.height <= 40_000_000
    assert file.mime == f"image/{kind.lower()}"
    assert outcome.warnings == (
        f"The image was too large and was reduced to {file.width}×{file.height}.",
    )
    with PIL.Image.open(file.path) as seen:
        assert seen.size == (file.width, file.height)
        # Of a JPEG, an eighth is decoded.
        seen.draft("RGB", (1000, 600))
        left, right = (seen.getpixel((x, 100)) for x in (100, seen.width - 100))
    assert left[0] > 150 > right[0]


# -- sockets, restarts, kills ---------------------------------------------------------------------


@pytest.mark.usefixtures("previews")
def test_works_where_sockets_are_refused(comfy: ComfyServer, provider: Provider, out: Path):
    comfy.switches.refuse_sockets = True
    to_the_end(provider.run, job(out), Watched())
    assert not comfy.entries("socket")


@pytest.mark.usefixtures("previews")
def test_a_socket_that_drops_costs_nothing(
    comfy: ComfyServer, provider: Provider, out: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "RECONNECT_S", 0.05)
    comfy.switches.drop_sockets_at_step = 2
    comfy.switches.step_s = 0.1
    to_the_end(provider.run, job(out, steps=8), Watched())
    assert len(comfy.entries("socket")) > 1
    assert len(comfy.entries("prompt")) == 1


def test_a_server_that_ends_in_the_middle_is_noticed_at_once(
    graphs: Path, out: Path, aside: Callable[..., Future[Outcome]]
):
    with ComfyServer() as server:
        provider = configured("comfyui", {"url": server.url, "graphs": str(graphs)})
        server.switches.gate.clear()
        running = aside(provider.run, job(out), Watched())
        wait_for(lambda: server.engine.running, "running")
    with promised(5), pytest.raises(ProviderError, match="stopped running") as caught:
        running.result(WAIT_S)
    assert (caught.value.error_type, caught.value.retryable) == ("GPU_WORKER_FAILED", True)
    assert caught.value.retry_after_s


@pytest.mark.usefixtures("previews")
def test_a_server_behind_a_failing_proxy_is_waited_for(
    comfy: ComfyServer, provider: Provider, out: Path, aside: Callable[..., Future[Outcome]]
):
    comfy.switches.gate.clear()
    context = Watched()
    running = aside(provider.run, job(out), context)
    wait_for(lambda: comfy.engine.running, "running")
    comfy.switches.status = 502
    comfy.engine.drop()
    wait_for(lambda: context.was_told("ComfyUI isn't answering"), "the note")
    comfy.switches.status = 0
    comfy.switches.gate.set()
    to_the_end(running.result, WAIT_S)


@pytest.mark.usefixtures("previews")
def test_a_late_history_is_waited_for(comfy: ComfyServer, provider: Provider, out: Path):
    comfy.switches.late_history = 3
    to_the_end(provider.run, job(out), Watched())


@pytest.mark.usefixtures("previews")
@pytest.mark.parametrize("switch", ["lose_answer", "page_for_prompt"])
def test_a_lost_answer_does_not_make_it_twice(
    comfy: ComfyServer, provider: Provider, out: Path, switch: str
):
    setattr(comfy.switches, switch, True)
    first = job(out)
    assert failure(provider, first).retryable
    to_the_end(provider.run, again(first), Watched())
    assert len(comfy.entries("prompt")) == 1


@pytest.mark.usefixtures("previews")
def test_another_worker_attaches_to_what_runs_though_nothing_was_remembered(
    comfy: ComfyServer, provider: Provider, out: Path, aside: Callable[..., Future[Outcome]]
):
    comfy.switches.gate.clear()
    first, context = job(out), Watched()
    lost = aside(provider.run, first, context)
    wait_for(lambda: context.job_ref, "remembering the prompt")
    context.stop()
    with pytest.raises(Stopped):
        lost.result(WAIT_S)
    taken = aside(provider.run, again(first), Watched())
    wait_for(lambda: len(comfy.entries("socket")) > 1, "listening again")
    comfy.switches.gate.set()
    to_the_end(taken.result, WAIT_S)
    assert len(comfy.entries("prompt")) == 1


@pytest.mark.slow
def test_old_servers_choose_ids_and_are_attached_to_all_the_same(
    comfy: ComfyServer, provider: Provider, out: Path
):
    comfy.switches.takes_ids, comfy.switches.version = False, None
    first, context = job(out), Watched()
    assert provider.run(first, context).files
    assert context.job_ref is not None
    assert context.job_ref["prompt_id"] == comfy.engine.executed[0]
    assert provider.run(again(first), Watched()).files
    assert len(comfy.entries("prompt")) == 1


@pytest.mark.slow
def test_a_restart_loses_the_prompt_and_may_be_tried_again(
    comfy: ComfyServer,
    provider: Provider,
    out: Path,
    aside: Callable[..., Future[Outcome]],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(following, "LOOK_S", 0.1)
    comfy.switches.gate.clear()
    first, context = job(out), Watched()
    lost = aside(provider.run, first, context)
    wait_for(lambda: comfy.engine.running, "running")
    wait_for(lambda: context.job_ref, "remembering the prompt")
    comfy.engine.forget_everything()
    with pytest.raises(ProviderError, match="lost the prompt") as caught:
        lost.result(WAIT_S)
    assert caught.value.retryable
    comfy.switches.gate.set()
    assert provider.run(again(first), Watched()).files


# -- cancelling -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("previews")
@pytest.mark.parametrize("version", ["0.3.64", None])
def test_cancelling_what_waits_leaves_others_alone(
    comfy: ComfyServer,
    provider: Provider,
    out: Path,
    aside: Callable[..., Future[Outcome]],
    version: str | None,
):
    comfy.switches.version = version
    comfy.switches.gate.clear()
    others = aside(provider.run, job(out), Watched())
    wait_for(lambda: comfy.engine.running, "running")
    context = Watched()
    ours = aside(provider.run, job(out / "ours", key="2:1:1"), context)
    wait_for(lambda: context.job_ref, "remembering the prompt")
    assert context.job_ref is not None
    context.stop()
    provider.cancel(context.job_ref)
    wait_for(all_stops_are_asked, "the end of the requests")
    assert not comfy.entries("interrupt")
    assert not comfy.engine.pending
    comfy.switches.gate.set()
    to_the_end(others.result, WAIT_S)
    with pytest.raises(Stopped):
        ours.result(WAIT_S)


def test_cancelling_never_raises_and_asks_no_outsider(graphs: Path):
    with ComfyServer() as outsider, ComfyServer() as ours:
        provider = configured("comfyui", {"url": ours.url, "graphs": str(graphs)})
        provider.cancel({"prompt_id": "x", "url": outsider.url})
        wait_for(all_stops_are_asked, "the end of the requests")
        assert not outsider.ledger
    provider.cancel({"prompt_id": "x", "url": ours.url})
    wait_for(all_stops_are_asked, "the end of the requests")


def test_cancelling_does_not_wait_for_a_server_that_is_silent(graphs: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        provider = configured("comfyui", {"url": url, "graphs": str(graphs)})
        with promised(CANCEL_S / 2):
            provider.cancel({"prompt_id": "x", "url": url})
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(11) == b"POST /queue"
    wait_for(all_stops_are_asked, "the end of the requests")


def all_stops_are_asked() -> bool:
    """Whether no provider is asking a server to stop a prompt."""
    return not any(thread.name.startswith("stop at") for thread in threading.enumerate())


# -- several servers, and what is configured wrongly ----------------------------------------------


@pytest.mark.slow
def test_of_several_servers_an_idle_one_is_asked(
    graphs: Path, out: Path, aside: Callable[..., Future[Outcome]]
):
    with ComfyServer() as busy, ComfyServer() as idle:
        options = {"urls": [busy.url, idle.url], "graphs": str(graphs)}
        provider = configured("comfyui", options)
        busy.switches.gate.clear()
        first = aside(provider.run, job(out), Watched())
        wait_for(lambda: busy.engine.running, "running")
        assert provider.run(job(out / "second", key="2:1:1"), Watched()).files
        assert len(idle.calls("*prompt")) == 1
        busy.switches.gate.set()
        assert first.result(WAIT_S).files
        busy.switches.status = 503
        assert provider.run(job(out / "third", key="3:1:1"), Watched()).files
        assert len(idle.calls("*prompt")) == 2


def test_a_visit_tells_the_version_and_what_a_graph_lacks_there(comfy: ComfyServer, graphs: Path):
    own = {**WATERCOLOUR, "1": {"class_type": "FancyNode", "inputs": {"image": "{{image}}"}}}
    (visit,) = with_graph(comfy, graphs, own).visits()
    host = comfy.url.removeprefix("http://")
    assert visit.says == f"ComfyUI 0.3.64 at {host}"
    assert [problem for problem in visit.problems if "watercolour" in problem] == [
        f"{host} doesn't have the node FancyNode. The graph watercolour needs it.",
    ]
    comfy.switches.status = 502
    (away,) = with_graph(comfy, graphs, own).visits()
    assert away.is_away
    assert "returned 502" in away.says


def test_a_visit_tells_which_weights_are_not_there(comfy: ComfyServer, provider: Provider):
    (visit,) = provider.visits()
    assert [problem for problem in visit.problems if "qwen_edit_image" in problem] == [
        f"{comfy.url.removeprefix('http://')} doesn't have"
        " models/text_encoders/qwen_2.5_vl_7b_fp8_scaled.safetensors,"
        " models/vae/qwen_image_vae.safetensors. The graph qwen_edit_image needs them."
    ]
    assert len(visit.problems) == 1
    comfy.switches.no_weights = True
    (bare,) = provider.visits()
    assert len(bare.problems) == 7
    assert any("models/checkpoints/sd_xl_base_1.0.safetensors" in one for one in bare.problems)
    assert any("models/upscale_models/RealESRGAN_x4plus" in one for one in bare.problems)


def test_a_value_that_a_server_does_not_know_is_told(comfy: ComfyServer, graphs: Path):
    nodes = {**WATERCOLOUR, "3": {**WATERCOLOUR["3"]}}
    nodes["3"]["inputs"] = {**WATERCOLOUR["3"]["inputs"], "sampler_name": "eulr"}
    (visit,) = with_graph(comfy, graphs, nodes).visits()
    assert any("doesn't have sampler_name eulr. The graph" in one for one in visit.problems)


# -- what a server says of its nodes --------------------------------------------------------------

UNKNOWN_SAVER = {
    **WATERCOLOUR,
    "9": {"class_type": "AcmeImageOut", "inputs": {"pictures": ["3", 0]}},
}


def test_a_node_that_saves_is_learned_from_the_server(
    comfy: ComfyServer, graphs: Path, out: Path, tmp_path: Path, settings: Any
):
    settings.HOME = tmp_path
    provider = with_graph(comfy, graphs, UNKNOWN_SAVER)
    (declared,) = provider.own_tools()
    assert (declared.name, declared.output, declared.unusable) == ("watercolour", "image", "")
    assert provider.run(painting(declared, out), Watched()).files[0].kind == "image"
    asked = len(comfy.entries("object_info"))
    # What was learned is there for the next process, also while the server is away.
    comfy.switches.status = 502
    (again,) = with_graph(comfy, graphs, UNKNOWN_SAVER).own_tools()
    assert again.output == "image"
    assert len(comfy.entries("object_info")) == asked


def test_a_node_that_no_server_can_be_asked_about_is_told(
    comfy: ComfyServer, graphs: Path, tmp_path: Path, settings: Any
):
    settings.HOME = tmp_path
    comfy.switches.status = 502
    provider = with_graph(comfy, graphs, UNKNOWN_SAVER)
    assert provider.tools() & {"watercolour"} == frozenset()
    [problem] = provider.problems()
    assert "can't be asked about" in problem
    assert "Start it and restart Reelgraph" in problem
    comfy.switches.status = 0
    assert "watercolour" in with_graph(comfy, graphs, UNKNOWN_SAVER).tools()


def test_a_file_for_a_known_tool_is_no_tool_of_its_own(comfy: ComfyServer, graphs: Path):
    facts = {"tool": "generate_image"}
    provider = with_graph(comfy, graphs, {**UNKNOWN_SAVER, "_reelgraph": facts, "3": 7})
    assert provider.own_tools() == ()
    assert len(provider.problems()) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "it has no url"),
        ({"url": "gpu:8188"}, "write http://host:port"),
        ({"url": "http://joe:pw@gpu:8188"}, "has a name or password"),
        ({"url": "http://gpu:8188", "colour": "red"}, "colour is unknown"),
        ({"url": "http://gpu:8188", "timeout_s": 0}, "timeout_s"),
        ({"url": "https://gpu:8188", "ca_file": "/nowhere.pem"}, "there is no file /nowhere.pem"),
        ({"url": "http://gpu:8188", "headers": {"X-A": "a\nb"}}, "the header X-A"),
    ],
)
def test_wrong_settings_say_what_to_write(options: dict[str, Any], says: str):
    with pytest.raises(Misconfigured, match=says) as caught:
        configured("comfyui", {"kind": "comfyui", **options})
    assert "pw" not in str(caught.value)


def test_speaks_by_tls_with_a_certificate_of_ones_own(graphs: Path, out: Path, tmp_path: Path):
    certificate = make_certificate(tmp_path / "comfy.pem")
    with ComfyServer(certificate=certificate) as server:
        plain = configured("comfyui", {"url": server.url, "graphs": str(graphs)})
        untrusted = failure(plain, job(out))
        assert (untrusted.error_type, untrusted.retryable) == ("MODEL_UNAVAILABLE", False)
        assert "a certificate that isn't trusted (self-signed certificate)" in untrusted.message
        assert "set ca_file" in untrusted.message
        options = {"url": server.url, "graphs": str(graphs), "ca_file": str(certificate)}
        trusting, keys = configured("comfyui", options), (f"{n}:1:1" for n in count(1))

        def is_heard() -> bool:
            # A socket that opens late is done without.
            assert trusting.run(job(out, key=next(keys)), Watched()).files
            return bool(server.entries("socket"))

        wait_for(is_heard, "a socket by TLS")
