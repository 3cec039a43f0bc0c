"""Any kind's table may say which workers do its work, and how much of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tools import registry

OPENAI = {"kind": "openai", "base_url": "http://127.0.0.1:9/v1", "images": ["a"]}
COMFYUI = {"kind": "comfyui", "url": "http://127.0.0.1:9"}


@pytest.fixture(autouse=True)
def _rebuilt(settings: Any) -> Iterator[None]:
    yield
    settings.PROVIDERS = {}
    registry.rebuild()


@pytest.mark.parametrize("table", [OPENAI, COMFYUI])
def test_every_kind_takes_a_label_and_limits(settings: Any, table: dict[str, Any]) -> None:
    common = {"label": "gpu", "at_once": 4, "per_minute": 30, "person_share": 0.5}
    settings.PROVIDERS = {"basement": {**table, **common}}
    registry.rebuild()
    assert registry.problems() == []
    provider = registry.provider_named("basement")
    assert provider is not None
    assert registry.label_of(provider) == "gpu"
    assert (provider.at_once, provider.per_minute, provider.person_share) == (4, 30, 0.5)
    studio = registry.provider_named("studio")
    assert studio is not None
    assert (studio.at_once, studio.label) == (None, "")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"at_once": 0}, "at_once must be a whole number from 1 to 100000."),
        ({"at_once": True}, "at_once must be a whole number from 1 to 100000."),
        ({"per_minute": 2.5}, "per_minute must be a whole number from 1 to 100000."),
        ({"per_minute": "30"}, "per_minute must be a whole number from 1 to 100000."),
        ({"person_share": 0}, "person_share must be above 0 and at most 1, such as 0.5."),
        ({"person_share": float("nan")}, "person_share must be above 0 and at most 1"),
        ({"label": "GPU 1"}, "label: a label is small letters, digits and hyphens"),
    ],
)
def test_a_wrong_option_is_named_with_the_remedy(
    settings: Any, wrong: dict[str, Any], says: str
) -> None:
    settings.PROVIDERS = {"basement": {**OPENAI, **wrong}}
    registry.rebuild()
    [problem] = registry.problems()
    assert problem.startswith(f"basement: {says}")
