"""Services and the choice between them are read from the environment and a TOML file."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr

from builder.ops.provider_settings import (
    comfyui_service,
    compose_service,
    openai_service,
    read_choice,
    read_file,
)

SECRET = "sk-0123456789"


def test_a_choice_is_read():
    assert read_choice("") == {}
    assert read_choice(" generate_image = openai, generate_image:flux2=comfyui ,*=studio,") == {
        "generate_image": "openai",
        "generate_image:flux2": "comfyui",
        "*": "studio",
    }


@pytest.mark.parametrize("text", ["openai", "=openai", "generate_image=", "generate_image:=openai"])
def test_a_choice_that_says_half_is_refused(text: str):
    with pytest.raises(ImproperlyConfigured, match=r"tool=provider, tool:model=provider"):
        read_choice(text)


def test_no_key_and_no_address_is_no_service():
    assert openai_service(key="", base_url="", models={"images": ["a"]}) == {}


def test_a_service_of_the_environment_holds_only_what_is_given():
    service = openai_service(key=SECRET, base_url="", models={"images": ["a", "b"], "chat": []})
    assert service == {"openai": {"kind": "openai", "key": SecretStr(SECRET), "images": ["a", "b"]}}
    assert SECRET not in repr(service)


def test_services_of_a_file_keep_their_keys_to_themselves(tmp_path: Path):
    (tmp_path / "voices.key").write_text(f"{SECRET}\n")
    path = tmp_path / "providers.toml"
    path.write_text(
        f'[art]\nkind = "openai"\nkey = "{SECRET}"\n'
        '[voices]\nkind = "openai"\nkey_file = "voices.key"\nspeech = ["kokoro"]\n'
    )
    services = read_file(str(path))
    assert services["art"]["key"].get_secret_value() == SECRET
    assert services["voices"]["key"].get_secret_value() == SECRET
    assert services["voices"]["speech"] == ["kokoro"]
    assert SECRET not in repr(services)
    assert read_file("") == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'[art]\nkey = "{SECRET}\n', "is not TOML: at line"),
        ('[Art]\nkind = "openai"', r"has \[Art\]: call a service by small letters"),
        ('[studio]\nkind = "openai"', r"has \[studio\]"),
        ("[art]\nimages = []", r"has \[art\] without a kind"),
        ('art = "openai"', r"has \[art\] without a kind"),
        ('[art]\nkind = "openai"\nkey_file = "none"', r"key_file of \[art\] can't be read"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, words: str):
    path = tmp_path / "providers.toml"
    path.write_text(text)
    with pytest.raises(ImproperlyConfigured, match=words) as refused:
        read_file(str(path))
    assert SECRET not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(ImproperlyConfigured, match="can't be read: No such file"):
        read_file(str(tmp_path / "none.toml"))


def test_a_comfyui_service_holds_only_what_is_given():
    assert comfyui_service(url=[], key="k", graphs="g", ca_file="c") == {}
    assert comfyui_service(url=["http://gpu:8188"], key="", graphs="", ca_file="") == {
        "comfyui": {"kind": "comfyui", "urls": ["http://gpu:8188"]}
    }
    whole = comfyui_service(url=["http://a", "http://b"], key="s3cret", graphs="mine", ca_file="c")
    assert whole["comfyui"]["key"].get_secret_value() == "s3cret"
    assert "s3cret" not in repr(whole)


def test_headers_of_a_file_are_secrets_too(tmp_path: Path):
    path = tmp_path / "services.toml"
    path.write_text('[gpu]\nkind = "comfyui"\nurl = "http://gpu"\nheaders = { X-Key = "s3cret" }\n')
    read = read_file(str(path))
    assert read["gpu"]["headers"]["X-Key"] == SecretStr("s3cret")
    assert "s3cret" not in repr(read)


NO_MODEL = {"url": "", "key": "", "model": "", "ca_file": ""}


def test_no_language_model_is_configured_by_nothing():
    assert compose_service(**NO_MODEL) == {}


def test_a_language_model_keeps_its_key_to_itself():
    service = compose_service(**NO_MODEL | {"key": SECRET, "model": "gpt-4o-mini"})
    assert service["language-model"] == {
        "kind": "language-model",
        "model": "gpt-4o-mini",
        "key": SecretStr(SECRET),
    }
    assert SECRET not in repr(service)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"url": "http://127.0.0.1:11434/v1"},
            "COMPOSE_URL is set without REELGRAPH_COMPOSE_MODEL",
        ),
        ({"key": SECRET}, "COMPOSE_KEY is set without REELGRAPH_COMPOSE_MODEL"),
        ({"ca_file": "ca.pem"}, "COMPOSE_CA_FILE is set without REELGRAPH_COMPOSE_MODEL"),
        ({"model": "qwen3:8b"}, "COMPOSE_MODEL is set without REELGRAPH_COMPOSE_URL"),
    ],
)
def test_half_of_a_language_model_is_refused(given: dict[str, str], words: str):
    with pytest.raises(ImproperlyConfigured, match=words) as caught:
        compose_service(**NO_MODEL | given)
    assert SECRET not in str(caught.value)
