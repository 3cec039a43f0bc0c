"""OpenAI-compatible services do tools' work: what they are asked, and what their failures mean."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from media.sandbox import reframe
from tests.support.builders.jobs import Context, medium, run
from tests.support.fakes.openai_server import KEY, OpenAIServer, Reply, failure
from tools.providers.base import Misconfigured
from tools.providers.openai import OpenAIProvider, configured
from tools.providers.openai.chat import chat
from tools.providers.openai.client import OpenAIClient

PICTURES = "/images/generations"
FOX = {"prompt": "a red fox", "model": "gpt-image-1"}
Make = Callable[..., OpenAIProvider]


def drawn(path: Path, size: tuple[int, int] = (96, 64)) -> Any:
    """A picture with a red left half, as a step's input."""
    pixels = np.full((size[1], size[0], 3), (40, 60, 80), np.uint8)
    pixels[:, : size[0] // 2] = (200, 30, 30)
    Image.fromarray(pixels).save(path)
    return medium(path, width=size[0], height=size[1])


# -- pictures ------------------------------------------------------------------------------------


def test_a_picture_is_made_and_says_who_made_it(make: Make, server: OpenAIServer, tmp_path: Path):
    context = Context()
    outcome = run(make(), tmp_path / "out", "generate_image", FOX, context=context)
    (file,) = outcome.files
    assert (file.kind, file.mime, file.width, file.height) == ("image", "image/png", 1024, 1024)
    assert file.path.parent == tmp_path / "out"
    assert file.meta["provider"] == "openai"
    assert file.meta["model"] == "gpt-image-1"
    assert "draft" not in file.meta
    (asked,) = server.calls(PICTURES)
    assert asked.body == {
        "model": "gpt-image-1", "prompt": "a red fox", "size": "1024x1024", "n": 1,
    }  # fmt: skip
    assert "idempotency-key" not in asked.headers
    assert context.submitted == 1
    assert (outcome.warnings, outcome.actual_milli) == ((), None)


def test_a_size_becomes_one_the_model_takes_and_a_change_is_said(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    outcome = run(make(), tmp_path / "out", "generate_image", {**FOX, "aspectRatio": "16:9"})
    assert server.calls(PICTURES)[0].body["size"] == "1536x1024"
    assert (outcome.files[0].width, outcome.files[0].height) == (1536, 1024)
    assert outcome.warnings == (
        "That aspect ratio isn't supported by gpt-image-1. Made at 1536×1024.",
    )


def test_gpt_models_are_told_in_their_own_words(make: Make, server: OpenAIServer, tmp_path: Path):
    outcome = run(
        make(),
        tmp_path / "out",
        "generate_image",
        {
            **FOX,
            "gptImageQuality": "max",
            "gptImageBackground": "opaque",
            "outputFormat": "jpg",
            "gptImageOutputCompression": 60,
            "negativePrompt": "people",
            "guidance": 4,
            "seed": 11,
        },
    )
    body = server.calls(PICTURES)[0].body
    assert (body["quality"], body["background"]) == ("high", "opaque")
    assert (body["output_format"], body["output_compression"]) == ("jpeg", 60)
    assert body["prompt"] == "a red fox\n\nIt must not show: people"
    assert outcome.files[0].mime == "image/jpeg"
    assert outcome.warnings == (
        "The highest quality of gpt-image-1 is high, so that was used.",
        "gpt-image-1 doesn't support a seed and guidance. Ignored.",
    )


@pytest.mark.parametrize(
    ("model", "background", "kind", "warning"),
    [
        ("gpt-image-1", "transparent", "png", "JPEG can't be transparent. Saved as PNG."),
        ("x/gpt-image-2-2026-04-21", None, "jpeg", "{} doesn't support transparent backgrounds."),
    ],
)
def test_only_models_that_have_transparent_backgrounds_are_asked_for_them(
    make: Make,
    server: OpenAIServer,
    tmp_path: Path,
    model: str,
    background: str | None,
    kind: str,
    warning: str,
):
    asked_for = {"gptImageBackground": "transparent", "outputFormat": "jpg"}
    arguments = {"prompt": "x", "model": model, **asked_for}
    outcome = run(make(images=[model]), tmp_path / "out", "generate_image", arguments)
    body = server.calls(PICTURES)[0].body
    assert (body.get("background"), body["output_format"]) == (background, kind)
    assert outcome.warnings[0].startswith(warning.format(model))


def test_a_compatible_server_gets_the_parameters_it_is_said_to_take(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    provider = make(extra_parameters=["seed", "negative_prompt", "guidance_scale"])
    arguments = {"prompt": "a fox", "model": "sd-turbo", "negativePrompt": "fog", "guidance": 4}
    outcome = run(provider, tmp_path / "out", "generate_image", arguments, seed=42)
    body = server.calls(PICTURES)[0].body
    assert (body["seed"], body["negative_prompt"], body["guidance_scale"]) == (42, "fog", 4)
    assert (body["prompt"], body["response_format"]) == ("a fox", "b64_json")
    assert outcome.warnings == ()


def test_dall_e_3_is_asked_once_for_each_picture(make: Make, server: OpenAIServer, tmp_path: Path):
    context = Context()
    arguments = {"prompt": "a fox", "model": "dall-e-3", "numberOfVariations": 2}
    outcome = run(make(), tmp_path / "out", "generate_image", arguments, context=context)
    assert len(outcome.files) == 2
    assert [asked.body["n"] for asked in server.calls(PICTURES)] == [1, 1]
    assert context.submitted == 2
    assert outcome.files[0].meta["revised_prompt"] == "a fox, in detail"


def test_what_was_paid_for_is_kept_when_a_later_call_fails(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    # The first goes well; the second does not.
    provider = make(prices={"dall-e-3": {"each": 2}})
    arguments = {"prompt": "a fox", "model": "dall-e-3", "numberOfVariations": 2}
    context = Context()
    answered = context.submitting

    def submitting(request: object = None) -> None:
        answered()
        if context.submitted == 2:
            server.replies[PICTURES].append(failure(429, "Slow down."))

    context.submitting = submitting  # type: ignore[method-assign]
    outcome = run(provider, tmp_path / "out", "generate_image", arguments, context=context)
    assert len(outcome.files) == 1
    assert outcome.actual_milli == 2000
    assert any(
        "Some results are missing" in said and "Slow down." in said for said in outcome.warnings
    )


def test_an_address_of_the_service_itself_is_fetched_though_it_is_private(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    server.answer_urls = True
    arguments = {"prompt": "a fox", "model": "sd-turbo", "width": 256, "height": 256}
    outcome = run(make(), tmp_path / "out", "generate_image", arguments)
    (fetched,) = server.calls("/files/0.png", "GET")
    assert fetched.headers["authorization"] == f"Bearer {KEY}"
    assert outcome.files[0].width == 256


@pytest.mark.parametrize("address", ["http://169.254.169.254/x.png", "https://10.0.0.7/x.png"])
def test_a_private_address_elsewhere_is_not_fetched(
    make: Make, server: OpenAIServer, tmp_path: Path, address: str
):
    server.replies[PICTURES].append(Reply(body={"data": [{"url": address}]}))
    with pytest.raises(ProviderUnsure, match="couldn't be downloaded"):
        run(make(), tmp_path / "out", "generate_image", FOX)


def test_an_edit_sends_pictures_and_a_mask_of_their_size(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    mask = np.zeros((32, 48, 4), np.uint8)
    mask[..., 3] = 255
    mask[:, :24, 3] = 0
    Image.fromarray(mask).save(tmp_path / "mask.png")
    media = {
        "image": (drawn(tmp_path / "a.png"), drawn(tmp_path / "b.png", (50, 50))),
        "mask": (medium(tmp_path / "mask.png"),),
    }
    arguments = {"prompt": "make it snow", "model": "gpt-image-2"}
    outcome = run(make(), tmp_path / "out", "edit_image", arguments, media=media)
    (asked,) = server.calls("/images/edits")
    assert asked.body == {"model": "gpt-image-2", "prompt": "make it snow", "n": "1"}
    assert [name for name, _ in asked.files] == ["image[]", "image[]", "mask"]
    sent = np.asarray(Image.open(io.BytesIO(asked.files[2][1])))
    assert sent.shape == (64, 96, 4)
    assert (sent[:, :46, 3] == 0).all()
    assert (sent[:, 50:, 3] == 255).all()
    assert outcome.files[0].kind == "image"


def test_a_mask_without_transparency_is_read_as_white_on_black(tmp_path: Path):
    grey = np.zeros((64, 96), np.uint8)
    grey[:32] = 255
    Image.fromarray(grey).save(tmp_path / "mask.png")
    target = tmp_path / "sent.png"
    paths = {"path": str(tmp_path / "mask.png"), "target": str(target)}
    reframe.mask({**paths, "width": 96, "height": 64}, lambda fraction, message: None)
    sent = np.asarray(Image.open(target))
    assert (sent[:30, :, 3] == 0).all()
    assert (sent[34:, :, 3] == 255).all()


def test_a_starting_picture_makes_it_an_edit_and_where_it_was_taken_is_not_sent(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    picture = Image.new("RGB", (40, 30), (9, 90, 9))
    exif = picture.getexif()
    exif[0x0112] = 6  # lying on its side
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(tmp_path / "photo.jpg", exif=exif)
    media = {"image": (medium(tmp_path / "photo.jpg", mime="image/jpeg"),)}
    arguments = {"prompt": "x", "model": "gpt-image-2", "starting_image_strength": 0.6}
    outcome = run(make(), tmp_path / "out", "generate_image", arguments, media=media)
    (asked,) = server.calls("/images/edits")
    sent = Image.open(io.BytesIO(asked.files[0][1]))
    assert sent.size == (30, 40)
    assert not sent.getexif()
    assert any("Image strength isn't supported" in warning for warning in outcome.warnings)


# -- speech, looking, films ----------------------------------------------------------------------


def test_a_text_is_spoken_and_a_streamed_header_is_fixed(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    arguments = {"prompt": "Thirty characters of some text.", "voice": "vivian",
                 "voice_description": "Slowly.", "language": "german"}  # fmt: skip
    outcome = run(make(), tmp_path / "out", "generate_speech", arguments)
    (asked,) = server.calls("/audio/speech")
    assert asked.body == {
        "model": "gpt-4o-mini-tts",
        "input": "Thirty characters of some text.",
        "voice": "coral",
        "response_format": "wav",
        "instructions": "Slowly. Speak German.",
    }
    (file,) = outcome.files
    assert (file.kind, file.mime) == ("audio", "audio/wav")
    assert file.duration_s == pytest.approx(31 / 15, abs=0.01)
    assert outcome.warnings == ()


def test_what_a_voice_cannot_do_is_said(make: Make, server: OpenAIServer, tmp_path: Path):
    arguments = {"prompt": "Hello.", "model": "tts-1", "voice_description": "Old.",
                 "creativity": 1.5, "outputFormat": "mp3"}  # fmt: skip
    outcome = run(make(), tmp_path / "out", "generate_speech", arguments)
    assert "instructions" not in server.calls("/audio/speech")[0].body
    assert outcome.warnings == (
        "tts-1 doesn't support voice descriptions. Ignored.",
        "tts-1 doesn't support creativity. It was ignored.",
        "tts-1 made a WAV file.",
    )


def test_a_picture_is_looked_at(make: Make, server: OpenAIServer, tmp_path: Path):
    media = {"image": (drawn(tmp_path / "a.png", (2000, 1000)),)}
    provider = make(prices={"gpt-4o-mini": {"input": 1000, "output": 2000}})
    outcome = run(provider, tmp_path / "out", "analyze_image", {"prompt": "Who?"}, media=media)
    assert outcome.values["text"] == "You said: Who? I see 1536 by 768 pixels."
    assert outcome.actual_milli == 980


def test_a_chat_answers_words(server: OpenAIServer, make: Make):
    client = OpenAIClient("openai", make().endpoint, lambda: None)
    messages = [{"role": "user", "content": "Hello"}]
    answer = chat(client, model="gpt-4o-mini", messages=messages, temperature=0)
    assert (answer.text, answer.is_cut) == ("You said: Hello", False)
    assert server.calls("/chat/completions")[0].body["temperature"] == 0


@pytest.mark.parametrize(
    "choice",
    [
        {"message": {"content": None, "refusal": "I will not."}, "finish_reason": "stop"},
        {"message": {"content": ""}, "finish_reason": "content_filter"},
    ],
)
def test_a_model_that_will_not_answer_has_refused(
    server: OpenAIServer, make: Make, choice: dict[str, Any]
):
    server.replies["/chat/completions"].append(Reply(body={"id": "1", "choices": [choice]}))
    client = OpenAIClient("openai", make().endpoint, lambda: None)
    with pytest.raises(ProviderRefused):
        chat(client, model="m", messages=[{"role": "user", "content": "x"}])


# -- keys, settings, money -----------------------------------------------------------------------


def test_a_key_is_nowhere_to_be_read(
    make: Make, server: OpenAIServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    provider = make(key="sk-live-0123456789abcdef")
    with pytest.raises(ProviderError) as refused:
        run(provider, tmp_path / "out", "generate_image", FOX)
    assert refused.value.error_type == "PERMISSION_REQUIRED"
    server.key = "sk-live-0123456789abcdef"
    server.replies[PICTURES].append(
        failure(400, "Bad: Bearer sk-live-0123456789abcdef, sk-l***cdef")
    )
    with pytest.raises(ProviderError) as quoted:
        run(provider, tmp_path / "out", "generate_image", FOX)
    run(provider, tmp_path / "out", "generate_image", FOX)
    seen = [caplog.text, repr(provider), repr(provider.endpoint), str(vars(provider))]
    for error in (refused.value, quoted.value):
        seen += [error.message, str(error), repr(error), repr(vars(error))]
    assert not any("0123456789abcdef" in text or "cdef" in text for text in seen)
    with pytest.raises(Misconfigured) as wrong:
        configured("openai", {"base_url": "https://x.org", "api_key": "sk-live-0123456789abcdef"})
    assert "0123456789" not in str(wrong.value)


def test_a_service_that_honours_keys_gets_one_and_is_asked_again_for_nothing(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    server.honours_keys = True
    provider = make(idempotency_key=True)
    assert (provider.submit, make().submit) == ("idempotent", "blind")
    for name in ("one", "two"):
        run(provider, tmp_path / name, "generate_image", FOX, key="wf:a:1")
    keys = [asked.headers["idempotency-key"] for asked in server.calls(PICTURES)]
    assert keys == ["wf:a:1:0", "wf:a:1:0"]
    assert len(server.repeated) == 1


def test_several_pictures_are_one_call_that_costs_by_tokens_or_by_results(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    tokens = make(prices={"gpt-image-1": {"input": 10, "output": 40}})
    arguments = {**FOX, "numberOfVariations": 2}
    outcome = run(tokens, tmp_path / "a", "generate_image", arguments)
    assert len({file.path for file in outcome.files}) == 2
    assert [asked.body["n"] for asked in server.calls(PICTURES)] == [2]
    assert outcome.actual_milli == round(1000 * (50 * 10 + 2000 * 40) / 1e6)
    each = make(prices={"gpt-image-1": {"each": 1.5}})
    assert run(each, tmp_path / "b", "generate_image", arguments).actual_milli == 3000
    assert each.price("generate_image", arguments) == 3000
    assert tokens.price("generate_image", arguments) is None


def test_a_model_it_does_not_offer_is_made_by_its_usual_one_and_said(
    make: Make, server: OpenAIServer, tmp_path: Path
):
    arguments = {"prompt": "x", "model": "z-turbo"}
    outcome = run(make(), tmp_path / "out", "generate_image", arguments)
    assert server.calls(PICTURES)[0].body["model"] == "gpt-image-1"
    assert outcome.warnings == ("OpenAI doesn't offer z-turbo, so gpt-image-1 was used.",)


def test_it_offers_what_it_lists_models_for(make: Make):
    assert make().tools() == {
        "generate_image", "edit_image", "generate_speech", "analyze_image", "generate_video",
        "animate_photo",
    }  # fmt: skip
    only = configured("voices", {"base_url": "http://127.0.0.1:1/v1", "speech": ["kokoro"]})
    assert only.tools() == {"generate_speech"}
    assert only.models("generate_speech") == ("kokoro",)
    usual = configured("openai", {"key": "sk-x"})
    assert "gpt-image-2" in usual.models("generate_image")
    assert usual.models("generate_video") == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base_url": "https://x.org/v1"}, "lists no models"),
        ({"base_url": "x.org"}, "base_url: write it like"),
        ({"base_url": "https://me:secret@x.org"}, "without a name"),
        ({"base_url": "https://x.org", "image": ["a"]}, "image: unknown setting"),
        ({"images": "gpt"}, "images"),
        ({"images": ["a"], "timeout_s": 0}, "timeout_s"),
        ({"images": ["a"], "extra_parameters": ["steps"]}, "steps: there are"),
        ({"images": ["a"], "prices": {"a": {"per": 1}}}, "prices.a.per"),
    ],
)
def test_wrong_settings_are_refused_by_name(options: dict[str, Any], words: str):
    with pytest.raises(Misconfigured, match=words):
        configured("openai", options)


def test_doubtful_settings_are_told(make: Make):
    assert make().problems() == ()
    assert "no key" in configured("openai", {}).problems()[0]
    remote = configured("x", {"base_url": "http://ai.example.org", "key": "k", "images": ["a"],
                              "prices": {"b": {"each": 1}}})  # fmt: skip
    assert [problem.partition(" ")[0] for problem in remote.problems()] == ["its", "it"]


def test_a_visit_says_what_a_service_lacks(make: Make, server: OpenAIServer):
    [found] = make(
        images=["gpt-image-1", "gpt-9"], edits=[], speech=["tts-1"], chat=[], videos=[]
    ).visits()
    assert (found.is_away, found.says) == (False, "127.0.0.1 answers, with 4 models")
    assert found.problems == ("it doesn't have gpt-9",)
    server.replies["/models"].append(failure(404, "No such route."))
    [bare] = make().visits()
    assert (bare.is_away, bare.says, bare.problems) == (False, "127.0.0.1 answers", ())
    [refused] = make(key="sk-wrong-0123456789").visits()
    assert "rejected this server's API key" in refused.problems[0]
    [away] = make(base_url="http://127.0.0.1:9/v1").visits()
    assert away.is_away
    assert "refused the connection" in away.says


def test_certificates_of_the_operators_own_must_be_there():
    with pytest.raises(Misconfigured, match=r"ca_file: .*none\.pem has no readable certificates"):
        configured("openai", {"key": "sk-x", "ca_file": "none.pem"})
