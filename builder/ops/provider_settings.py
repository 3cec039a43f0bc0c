"""The operator's providers, as written down: services, and the choice between them.

Only shapes are read here. What an entry of a kind may say is checked by that kind's folder in
`tools/providers/`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr

from builder.ops.environment import listed, text_of
from tools.declaration.service_names import NAME_RULE, can_be_called

# Beside the key. A kind isn't asked here, as its module needs these settings; it makes secret what
# else its form seals.
_SECRETS = frozenset({"webhook_secret", "account_key"})


def services_of_environment() -> dict[str, dict[str, Any]]:
    """The services that variables of their own configure, as an entry of PROVIDERS each."""
    openai = openai_service(
        key=text_of("REELGRAPH_OPENAI_API_KEY"),
        webhook_secret=text_of("REELGRAPH_OPENAI_WEBHOOK_SECRET"),
        base_url=text_of("REELGRAPH_OPENAI_BASE_URL"),
        models={
            "images": listed("REELGRAPH_OPENAI_IMAGE_MODELS"),
            "edits": listed("REELGRAPH_OPENAI_EDIT_MODELS"),
            "speech": listed("REELGRAPH_OPENAI_SPEECH_MODELS"),
            "chat": listed("REELGRAPH_OPENAI_CHAT_MODELS"),
            "videos": listed("REELGRAPH_OPENAI_VIDEO_MODELS"),
        },
    )
    comfyui = comfyui_service(
        url=listed("REELGRAPH_COMFYUI_URL"),
        key=text_of("REELGRAPH_COMFYUI_API_KEY"),
        account_key=text_of("REELGRAPH_COMFYUI_ACCOUNT_KEY"),
        graphs=text_of("REELGRAPH_COMFYUI_GRAPHS"),
        ca_file=text_of("REELGRAPH_COMFYUI_CA_FILE"),
    )
    return (
        openai
        | comfyui
        | compose_service(
            url=text_of("REELGRAPH_COMPOSE_URL"),
            key=text_of("REELGRAPH_COMPOSE_KEY"),
            model=text_of("REELGRAPH_COMPOSE_MODEL"),
            ca_file=text_of("REELGRAPH_COMPOSE_CA_FILE"),
        )
    )


def read_choice(text: str) -> dict[str, str]:
    """`generate_image=openai, generate_image:flux2=comfyui, *=studio`, by the left sides."""
    choice: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        what, equals, provider = (word.strip() for word in part.partition("="))
        tool, colon, model = what.partition(":")
        if not (equals and tool and provider) or (colon and not model):
            raise ImproperlyConfigured(
                f"REELGRAPH_PROVIDERS has {part}: write tool=provider, tool:model=provider or"
                " *=provider, separated by commas."
            )
        choice[what] = provider
    return choice


def read_file(name: str) -> dict[str, dict[str, Any]]:
    """The services of a TOML file: a table each, by name, with `kind` and what that kind takes.
    No file name: none.

    `key` and what is in _SECRETS become secret; `key_file` names a file that holds the key,
    relative to this one.
    """
    if not name:
        return {}
    path = Path(name)
    where = f"REELGRAPH_PROVIDERS_FILE={path}"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{where} can't be read: {problem.strerror}. Correct the path; to restore a backup,"
            " which brings the file, leave the variable out."
        ) from problem
    except ValueError as problem:
        # Without the line itself: it may hold a key.
        raise ImproperlyConfigured(f"{where} is not TOML: {_place(problem)}.") from None
    services = {}
    for service, options in document.items():
        if not can_be_called(service):
            raise ImproperlyConfigured(f"{where} has [{service}]: {NAME_RULE}")
        if not isinstance(options, dict) or not isinstance(options.get("kind"), str):
            raise ImproperlyConfigured(
                f'{where} has [{service}] without a kind: write one, such as kind = "openai".'
            )
        services[service] = _with_key(where, service, options, path.parent)
    return services


def openai_service(
    *, key: str, base_url: str, models: Mapping[str, list[str]], webhook_secret: str = ""
) -> dict[str, dict[str, Any]]:
    """The one OpenAI-compatible service that needs no file, if a key or an address is given.

    models: by what they do, as in the file; what has none is left to the service's kind.
    """
    if not (key or base_url):
        return {}
    service: dict[str, Any] = {"kind": "openai"}
    service |= {"key": SecretStr(key)} if key else {}
    service |= {"base_url": base_url} if base_url else {}
    service |= {"webhook_secret": SecretStr(webhook_secret)} if webhook_secret else {}
    service |= {what: names for what, names in models.items() if names}
    return {"openai": service}


def comfyui_service(
    *, url: list[str], key: str, graphs: str, ca_file: str, account_key: str = ""
) -> dict[str, dict[str, Any]]:
    """The one ComfyUI service that needs no file, if an address is given.

    url: of one server, or of several equal ones.
    """
    if not url:
        return {}
    service: dict[str, Any] = {"kind": "comfyui", "urls": url}
    service |= {"key": SecretStr(key)} if key else {}
    service |= {"account_key": SecretStr(account_key)} if account_key else {}
    service |= {"graphs": graphs} if graphs else {}
    service |= {"ca_file": ca_file} if ca_file else {}
    return {"comfyui": service}


def compose_service(*, url: str, key: str, model: str, ca_file: str) -> dict[str, dict[str, Any]]:
    """The language model that drafts are made with, if one is named; else nothing."""
    if not model and (url or key or ca_file):
        name = "URL" if url else "KEY" if key else "CA_FILE"
        raise ImproperlyConfigured(
            f"REELGRAPH_COMPOSE_{name} is set without REELGRAPH_COMPOSE_MODEL: name a model of"
            f" that service, or remove REELGRAPH_COMPOSE_{name}."
        )
    if model and not (url or key):
        raise ImproperlyConfigured(
            "REELGRAPH_COMPOSE_MODEL is set without REELGRAPH_COMPOSE_URL: write the address of the"
            " service that has it, such as http://127.0.0.1:11434/v1. With REELGRAPH_COMPOSE_KEY"
            " alone it is OpenAI."
        )
    if not model:
        return {}
    service: dict[str, Any] = {"kind": "language-model", "model": model}
    service |= {"base_url": url} if url else {}
    service |= {"key": SecretStr(key)} if key else {}
    service |= {"ca_file": ca_file} if ca_file else {}
    return {"language-model": service}


def _with_key(where: str, service: str, options: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    entry = dict(options)
    key, key_file = entry.pop("key", None), entry.pop("key_file", None)
    if key_file is not None:
        try:
            key = (folder / str(key_file)).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as problem:
            raise ImproperlyConfigured(
                f"{where}: the key_file of [{service}] can't be read."
            ) from problem
    if key is not None:
        entry["key"] = SecretStr(str(key))
    for name in _SECRETS & entry.keys():
        entry[name] = SecretStr(str(entry[name]))
    if isinstance(entry.get("headers"), dict):
        entry["headers"] = {name: SecretStr(str(text)) for name, text in entry["headers"].items()}
    return entry


def _place(problem: ValueError) -> str:
    match = re.search(r"\((at [^()]*)\)$", str(problem))
    return match[1] if match else "it can't be decoded"
